"""Other processes: what is sent to them, and how they find Python's packages."""
