"""One logging: what Python's libraries log goes to the handlers of the host's loggers, too.

The levels that the program sets count for the loggers of the same names over there.  A record
crosses as the text that it makes.
"""

from .._interpreter._code import Part

_SOURCE = '''
import logging

call_own_handlers = logging.Logger.callHandlers
format_exception = logging.Formatter().formatException

def effective_level(self):
    while self is not None:
        parent = self.parent
        level = level_of(self.name, self.level, parent.name if parent else None)
        if level:
            return level
        self = parent
    return logging.NOTSET

def call_handlers(self, record):
    last, own = self, list(self.handlers)
    while last.propagate and last.parent:
        last = last.parent
        own += last.handlers
    found = handle(
        self.name, last.name, record.levelno, record.pathname, record.lineno, record.getMessage(),
        record.funcName, record.exc_text or record.exc_info and format_exception(record.exc_info),
    )
    if own or not found:
        call_own_handlers(self, record)

def join():
    logging.Logger.getEffectiveLevel, logging.Logger.callHandlers = effective_level, call_handlers
    forget()

forget = logging.root.manager._clear_cache
'''


def join(logging):
    """From now on; `logging` is the host's module."""
    root = logging.root
    python = Part(_SOURCE, lambda: {"level_of": level_of, "handle": handle})

    def known(name):
        """The host's logger of that name, if there is one."""
        found = root if name == "root" else root.manager.loggerDict.get(name)
        return found if isinstance(found, logging.Logger) else None

    def level_of(name, level, end):
        """That of the first logger below `end` which has one; `level` is Python's for `name`."""
        while name != end:
            logger = known(name)
            level = logger is not None and logger.level or level
            if level or name == "root":
                break
            name = name.rpartition(".")[0] or "root"
        return level

    def handle(name, last, level, path, line, message, function, exception):
        """Gives it to the handlers of the loggers from `name` up to `last`; how many there are."""
        record = logging.LogRecord(name, level, path, line, message, None, None, function)
        record.exc_text = exception
        logger, found = known(name), 0
        if level <= root.manager.disable:
            return 1
        if logger is not None and (logger.disabled or not logger.filter(record)):
            return 1
        while True:
            if logger is not None:
                for one in logger.handlers:
                    found += 1
                    if level >= one.level:
                        one.handle(record)
            if name in (last, "root") or logger is not None and not logger.propagate:
                return found
            name = name.rpartition(".")[0] or "root"
            logger = known(name)

    forget_own = root.manager._clear_cache

    def forget():
        forget_own()
        python("forget")()

    python("join")()
    root.manager._clear_cache = forget
