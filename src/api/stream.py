# A text stream whose text goes to a function of the host, as UTF-8.
import io


class HostStream(io.TextIOBase):
    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, write):
        self._write = write

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("write() takes a str, not %s" % type(text).__name__)
        if text:
            self._write(text.encode("utf-8", "backslashreplace"))
        return len(text)
