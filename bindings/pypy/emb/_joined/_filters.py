"""One set of warning filters: what a program or a library sets in its `warnings` counts for both sides.

Each side decides about its own warnings, by its own `warnings`.  What can be set there (the filters,
and the functions that show a warning) is kept the same on both: the side that changes something tells
the other, once, that it has fallen behind, and the other fetches it when it is to be read.  So
`catch_warnings` on either side gets all that is warned of within it, and restores what was there.
"""

import builtins
import os

from .._callables._frames import host_counts
from .._errors._warned import warn
from .._interpreter import _session
from .._interpreter._code import Part
from .._proxies._handle import Handle

# Runs on both sides, each of which is given two functions of the other one's.
_BOTH = '''
import importlib, re, types, warnings

PATTERN = type(re.compile(""))
NAMES = ("showwarning", "formatwarning", "_showwarnmsg_impl")
own = vars(warnings)
originals = {name: own[name] for name in NAMES}
ahead = False  # whether the other side has been told that it has fallen behind
behind = False  # whether this one has

def catch_up():
    "Before something is read here."
    global behind
    if behind:
        behind = False
        filters, *functions = others_state()
        list.__setitem__(own["filters"], slice(None), [whole(one) for one in filters])
        for name, function in zip(NAMES, functions):
            own[name] = originals[name] if function is None else received(name, function)

def changing():
    "Before something is changed here."
    global ahead
    catch_up()
    if not ahead and type(warnings) is Warnings:
        ahead = True
        others_fall_behind()

def fall_behind():
    "The other side is to change something."
    global ahead, behind
    ahead, behind = False, True
    warnings._filters_mutated()  # what was warned of before may be warned of again

def state():
    "For the other side, which catches up."
    global ahead
    ahead = False
    filters = tuple([in_parts(one) for one in own["filters"] if one not in elsewhere])
    return (filters, *[None if own[name] is originals[name] else sent(own[name]) for name in NAMES])

def in_parts(one):
    action, message, category, module, line = one
    return action, parts(message), category, parts(module), line

def parts(pattern):
    return (pattern.pattern, int(pattern.flags)) if type(pattern) is PATTERN else pattern

def whole(one):
    action, message, category, module, line = one
    return action, compiled(message), category, compiled(module), line

def compiled(parts):
    return re.compile(*parts) if type(parts) is tuple else parts

def sent(function):
    if own["_showwarnmsg_impl"] is not function:
        return function
    return getattr(function, "others", None) or Shows(function)

def received(name, function):
    if name != "_showwarnmsg_impl":
        return function
    return function.function if type(function) is Shows else shown_by(function)

class Shows:
    "What shows a warning here, as the other side calls it: a message is of a class of either side."
    __name__ = "show"
    def __init__(self, function):
        self.function = function
    def __call__(self, *details):
        self.function(warnings.WarningMessage(*details))

def shown_by(others):
    "What shows a warning on the other side, as this one calls it."
    def show(one):
        others(one.message, one.category, one.filename, one.lineno, one.file, one.line)
    show.others = others
    return show

class Filters(list):
    "A list of filters that tells before it is changed."
    def __reduce_ex__(self, protocol):
        return list, (list(self),)

def telling(method):
    def change(self, *args, **kwargs):
        changing()
        return method(self, *args, **kwargs)
    return change

for name in (
    "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort",
    "__delitem__", "__iadd__", "__imul__", "__setitem__",
):
    setattr(Filters, name, telling(getattr(list, name)))

class Warnings(types.ModuleType):
    "The class of the module."
    __module__ = "builtins"
    def __reduce_ex__(self, protocol):
        return importlib.import_module, (self.__name__,)

def shared(name):
    def get(self):
        catch_up()
        value = own[name]
        if name == "filters" and tuple(value[:len(elsewhere)]) != elsewhere:
            list.__setitem__(value, slice(0, 0), elsewhere)
        return value
    def set(self, value):
        changing()
        own[name] = Filters(value) if name == "filters" and type(value) is not Filters else value
    return property(get, set)

for name in ("filters", *NAMES):
    setattr(Warnings, name, shared(name))

def join():
    own["filters"] = Filters(own["filters"])
    warnings.__class__ = Warnings

def part():
    catch_up()
    warnings.__class__ = types.ModuleType
'''

_THERE = (
    _BOTH
    + '''
import builtins, sys

# What is warned of in a caller beyond the end of the stack, or in what calls the host's methods, is the
# host's: it decides, each time, by the line.  Most of what is warned of again and again, such as numpy's
# overflows, comes as a text, of which the host makes no more than it needs to know it again.
beyond = "sys" if sys.version_info < (3, 12) else "<sys>"
elsewhere = tuple(("always", None, Warning, module, 0) for module in (beyond, "emb"))
show_own = warnings._showwarnmsg

builtin = {one for one in vars(builtins).values() if type(one) is type and issubclass(one, Warning)}
frame_at = sys._getframe  # Python's own still, see _frames

def show(one):
    # What C code warns of that a method of the host has called seems to come from what calls that.
    back = 0 if one.filename in (beyond, show.__code__.co_filename) else frames_of_the_host(one)
    message, category = one.message, one.category
    if back is None:
        show_own(one)
    elif not are_ignored(str(message), category):
        text = message.args[0] if len(message.args) == 1 else None
        if type(text) is str and type(message) is category and category in builtin and not vars(message):
            warn_of_text(text, category.__name__, back)
        else:
            warn_caller(message, category, back)

def frames_of_the_host(one):
    "How far back the host's stack is warned of, where that seems to be what has called a function of the host."
    counts = host_counts()
    if not counts:
        return None
    frame, place = frame_at(0), 0
    while frame is not None and (frame.f_code.co_filename, frame.f_lineno) != (one.filename, one.lineno):
        frame, place = frame.f_back, place + 1
    if frame is None or place < counts[0]:
        return None
    seen = frame.f_globals.get("__warningregistry__", {})
    for line in (0, one.lineno):
        seen.pop((str(one.message), one.category, line), None)  # the host decides the next time, too
    return place - counts[0]

def are_ignored(text, category):
    "Whether such warnings are, wherever they come from."
    for one in own["filters"]:
        action, message, kind, module, line = one
        if one not in elsewhere and issubclass(category, kind) and (message is None or message.match(text)):
            return action == "ignore" and module is None and not line

def begin():
    global behind
    before = list(own["filters"])
    join()
    behind = True
    for one in reversed(before):
        if one not in warnings.filters:
            warnings.filters.insert(0, one)  # of a library that was imported before
    warnings._showwarnmsg = show
'''
)


_here = {"elsewhere": (), "__name__": "emb"}
_python = Part(
    _THERE,
    lambda: {
        "others_state": lambda: _here["state"](),
        "others_fall_behind": lambda: _here["fall_behind"](),
        "warn_caller": warn,
        "warn_of_text": lambda text, name, back: warn(text, getattr(builtins, name), back),
        "host_counts": host_counts,
    },
)


def join():
    """From now on."""
    exec(compile(_BOTH, os.path.join(os.path.dirname(__file__), "<filters>"), "exec"), _here)
    _here["others_state"] = lambda: _python("state")()
    _here["others_fall_behind"] = lambda: _python("fall_behind")()
    _here["join"]()
    _python("begin")()
    _session.before_shutdown(_part)


def _part():
    """What Python shows, nobody shows when it has ended."""
    _here["part"]()
    _python("part")()
    for name, original in _here["originals"].items():
        function = _here["own"][name]
        if isinstance(getattr(function, "others", function), Handle):
            _here["own"][name] = original
