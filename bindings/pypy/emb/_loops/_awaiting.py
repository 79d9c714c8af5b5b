"""`await` across the two Pythons.

What the host awaits of Python runs in a loop of Python's that is a guest in the host's (see _guest).  The
other way, a coroutine of the host that Python awaits is a task of the host's loop, whose companion is the
task that awaits it; or, where no loop of the host runs, it runs as what awaits it, in Python's.
"""

from .._abi._calls import call_method
from .._callables import _callbacks
from .._interpreter._code import Part
from .._interpreter._there import python
from .._joined._contexts import copied, own_copy, own_run
from .._proxies import _protocols, _types
from .._proxies._handle import Owner
from .._proxies._object import Object
from ._guest import accompany, asyncio, companion_of, guest_parts, handles_of, in_context

_SOURCE = '''
import asyncio

class Stepped:
    def __init__(self, step):
        self.step = step

    def __await__(self):
        return steps(self.step)

def of_host(begin, has_loop, start, step):
    """A coroutine that ends when the host's does.

    `begin(companion)` lets it run in the loop that this one is a guest of, and gives how to cancel it and
    whether it waits; `start(told)` in another thread's, and gives how to cancel it.
    """
    async def whole():
        here = asyncio._get_running_loop()
        if type(here) is Guest and not here.ends:
            companion = Companion(here, None, None, None, asyncio.current_task())
            companion.cancel_host, companion.host_waits, companion.variables = begin(companion)
            return await companion.serve()
        if not has_loop():
            of_host_s.set(step)
            return await Stepped(step)
        done = here.create_future()
        def told(value, exception):
            def tell():
                if not done.done():
                    done.set_exception(exception) if exception else done.set_result(value)
            here.call_soon_threadsafe(tell)
        cancel = start(told)
        try:
            return await done
        except asyncio.CancelledError:
            cancel()
            raise
    return whole()

async def of_host_generator(begin):
    how, given = "asend", None
    try:
        while True:
            try:
                item = await begin(how, given)
            except StopAsyncIteration:
                return
            try:
                how, given = "asend", (yield item)
            except GeneratorExit:
                raise
            except BaseException as error:
                how, given = "athrow", error
    finally:
        await begin("aclose")
'''

_python = Part(
    _SOURCE,
    lambda: {
        "steps": python("steps"),
        "Guest": guest_parts("Guest"),
        "Companion": guest_parts("Companion"),
        "of_host_s": guest_parts("of_host_s"),
    },
)
_last_loop = None  # of the host, in which something of Python's was awaited last


def _wait_for(proxy):
    """The iterator behind `await proxy`."""
    global _last_loop
    try:
        loop = _last_loop = asyncio.get_running_loop()
    except RuntimeError:
        return _step(call_method(proxy._emb_handle, "__await__", (), {}))
    return _in_its_loop(proxy, loop)


class Coroutine(Object, Owner):
    """The base of proxies of coroutines, which the host's event loops step through."""

    __slots__ = ("_emb_steps",)

    def send(self, value):
        return self._emb_begun().send(value)

    def throw(self, *exception):
        return self._emb_begun().throw(*exception)

    def close(self):
        steps = _steps_of(self)
        if steps is not None:
            steps.close()
        call_method(self._emb_handle, "close", (), {})

    def _emb_begun(self):
        steps = _steps_of(self)
        if steps is None:
            steps = _wait_for(self)
            _set_steps(self, steps)
        return steps


_set_steps = Coroutine._emb_steps.__set__
_get_steps = Coroutine._emb_steps.__get__


def _steps_of(coroutine):
    try:
        return _get_steps(coroutine)
    except AttributeError:
        return None  # nobody has stepped yet


def _in_its_loop(proxy, loop):
    companion = companion_of(loop)
    is_done, awaited = companion.post(proxy)
    if is_done:
        return awaited
    waiter = [loop.create_future()]

    def wake():
        if not waiter[0].done():
            waiter[0].set_result(None)

    awaited.when_done(wake)
    while True:
        try:
            yield from waiter[0]
            return awaited.result()
        except asyncio.CancelledError as error:
            if waiter[0].done() and not waiter[0].cancelled():
                raise
            # It may have something to clean up, or refuse: the end is what it says it is.
            waiter[0] = loop.create_future()
            companion.cancel(*error.args)
        except GeneratorExit:
            companion.cancel()
            raise


def _step(iterator):
    """Driven by hand, without an event loop of the host: step by step, in this thread."""
    method, arguments = "__next__", ()
    while True:
        try:
            step = call_method(iterator._emb_handle, method, arguments, {})
        except StopIteration as end:
            return end.value
        try:
            given = yield step
            method, arguments = ("__next__", ()) if given is None else ("send", (given,))
        except GeneratorExit:
            iterator.close()
            raise
        except BaseException as error:
            method, arguments = "throw", (error,)


class Steps:
    """What Python's generator, or what it awaits, does to the host's."""

    __slots__ = ("_generator", "__weakref__")

    __name__ = "step"
    _emb_signature = "(how, value)"

    def __init__(self, generator):
        self._generator = generator

    def __call__(self, how, value):
        if how == "send":
            return self._generator.send(value)
        if how == "throw":
            return self._generator.throw(value)
        return self._generator.close()


class _StepsOfTask(Steps):
    """The same with context variables of its own, which begin as those of the task that has made it."""

    __slots__ = ("_context",)

    def __init__(self, generator):
        Steps.__init__(self, generator)
        maker = None
        if _callbacks.in_context is None:
            _callbacks.in_context = in_context
        else:
            maker = guest_parts("of_host_s").get()
        self._context = copied() if maker is None else maker.variables()

    def __call__(self, how, value):
        return own_run(self._context, Steps.__call__, self, how, value)

    def variables(self):
        """As they are now, for others."""
        return own_copy(self._context)


def _has_loop():
    """Whether the host's loop runs, and does not wait for what Python does just now."""
    loop = _last_loop
    if loop is None or not loop.is_running():
        return False
    if asyncio._get_running_loop() is loop:
        raise RuntimeError("the host's event loop waits for what would run in it")
    return True


def to_python(coroutine):
    """Python's coroutine for one of the host: a proxy."""

    steps = _StepsOfTask(coroutine)

    def begin(companion):
        context = steps.variables()
        task = own_run(context, asyncio.get_running_loop().create_task, coroutine)
        task.add_done_callback(lambda task: _tell(task, companion.end))
        return (*handles_of(task), accompany(task, companion, context))

    def start(told):
        future = asyncio.run_coroutine_threadsafe(coroutine, _last_loop)
        future.add_done_callback(lambda future: _tell(future, told))
        return future.cancel

    return _python("of_host")(begin, _has_loop, start, steps)


def generator_to_python(generator):
    """The same for an asynchronous generator."""

    async def begin(how, *given):
        return await getattr(generator, how)(*given)

    return _python("of_host_generator")(begin)


def _tell(future, told):
    if future.cancelled():
        told(None, asyncio.CancelledError())
    else:
        error = future.exception()
        told(None if error else future.result(), error)


_protocols.wait_for = _wait_for
_types.bases["coroutine"] = Coroutine
