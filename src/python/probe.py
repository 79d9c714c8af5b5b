# Asked of every candidate interpreter, on its command line. Any Python from 2.6 on
# must be able to read this, so that an old one is told from a broken one.
import sys

# `-c` puts the current folder first: a file of the user must not shadow the library.
sys.path[:] = [entry for entry in sys.path if entry != '']

import os


def text(value):
    # A path may hold any byte. latin-1 gives each byte one character, so that the
    # JSON stays valid and the reader gets the very bytes back.
    if not isinstance(value, bytes):
        encode = getattr(os, 'fsencode', lambda name: name.encode('utf-8'))
        value = encode(value)
    return value.decode('latin-1')


def dump(value):
    # By hand: a minimal installation has no json module, and a script on PYTHONPATH
    # may have taken the name.
    if value is None:
        return 'null'
    if value is True or value is False:
        return value and 'true' or 'false'
    if isinstance(value, int):
        return '%d' % value
    if isinstance(value, dict):
        return '{' + ', '.join([dump(k) + ': ' + dump(value[k]) for k in sorted(value)]) + '}'
    if isinstance(value, (list, tuple)):
        return '[' + ', '.join([dump(item) for item in value]) + ']'
    plain = [c if ' ' <= c <= '~' and c not in '"\\' else '\\u%04x' % ord(c) for c in text(value)]
    return '"' + ''.join(plain) + '"'


def identity():
    version = list(sys.version_info[:3])
    implementation = getattr(sys, 'implementation', None)
    if implementation is not None:
        name, own = implementation.name, list(implementation.version[:3])
    elif hasattr(sys, 'pypy_version_info'):
        name, own = 'pypy', list(sys.pypy_version_info[:3])
    else:
        name, own = 'cpython', version
    return {
        'implementation': name,
        'implementation_version': own,
        'version': version,
        'version_text': sys.version,
    }


def mapped():
    # The library this very process runs on: no guess is better than that.
    found = []
    try:
        maps = open('/proc/self/maps', 'rb')
    except (IOError, OSError):
        return found
    for line in maps:
        fields = line.rstrip(b'\n').split(None, 5)
        path = fields[5] if len(fields) == 6 else b''
        name = path.rsplit(b'/', 1)[-1]
        # libpython3.so only forwards to the library of one version.
        versioned = name.startswith(b'libpython') and name[9:10].isdigit() and b'.so' in name
        if versioned and name != b'libpython3.so' and path not in found:
            found.append(path)
    maps.close()
    return found


def program():
    # The file that runs, whatever wrappers and links have led to it.
    try:
        return os.readlink('/proc/self/exe')
    except (AttributeError, OSError):
        return os.path.realpath(sys.executable or '')


def home_of_venv():
    try:
        with open(os.path.join(sys.prefix, 'pyvenv.cfg'), 'rb') as config:
            lines = config.read().split(b'\n')
    except (IOError, OSError):
        return None
    for line in lines:
        key, _, value = line.partition(b'=')
        if key.strip().lower() == b'home':
            return os.fsdecode(value.strip())
    return None


def base_executable():
    base = getattr(sys, '_base_executable', None)
    if base and (base != sys.executable or sys.prefix == sys.base_prefix):
        return base
    # Up to 3.10 a venv's python gives itself as its own base.
    home = home_of_venv()
    resolved = os.path.realpath(sys.executable or '')
    names = [os.path.basename(resolved), 'python%d.%d' % sys.version_info[:2], 'python3']
    for name in names:
        if home and os.path.exists(os.path.join(home, name)):
            return os.path.join(home, name)
    return resolved


def details():
    try:
        import sysconfig
        variable, stdlib = sysconfig.get_config_var, sysconfig.get_path('stdlib')
        packages = sysconfig.get_path('purelib')
    except Exception:
        # Some minimal installations come without the build's variables.
        variable, stdlib = {}.get, os.path.dirname(os.__file__)
        packages = os.path.join(stdlib, 'site-packages')
    wanted = ['LDLIBRARY', 'INSTSONAME', 'LIBDIR', 'MULTIARCH', 'LIBPL']
    wanted += ['PYTHONFRAMEWORK', 'PYTHONFRAMEWORKPREFIX']
    return {
        'executable': sys.executable or '',
        'base_executable': base_executable(),
        'prefix': sys.prefix,
        'base_prefix': sys.base_prefix,
        'exec_prefix': sys.exec_prefix,
        'stdlib': stdlib,
        'packages': packages,
        'search_path': sys.path,
        'config': dict([(name, variable(name) or None) for name in wanted]),
        'abiflags': getattr(sys, 'abiflags', ''),
        'enable_shared': bool(variable('Py_ENABLE_SHARED')),
        'free_threaded': bool(variable('Py_GIL_DISABLED')),
        'debug_build': hasattr(sys, 'gettotalrefcount'),
        'pointer_bits': sys.maxsize.bit_length() + 1,
        'machine': os.uname()[4],
        'platform': sys.platform,
        'mapped': mapped(),
        'program': program(),
    }


facts = identity()
if facts['implementation'] == 'cpython' and sys.version_info >= (3, 8):
    facts.update(details())
# The marks are put together here, so that a wrapper that echoes its arguments is not
# taken for an answer. Straight to the descriptor: sys.stdout may have been replaced.
answer = '<' + 'libemb-probe>' + dump(facts) + '</' + 'libemb-probe>\n'
os.write(1, answer.encode('ascii'))
