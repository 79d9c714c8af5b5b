# Asked last, for modules that nobody has found: one that is there, but was built for another
# version of Python, is worth a sentence.
import _imp
import os
import sys


class OtherVersions:
    """A finder that finds nothing, and says why where it knows."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if not importing(sys._getframe(1)):
            return None
        package, _, module = name.rpartition(".")
        folders = path if package else sys.path
        for folder in folders or ():
            versions = built_for(folder, module)
            if versions:
                error = ModuleNotFoundError(
                    "No module named %r for this Python, which is %d.%d: in %s it was built for "
                    "%s. Install the package for this Python (%s -m pip install ...), or have "
                    "libemb start the Python that it is for (EMB_PYTHON)"
                    % ((name,) + sys.version_info[:2] + (folder, ", ".join(versions), sys.executable)),
                    name=name,
                )
                error.emb_advice = True
                raise error
        return None


def importing(frame):
    """Whether an import asks, not importlib.util.find_spec, which wants None for an answer."""
    while frame is not None and "importlib" in frame.f_code.co_filename:
        if frame.f_code.co_name == "_find_and_load_unlocked":
            return True
        frame = frame.f_back
    return False


def built_for(folder, module):
    """The Pythons that a folder has an extension module for."""
    own = _imp.extension_suffixes()
    start = module + "."
    found = set()
    try:
        for file in os.listdir(folder or "."):
            if file.startswith(start) and file.endswith(".so") and file[len(module) :] not in own:
                found.add(python_of(file[len(start) : -len(".so")]))
    except (OSError, TypeError, ValueError):
        pass  # a folder that is none; finders of other kinds have paths of their own
    return sorted(found - {None})


def python_of(tag):
    """Python 3.11 of cpython-311-x86_64-linux-gnu, PyPy 3.9 of pypy39-pp73-x86_64-linux-gnu."""
    if tag.startswith("cpython-"):
        digits, _, machine = tag[len("cpython-") :].partition("-")
        return "Python %s.%s (%s)" % (digits[:1], digits[1:], machine)
    if tag.startswith("pypy"):
        digits = tag[len("pypy") :].partition("-")[0]
        return "PyPy %s.%s" % (digits[:1], digits[1:])
    return None


sys.meta_path.append(OtherVersions)
