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
                raise ModuleNotFoundError(
                    "No module named %r for this Python, which is %d.%d: in %s it was built for "
                    "Python %s. Install the package for this Python (%s -m pip install ...), or "
                    "have libemb start the Python that it is for (EMB_PYTHON)"
                    % ((name,) + sys.version_info[:2] + (folder, ", ".join(versions), sys.executable)),
                    name=name,
                )


def importing(frame):
    """Whether an import asks, not importlib.util.find_spec, which wants None for an answer."""
    while frame is not None and "importlib" in frame.f_code.co_filename:
        if frame.f_code.co_name == "_find_and_load_unlocked":
            return True
        frame = frame.f_back
    return False


def built_for(folder, module):
    """The versions that a folder has an extension module for: 3.11 of m.cpython-311-linux.so."""
    own = _imp.extension_suffixes()
    start = module + ".cpython-"
    versions = set()
    try:
        for file in os.listdir(folder or "."):
            if file.startswith(start) and file[len(module) :] not in own:
                tag = file[len(start) :].partition(".")[0]
                digits, _, machine = tag.partition("-")
                version = digits[:1] + "." + digits[1:]
                versions.add("%s (%s)" % (version, machine) if machine else version)
    except (OSError, TypeError, ValueError):
        pass  # a folder that is none; finders of other kinds have paths of their own
    return sorted(versions)


sys.meta_path.append(OtherVersions)
