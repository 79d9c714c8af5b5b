# Sees to it that packages are there: in this Python, or in an environment that is made for
# them in the user's cache, once, and found again. Run by the interpreter that was found, or
# inside the Python that runs already.
import hashlib
import json
import os
import shutil
import subprocess
import sys

READY = 'emb-ready'  # in an environment: it is complete


class Failed(Exception):
    def __init__(self, outcome, message):
        super().__init__(message)
        self.outcome = outcome


# --- what is there already


def parser():
    # Whoever installs packages has this with it; without, nothing is known to be there.
    for name in ('packaging', 'pip._vendor.packaging', 'setuptools._vendor.packaging'):
        try:
            return __import__(name + '.requirements', fromlist=['Requirement']).Requirement
        except ImportError:
            pass
    return None


def is_there(requirement, parse, extra='', depth=0):
    from importlib import metadata

    if requirement.marker is not None and not requirement.marker.evaluate({'extra': extra}):
        return True
    if requirement.url:
        return False
    try:
        found = metadata.distribution(requirement.name)
    except metadata.PackageNotFoundError:
        return False
    if not requirement.specifier.contains(found.version, prereleases=True):
        return False
    return depth > 8 or all(
        is_there(parse(one), parse, each, depth + 1)
        for each in requirement.extras
        for one in found.requires or ()
        if 'extra' in one
    )


def all_there(requirements):
    parse = parser()
    if parse is None:
        return False
    found = True
    for one in requirements:
        try:
            found = is_there(parse(one), parse) and found
        except ValueError as error:
            why = str(error).split('\n')[0]
            raise Failed('invalid', '%r is no requirement such as "numpy>=2": %s' % (one, why))
    return found


# --- the environment


def cache():
    named = os.environ.get('EMB_CACHE')
    if named:
        return os.path.abspath(named)
    base = os.environ.get('XDG_CACHE_HOME') or os.path.join(os.path.expanduser('~'), '.cache')
    return os.path.join(os.path.abspath(base), 'emb')


def base_python():
    # What a venv was made from; the interpreter itself where it is none.
    base = getattr(sys, '_base_executable', None) or sys.executable
    if sys.prefix != sys.base_prefix and base == sys.executable:
        names = ['python%d.%d' % sys.version_info[:2], 'python3']
        places = [os.path.join(sys.base_prefix, 'bin', name) for name in names]
        base = next(filter(os.path.exists, places), os.path.realpath(sys.executable))
    return base


def folder_for(requirements):
    python = '%s-%d.%d%s' % (sys.implementation.name, *sys.version_info[:2], sys.abiflags)
    key = json.dumps([sorted(requirements), python, os.path.realpath(sys.base_prefix)])
    digest = hashlib.sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()
    return os.path.join(cache(), '%s-%s' % (python, digest[:16]))


def python_of(folder):
    return os.path.join(folder, 'bin', 'python')


def is_ready(folder):
    # The link of its python leads nowhere once the Python that it was made from is gone.
    return os.path.exists(os.path.join(folder, READY)) and os.path.exists(python_of(folder))


class Lock:
    """One process makes an environment; others wait, and find it."""

    def __init__(self, folder, say):
        self.path, self.say = folder + '.lock', say

    def __enter__(self):
        import fcntl

        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        self.file = open(self.path, 'w')
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.say('another process is making this environment: waiting for it')
            fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *error):
        self.file.close()


def find_uv():
    try:
        from uv import find_uv_bin

        return find_uv_bin()
    except Exception:
        return shutil.which('uv')


def has_pip(python):
    return not subprocess.call(
        [python, '-c', 'import pip'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def commands(folder, requirements):
    # What to run, in this order, to have the packages in an environment.
    base, uv = base_python(), find_uv()
    if uv:
        yield [uv, 'venv', '--quiet', '--no-project', '--python', base, folder]
        yield [uv, 'pip', 'install', '--python', python_of(folder)] + requirements
    elif has_pip(base):
        # Without ensurepip, which Debian has in a package of its own.
        yield [base, '-m', 'venv', '--without-pip', folder]
        pip = [base, '-m', 'pip', '--python', python_of(folder)]
        yield pip + ['install', '--disable-pip-version-check'] + requirements
    else:
        yield [base, '-m', 'venv', folder]
        pip = [python_of(folder), '-m', 'pip']
        yield pip + ['install', '--disable-pip-version-check'] + requirements


def run(command, say):
    # Python's own settings would lead the tools to other packages than the environment's.
    environment = {k: v for k, v in os.environ.items() if not k.startswith('PYTHON')}
    environment.pop('VIRTUAL_ENV', None)
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    words = []
    try:
        for line in process.stdout:
            line = line.decode('utf-8', 'replace').rstrip()
            words.append(line)
            say(line)
        status = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if status:
        last = '\n  '.join(line[:300] for line in words[-12:])
        raise Failed('unsatisfied', '%s failed:\n  %s' % (command[0], last))


def make(folder, requirements, say):
    shutil.rmtree(folder, ignore_errors=True)  # what was left half-made, or lost its Python
    try:
        for command in commands(folder, requirements):
            run(command, say)
        with open(os.path.join(folder, READY), 'w') as file:
            file.write('\n'.join(requirements) + '\n')
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def environment(requirements, say):
    folder = folder_for(requirements)
    if not is_ready(folder):
        with Lock(folder, say):
            if not is_ready(folder):
                version = '.'.join(map(str, sys.version_info[:3]))
                say('getting %s for Python %s' % (', '.join(requirements), version))
                make(folder, requirements, say)
    return folder


# --- for the Python that runs already


def use(folder):
    import importlib
    import site

    version = 'python%d.%d%s' % (*sys.version_info[:2], 't' if 't' in sys.abiflags else '')
    packages = os.path.join(folder, 'lib', version, 'site-packages')
    refuse_mixture(packages)
    before = list(sys.path)
    site.addsitedir(packages)
    added = [one for one in sys.path if one not in before]
    sys.path[:] = added + before
    importlib.invalidate_caches()


def refuse_mixture(packages):
    # A module that is imported stays, whatever stands before it on the path from now on.
    from importlib import metadata

    for each in metadata.distributions(path=[packages]):
        names = {path.parts[0] for path in each.files or () if path.name == '__init__.py'}
        for name in names & sys.modules.keys():
            file = getattr(sys.modules[name], '__file__', None) or ''
            if file and not file.startswith(packages + os.sep):
                version = getattr(sys.modules[name], '__version__', 'another version')
                if version != each.version:
                    raise Failed(
                        'conflict',
                        '%s %s was imported from %s before, and %s is wanted now: call '
                        'emb_require before anything is imported'
                        % (name, version, os.path.dirname(file), each.version),
                    )


# --- the answer


def outcome_of(requirements, quiet, running):
    def say(line):
        if line and not quiet:
            try:
                os.write(2, ('emb: %s\n' % line).encode('utf-8', 'replace'))
            except OSError:
                pass  # nobody to tell

    try:
        if all_there(requirements):
            return 'there', None, ''
        folder = environment(requirements, say)
        if running:
            use(folder)
        return 'made', folder, ''
    except Failed as error:
        return error.outcome, None, str(error)
    except OSError as error:
        why = 'the environment cannot be made: %s; EMB_CACHE can name a folder for it' % error
        return 'unsatisfied', None, why
    except KeyboardInterrupt:
        if running:
            raise
        return 'unsatisfied', None, 'interrupted'


def answer(requirements, quiet, running):
    def text(value):
        # Each byte as the character of that number, whatever a path holds.
        return None if value is None else os.fsencode(value).decode('latin-1')

    outcome, folder, message = outcome_of(requirements, quiet, running)
    return json.dumps({'outcome': outcome, 'folder': text(folder), 'message': message})


if __name__ == '__main__':
    sys.path[:] = [entry for entry in sys.path if entry != '']
    mark = 'libemb-probe>'
    os.write(1, ('<%s%s</%s' % (mark, answer(sys.argv[2:], sys.argv[1] == 'quiet', False), mark)).encode())
