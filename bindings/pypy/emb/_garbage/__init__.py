"""When Python's objects are released whose proxies the host has dropped."""
