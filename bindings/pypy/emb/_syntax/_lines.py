"""Lines of source that only Python knows: of functions that a library has made by `exec` and put into its
`linecache`, as `inspect.getsource` and tracebacks look for them.
"""

from .._interpreter import _session
from .._interpreter._code import Part

_SOURCE = """
import linecache

def lines(name):
    return tuple(linecache.getlines(name))
"""

_python = Part(_SOURCE)


def join(linecache):
    """From now on; `linecache` is the host's module."""
    own = linecache.updatecache

    def updatecache(filename, module_globals=None):
        found = own(filename, module_globals)
        if found or not _session.running():
            return found
        found = list(_python("lines")(filename))
        if found:
            linecache.cache[filename] = sum(map(len, found)), None, found, filename
        return found

    linecache.updatecache = updatecache
