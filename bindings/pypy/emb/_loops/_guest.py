"""One of Python's event loops in one of the host's.

While one of the host's runs, one of Python's is a guest in it: it runs in the same thread, a step at a
time, when it has something to do.  So libraries find a loop, and what they put there goes on while the
host's coroutines wait.  What one task of the host awaits of Python is awaited in one task of Python's,
its companion, which is also what asks for the current task finds.
"""

import functools
import sys
import weakref

from .._callables import _callbacks
from .._garbage._lifetime import lasting
from .._imports._on_import import Later, when_imported
from .._interpreter import _session
from .._interpreter._code import Part
from .._joined._contexts import copied, own_copy, own_run

asyncio = Later("asyncio")

_SOURCE = '''
import asyncio, collections, contextvars, selectors, sys, threading

of_host_s = contextvars.ContextVar("of_host_s", default=None)  # what knows those of the task of the host's

class Selector(selectors.DefaultSelector):
    "Does not wait where the host's loop does, for both."
    waits = False
    def select(self, timeout=None):
        return super().select(timeout if self.waits else 0)

class Guest(asyncio.SelectorEventLoop):
    """A loop that runs in the host's.

    `soon()` and `later(delay)` make that call `step()`, as it does when there is something to read from
    `fileno()`; `current()` is the companion of the host's current task.
    """
    def __init__(self, soon, later, current):
        self.soon, self.later, self.current = soon, later, current
        self.asked = self.steps = False
        self.alarm, self.ends = None, True  # no guest yet
        super().__init__(Selector())
        self.ends = False

    def fileno(self):
        return self._selector.fileno()

    def is_running(self):
        return not self.ends or super().is_running()

    def call_soon(self, *args, **kwargs):
        handle = super().call_soon(*args, **kwargs)
        self.wake()
        return handle

    def call_at(self, when, *args, **kwargs):
        handle = super().call_at(when, *args, **kwargs)
        self.wake_at(when)
        return handle

    def wake(self):
        if not (self.asked or self.steps or self.ends):
            self.asked = True
            self.soon()

    def wake_at(self, when):
        if not (self.steps or self.ends) and (self.alarm is None or when < self.alarm):
            self.alarm = when
            self.later(max(0, when - self.time()))

    def step(self):
        if self.steps or self.ends:
            return
        self.asked = False
        if self.alarm is not None and self.alarm <= self.time():
            self.alarm = None
        self.run_as_guest(self._run_once)

    def at_once(self, wake):
        "What `wake` makes ready runs before all others, without the host's loop: so runs what is awaited."
        if self.steps or self.ends:
            return wake()
        def run():
            count = len(self._ready)
            wake()
            if len(self._ready) == count + 1:
                handle = self._ready.pop()
                if not handle.cancelled():
                    handle._run()
        self.run_as_guest(run)

    def run_as_guest(self, run):
        loop, hooks = asyncio._get_running_loop(), sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(self._asyncgen_firstiter_hook, self._asyncgen_finalizer_hook)
        asyncio._set_running_loop(self)
        self.steps = True
        try:
            run()
        finally:
            self.steps = False
            asyncio._set_running_loop(loop)
            sys.set_asyncgen_hooks(*hooks)
            if self._ready:
                self.wake()
            elif self._scheduled:
                self.wake_at(self._scheduled[0]._when)

    def end(self):
        "The host's loop is closed: what is left is cancelled, as asyncio.run() does it."
        self.ends = self._selector.waits = True
        tasks = asyncio.all_tasks(self)
        for task in tasks:
            task.cancel()
        self.run_until_complete(asyncio.gather(*tasks, return_exceptions=True) if tasks else asyncio.sleep(0))
        self.run_until_complete(self.shutdown_asyncgens())
        self.close()

class Awaited:
    "Something that the host awaits; what `when_done()` is given is called when it is done."
    error = value = finished = None
    is_done = False
    def __init__(self, awaitable):
        self.awaitable = awaitable

    def result(self):
        if self.error is not None:
            raise self.error
        return self.value

    def when_done(self, finished):
        self.finished = finished

    async def wait(self):
        try:
            self.value = await self.awaitable
        except BaseException as error:
            self.error = error
        self.awaitable, self.is_done = None, True
        if self.finished is not None:
            self.finished()

class Idle(asyncio.Future):
    "What a companion waits for while the host's task does not wait for it: to cancel it cancels that task."
    def __init__(self, companion):
        self.companion = companion
        super().__init__(loop=companion.loop)

    def cancel(self, *args, **kwargs):
        if self.companion.loop.ends:
            return super().cancel(*args, **kwargs)
        self.companion.cancel_host(*args, *kwargs.values())
        return True

    def done(self):
        return super().done() or not self.companion.host_waits()

class Companion:
    """Awaits what a task of the host awaits, which `cancel_host()` cancels; `host_waits()` tells whether
    that waits, and is not about to run; `variables` knows its context variables."""
    def __init__(self, loop, cancel_host, host_waits, variables, task=None):
        self.loop, self.cancel_host, self.host_waits, self.variables = loop, cancel_host, host_waits, variables
        self.things, self.waiter, self.ended = collections.deque(), None, None
        self.task = task
        if task is None:
            loop.at_once(self.begin)

    def begin(self):
        self.task = self.loop.create_task(self.serve())

    def post(self, awaitable):
        "Whether it is done at once; its value, or what to ask for that."
        awaited = Awaited(awaitable)
        self.things.append(awaited)
        self.loop.at_once(self.wake)
        return awaited.is_done, awaited.result() if awaited.is_done else awaited

    def cancel(self, *message):
        self.task.cancel(*message[:sys.version_info >= (3, 9)])

    def end(self, value=None, error=None):
        "The host's task is done."
        self.ended = value, error
        self.wake()

    def wake(self):
        if self.waiter is not None:
            self.waiter, idle = None, self.waiter
            idle.set_result(None)

    async def serve(self):
        of_host_s.set(self.variables)
        while True:
            while not self.things and self.ended is None:
                self.waiter = Idle(self)
                await self.waiter
            if not self.things:
                value, error = self.ended
                if error is not None:
                    raise error
                return value
            await self.things.popleft().wait()

before = threading.local()

def enter(loop):
    "A loop of the host begins to run in this thread: what asks for one finds its guest."
    before.loop = asyncio._get_running_loop()
    asyncio._set_running_loop(loop)

def leave():
    asyncio._set_running_loop(before.loop)

own_current_task = asyncio.current_task

def current_task(loop=None):
    found = own_current_task(loop)
    if found is None:
        guest = loop or asyncio.get_running_loop()
        if type(guest) is Guest and not guest.steps and not guest.ends:
            return guest.current()
    return found

def join():
    asyncio.current_task = asyncio.tasks.current_task = current_task
'''

guest_parts = Part(_SOURCE)
_HAS_MESSAGES = sys.version_info >= (3, 9)  # for tasks that are cancelled
_guests = weakref.WeakKeyDictionary()  # loop of the host -> Python's in it
_companions = weakref.WeakKeyDictionary()  # task of the host -> Python's companion, and its Variables
_entered = set()  # loops of the host which run, and whose guests Python finds


class Variables:
    """The context variables of a task of the host, as they were when that was looked at last."""

    __slots__ = ("_context", "__weakref__")

    __name__ = "variables"
    _emb_signature = "()"

    def __init__(self, context):
        self._context = context
        _callbacks.in_context = in_context

    def look(self):
        self._context = copied()

    def variables(self):
        """A copy, for others."""
        return own_copy(self._context)

    __call__ = variables


def in_context(function):
    """What Python calls in another thread, with the variables of the task of the host that has started that."""
    task = guest_parts("of_host_s").get()
    return function if task is None else functools.partial(own_run, task.variables(), function)


@lasting
def companion_of(loop):
    """Python's companion of the current task."""
    task = asyncio.current_task(loop)
    known = _companions.get(task) if task is not None else None
    if known is None:
        guest, variables = _guest(loop), Variables(copied())
        if task is None:
            return guest_parts("Companion")(guest, lambda *message: None, lambda: True, variables)
        companion = guest_parts("Companion")(guest, *handles_of(task), variables)
        known = _companions[task] = companion, variables
        task.add_done_callback(lambda task: companion.end())
    else:
        known[1].look()
    return known[0]


def handles_of(task):
    """What cancels a task, and what tells whether it waits."""
    weakly = weakref.ref(task)

    def cancel(*message):
        task = weakly()
        if task is not None:
            task.cancel(*message[:_HAS_MESSAGES])

    def waits():
        waiter = getattr(weakly(), "_fut_waiter", None)
        return waiter is not None and not waiter.done()

    return cancel, waits


@lasting
def _guest(loop):
    """Python's loop that runs in the host's."""
    known = _guests.get(loop)
    if known is not None:
        return known
    weakly, timer = weakref.ref(loop), []

    def step():
        _callbacks.stepping = True
        try:
            guest.step()
        finally:
            _callbacks.stepping = False

    def soon():
        weakly().call_soon(step)

    def later(delay):
        if timer:
            timer.pop().cancel()
        timer.append(weakly().call_later(delay, step))

    def current():
        task = asyncio.current_task(weakly())
        return None if task is None else companion_of(weakly()).task

    def close():
        loop = weakly()
        del loop.close
        _guests.pop(loop, None)
        if not loop.is_closed():
            loop.remove_reader(guest.fileno())
        if _session.running():
            guest.end()
        loop.close()

    loop.close = close  # none of C code's can be a host
    guest = guest_parts("Guest")(soon, later, current)
    loop.add_reader(guest.fileno(), step)
    _guests[loop] = guest
    return guest


def _follow_loops(asyncio):
    """From now on Python finds a running loop where the host's runs."""
    own = asyncio.events._set_running_loop

    def _set_running_loop(loop):
        before = asyncio._get_running_loop()
        own(loop)
        if before in _entered:
            _entered.discard(before)
            if _session.running():
                guest_parts("leave")()
        if loop is not None and _session.running():
            _enter(loop)

    asyncio.events._set_running_loop = asyncio._set_running_loop = _set_running_loop
    loop = asyncio._get_running_loop()
    if loop is not None:
        _enter(loop)


def _enter(loop):
    try:
        guest = _guest(loop)
    except (NotImplementedError, AttributeError):
        return  # of another kind than asyncio's: who awaits something there is told
    guest_parts("join")()
    _entered.add(loop)
    guest_parts("enter")(guest)


def accompany(task, companion, context):
    """What a task of the host awaits, this companion awaits; what knows its context variables."""
    variables = Variables(context)
    _companions[task] = companion, variables
    return variables


def _watch():
    if _session.apart():
        when_imported("asyncio", _follow_loops)


_session.after_start(_watch)
