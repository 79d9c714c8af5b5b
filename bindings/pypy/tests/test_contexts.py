"""Context variables of both sides, in contexts of the host (`copy_context().run(f)`) and its tasks."""

import unittest

from . import needs_numpy, on_pypy
from .programs import Program

THERE = """
import contextvars
var = contextvars.ContextVar("var", default="unset")
get, set = var.get, var.set

def put(value):
    before = var.get()
    var.set(value)
    return before, var.get()
"""


@on_pypy("a CPython's contexts are made in C")
class Contexts(Program):
    def run_with(self, source):
        self.write("there.py", THERE)
        return self.run_script(source, options=("--there", "there"))

    def test_what_python_sets_in_a_context_is_set_there_alone(self):
        printed = self.run_with(
            """
            import contextvars, there
            context = contextvars.copy_context()
            print(context.run(there.put, "inside"), there.get(), context.run(there.get))
            there.set("top")
            copy, empty = contextvars.copy_context(), contextvars.Context()
            there.set("later")
            print(copy.run(there.get), context.copy().run(there.put, "copy"), context.run(there.get))
            print(empty.run(there.get), there.get())
            """
        )
        self.assertEqual(
            printed,
            "('unset', 'inside') unset inside\n"
            "top ('inside', 'copy') inside\n"
            "unset later\n",
        )

    def test_contexts_in_contexts(self):
        printed = self.run_with(
            """
            import contextvars, there

            def outer():
                inner = contextvars.copy_context()  # before Python is called in the outer one
                there.set("outer")
                later = contextvars.copy_context()
                puts = inner.run(there.put, "inner"), later.run(there.put, "later")
                return (*puts, there.get(), inner.run(there.get))

            def fails():
                there.set("failed")
                raise KeyError

            def called():
                return contextvars.copy_context().run(there.put, "called")

            context = contextvars.copy_context()
            print(context.run(outer), there.get())
            try:
                context.run(fails)
            except KeyError:
                print(there.get(), context.run(there.get))
            print(sorted([2, 1], key=lambda x: called() and x), called(), there.get())

            def within(function):
                return contextvars.copy_context().run(function)

            print(context.run(lambda: within(lambda: within(there.get))))
            """
        )
        self.assertEqual(
            printed,
            "(('unset', 'inner'), ('outer', 'later'), 'outer', 'inner') unset\n"
            "unset failed\n"
            "[1, 2] ('unset', 'called') unset\n"
            "failed\n",
        )

    def test_threads(self):
        printed = self.run_with(
            """
            import contextvars, there, threading
            from concurrent.futures import ThreadPoolExecutor
            there.set("first")
            context = contextvars.copy_context()
            def work(number):
                return context.copy().run(there.put, number), there.get()
            with ThreadPoolExecutor(4) as pool:
                found = set(pool.map(work, range(40)))
            print(found == {(("first", n), "unset") for n in range(40)}, there.get())
            """
        )
        self.assertEqual(printed, "True first\n")

    def test_tasks_of_the_host(self):
        printed = self.run_with(
            """
            import asyncio, there
            async def task(name):
                there.set(name)
                await asyncio.sleep(0)
                return there.get()
            async def main():
                there.set("main")
                print(await asyncio.gather(task("a"), task("b")), await asyncio.to_thread(there.get))
                done = asyncio.get_running_loop().create_future()
                asyncio.get_running_loop().call_soon(lambda: done.set_result(there.put("soon")))
                print(await done, there.get())
            there.set("before")
            asyncio.run(main())
            print(there.get())
            """
        )
        self.assertEqual(printed, "['a', 'b'] main\n('main', 'soon') main\nbefore\n")

    def test_decimal_arithmetic(self):
        self.write(
            "digits.py",
            "import decimal\n"
            "def prec(): return decimal.getcontext().prec\n"
            "def set(): decimal.getcontext().prec, decimal.getcontext().rounding = 3, decimal.ROUND_UP\n",
        )
        printed = self.run_script(
            """
            import contextvars, decimal, digits
            def another():
                decimal.setcontext(decimal.Context(prec=5))
                return digits.prec()
            def the_same():
                decimal.getcontext().prec = 7
                return digits.prec()
            context = contextvars.copy_context()
            print(context.run(another), digits.prec(), context.run(digits.prec))
            print(contextvars.copy_context().run(the_same), digits.prec(), context.run(digits.prec))
            with decimal.localcontext() as local:
                local.prec = 9
                print(digits.prec())
            local.prec = 11
            print(digits.prec())
            def begun_there():
                digits.set()
                return decimal.getcontext().prec, decimal.getcontext().rounding, +decimal.Decimal("1.2345")
            print(contextvars.Context().run(begun_there), digits.prec())
            """,
            options=("--there", "digits"),
        )
        self.assertEqual(printed, "5 28 5\n7 7 5\n9\n7\n(3, 'ROUND_UP', Decimal('1.24')) 7\n")

    @needs_numpy
    def test_numpys_errors(self):
        self.run_script(
            """
            import contextvars, numpy as np
            def ignoring():
                np.seterr(divide="ignore")
                return np.geterr()["divide"]
            assert contextvars.copy_context().run(ignoring) == "ignore"
            if int(np.__version__[0]) >= 2:
                assert np.geterr()["divide"] == "warn"
            """
        )


if __name__ == "__main__":
    unittest.main()
