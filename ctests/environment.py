import faulthandler, locale, site, sys, tracemalloc
# What a program on the command line has besides: the folder of the script.
path = [entry for entry in sys.path if entry]
flags = {name: getattr(sys.flags, name) for name in dir(sys.flags) if name[0] != "_" and not callable(getattr(sys.flags, name))}
print(flags, path, sys.prefix, sys.executable, sys.warnoptions)
print(hash("text") if sys.flags.hash_randomization == 0 or "PYTHONHASHSEED" in __import__("os").environ else "")
print(sys.stdout.encoding, sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), locale.getpreferredencoding(False))
print(faulthandler.is_enabled(), tracemalloc.is_tracing(), site.ENABLE_USER_SITE)
