"""`await` across the two Pythons."""

import asyncio
import contextvars
import threading
import unittest

import emb

from . import on_another

_space = emb.Object({})
emb.run(
    """
import asyncio, contextvars, threading

async def add(a, b):
    await asyncio.sleep(0.01)
    return a + b

async def fail(what):
    await asyncio.sleep(0)
    raise KeyError(what)

async def count(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i

class Context:
    def __init__(self): self.seen = []
    async def __aenter__(self):
        await asyncio.sleep(0)
        return self
    async def __aexit__(self, kind, value, traceback):
        await asyncio.sleep(0)
        self.seen.append(kind)
        return kind is KeyError

ends = []

async def wait_long():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await asyncio.sleep(0)
        ends.append("cleaned up")
        raise

async def stubborn():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        return "not me"

async def call(function, *args):
    return await function(*args)

async def later(function):
    await asyncio.sleep(0)
    return await function()

async def spawn(function):
    return await asyncio.create_task(later(function))

async def in_thread(function):
    run = contextvars.copy_context().run
    return await asyncio.get_running_loop().run_in_executor(None, run, function)

async def collect(numbers):
    return [one async for one in numbers]

async def play(numbers):
    first, second = await numbers.__anext__(), await numbers.asend("sent")
    thrown = await numbers.athrow(KeyError("k"))
    await numbers.aclose()
    return first, second, thrown

async def at_once():
    return 7

async def raising(what):
    raise KeyError(what)

class Steps:
    def __await__(self):
        got = yield 1
        try:
            yield got
        except ValueError as error:
            return str(error)

async def where():
    return threading.current_thread().name, id(asyncio.get_running_loop())
""",
    _space,
)
add, fail, count, call, where = (_space[name] for name in "add fail count call where".split())


class FromTheHost(unittest.TestCase):
    def test_a_result_and_an_exception(self):
        async def main():
            self.assertEqual(await add(1, 2), 3)
            with self.assertRaises(KeyError) as caught:
                await fail("why")
            self.assertEqual(caught.exception.args, ("why",))

        asyncio.run(main())

    def test_many_at_the_same_time(self):
        async def main():
            tasks = [asyncio.create_task(add(i, 1)) for i in range(10)]
            self.assertEqual(await asyncio.gather(*tasks), list(range(1, 11)))
            self.assertEqual(await asyncio.gather(add(1, 1), add(2, 2)), [2, 4])

        asyncio.run(main())
        self.assertEqual(asyncio.run(add("a", "b")), "ab")

    def test_all_in_one_loop(self):
        async def main():
            return await where(), await where()

        one, other = asyncio.run(main())
        self.assertEqual(one, other)
        self.assertEqual(one[0], threading.current_thread().name)

    def test_for_and_with(self):
        async def main():
            self.assertEqual([i async for i in count(4)], [0, 1, 2, 3])
            async with _space["Context"]() as context:
                pass
            self.assertEqual(list(context.seen), [None])
            async with _space["Context"]() as context:
                raise KeyError("swallowed")
            self.assertEqual(context.seen[0], KeyError)

        asyncio.run(main())

    def test_what_does_not_wait_lets_no_other_task_run(self):
        order = []

        async def other():
            order.append("other")

        async def main():
            for turn in range(2):
                asyncio.create_task(other())
                order.append(await _space["at_once"]())
                with self.assertRaises(KeyError):
                    await _space["raising"]("now")
                order.append(turn)
                await asyncio.sleep(0)

        asyncio.run(main())
        self.assertEqual(order, [7, 0, "other", 7, 1, "other"])

    def test_cancelled(self):
        async def main():
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(_space["wait_long"](), 0.05)
            self.assertEqual(list(_space["ends"]), ["cleaned up"])
            task = asyncio.create_task(_space["stubborn"]())
            await asyncio.sleep(0.05)
            task.cancel()
            self.assertEqual(await task, "not me")

        asyncio.run(main())

    def test_without_a_loop(self):
        async def main():
            return await _space["at_once"]()

        with self.assertRaises(StopIteration) as caught:
            main().send(None)
        self.assertEqual(caught.exception.value, 7)

        async def by_steps():
            return await _space["Steps"]()

        steps = by_steps()
        self.assertEqual(steps.send(None), 1)
        self.assertEqual(steps.send("given"), "given")
        with self.assertRaises(StopIteration) as caught:
            steps.throw(ValueError("thrown"))
        self.assertEqual(caught.exception.value, "thrown")

    def test_never_awaited(self):
        add(1, 2).close()


class FromPython(unittest.TestCase):
    def test_a_coroutine_of_the_host(self):
        async def double(x):
            await asyncio.sleep(0.001)
            return 2 * x

        async def wrong(x):
            raise ValueError(x)

        async def main():
            self.assertEqual(await call(double, 3), 6)
            with self.assertRaises(ValueError) as caught:
                await call(wrong, 3)
            self.assertEqual(caught.exception.args, (3,))

        asyncio.run(main())

    @on_another("there is one loop for both")
    def test_without_a_loop_of_the_host(self):
        async def nothing():
            pass

        async def main():
            await call(nothing)

        asyncio.run(main())  # now the last loop is closed
        seen = []

        async def all_in_python_s():
            async with _space["Context"]() as context:
                seen.append(await add(1, 2))
                async for i in count(2):
                    seen.append(i)
                with self.assertRaises(KeyError):
                    await fail("k")
                try:
                    await _space["asyncio"].wait_for(_space["asyncio"].sleep(9), 0.01)
                except asyncio.TimeoutError:
                    seen.append("late")
                task = _space["asyncio"].create_task(call(nothing))
                await task
                raise KeyError("suppressed")
            return context.seen[0]

        run = emb.import_mod("asyncio").run
        self.assertIs(run(all_in_python_s()), KeyError)
        self.assertEqual(seen, [3, 0, 1, "late"])

        async def wrong():
            await add(1, 2)
            raise ValueError("wrong")

        with self.assertRaisesRegex(ValueError, "wrong"):
            run(wrong())

    @on_another("tasks are the same on both sides")
    def test_tasks_of_python_s_loop_have_variables_of_their_own(self):
        variable, seen = contextvars.ContextVar("variable", default=0), []
        gather, sleep = _space["asyncio"].gather, _space["asyncio"].sleep

        async def inner():
            seen.append(variable.get())

        async def task(number):
            seen.append(variable.get())
            variable.set(number)
            await sleep(0)
            await call(inner)
            await _space["spawn"](inner)  # Python's code makes that task, and starts a thread
            return variable.get(), await _space["in_thread"](variable.get)

        async def main():
            variable.set(9)
            return [*await gather(task(1), task(2)), variable.get()]

        self.assertEqual(emb.import_mod("asyncio").run(main()), [(1, 1), (2, 2), 9])
        self.assertEqual((sorted(seen), variable.get()), ([1, 1, 2, 2, 9, 9], 0))

    @on_another("tasks are the same on both sides")
    def test_variables_of_tasks_of_the_host_s_loop_go_along(self):
        variable, in_thread = contextvars.ContextVar("variable", default=0), _space["in_thread"]

        def change():
            variable.set(7)
            return variable.get()

        async def inner():
            return variable.get()

        async def task(number):
            variable.set(number)
            await asyncio.sleep(0)
            found = await in_thread(variable.get), await in_thread(change), await in_thread(variable.get)
            return (*found, await _space["spawn"](inner), variable.get())

        async def main():
            variable.set(9)
            return [*await asyncio.gather(task(1), task(2)), await in_thread(variable.get)]

        self.assertEqual(asyncio.run(main()), [(1, 7, 1, 1, 1), (2, 7, 2, 2, 2), 9])

    @on_another("there is one loop for both")
    def test_where_the_host_s_loop_waits_itself(self):
        async def nothing():
            pass

        async def main():
            await add(1, 2)
            coroutine = nothing()
            with self.assertRaisesRegex(RuntimeError, "running event loop"):
                emb.import_mod("asyncio").run(call(lambda: coroutine))
            coroutine.close()

        asyncio.run(main())

    def test_asynchronous_generators_of_the_host(self):
        seen = []

        async def numbers():
            try:
                for i in range(3):
                    await asyncio.sleep(0)
                    got = yield i
                    if got is not None:
                        seen.append(got)
            except KeyError as error:
                yield error.args[0]
            finally:
                seen.append("closed")

        async def main():
            self.assertEqual(list(await _space["collect"](numbers())), [0, 1, 2])
            self.assertEqual(tuple(await _space["play"](numbers())), (0, 1, "k"))

        asyncio.run(main())
        self.assertEqual(seen, ["closed", "sent", "closed"])


class Guests(unittest.TestCase):
    """Python's loop in the host's."""

    @on_another("there is one loop for both")
    def test_called_by_a_coroutine_of_the_host_python_finds_a_loop(self):
        there = emb.import_mod("asyncio")

        async def main():
            loop, seen = there.get_running_loop(), []
            future, task = loop.create_future(), loop.create_task(add(2, 3))
            loop.call_later(0.01, future.set_result, "later")
            self.assertEqual(await future, "later")
            self.assertEqual(await task, 5)
            loop.call_soon(seen.append, 1)
            await asyncio.sleep(0.001)
            self.assertEqual(seen, [1])
            self.assertEqual(await loop.run_in_executor(None, len, "abc"), 3)
            self.assertIs(there.get_running_loop(), loop)
            loop.create_task(_space["wait_long"]())
            await asyncio.sleep(0.001)
            return loop

        del _space["ends"][:]
        loop = asyncio.run(main())
        self.assertTrue(loop.is_closed())
        self.assertEqual(list(_space["ends"]), ["cleaned up"])  # what was left
        with self.assertRaises(RuntimeError):
            there.get_running_loop()
        self.assertNotEqual(asyncio.run(main()), loop)

    @on_another("there is one loop for both")
    def test_one_task_of_the_host_has_one_companion(self):
        emb.import_mod("asyncio")
        space = emb.Object({})
        emb.run("import asyncio\nasync def current(): return asyncio.current_task()", space)
        current = space["current"]
        at_once = emb.evaluate("__import__('asyncio').current_task")

        async def main():
            one = at_once()
            self.assertEqual(await current(), one)
            self.assertEqual(await current(), one)
            self.assertNotEqual(await asyncio.create_task(current()), one)

            async def inner():
                return at_once(), await current()

            first, second = await call(inner)  # in the task that awaits it
            self.assertEqual(first, one)
            self.assertEqual(second, one)
            asyncio.get_running_loop().call_later(0.01, one.cancel)
            with self.assertRaises(asyncio.CancelledError):
                await asyncio.sleep(60)
            asyncio.get_running_loop().call_later(0.01, one.cancel)
            with self.assertRaises(asyncio.CancelledError):
                await _space["wait_long"]()

        asyncio.run(main())

    def test_a_loop_in_each_of_two_threads(self):
        found = []

        def run():
            found.append(asyncio.run(add(1, len(found))))

        threads = [threading.Thread(target=run) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertEqual(len(found), 4)


class Kinds(unittest.TestCase):
    def test_what_they_are(self):
        import inspect
        from collections.abc import AsyncIterator, Awaitable, Coroutine

        coroutine = add(1, 2)
        self.assertTrue(inspect.iscoroutine(coroutine))
        self.assertIsInstance(coroutine, Coroutine)
        self.assertIsInstance(count(1), AsyncIterator)
        self.assertNotIsInstance(count(1), Awaitable)
        self.assertNotIsInstance(emb.evaluate("[]"), Awaitable)
        coroutine.close()
