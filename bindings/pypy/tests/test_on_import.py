"""Modules of the host's library that are imported when the program wants them, and not before."""

import unittest

from . import on_another, on_pypy
from .programs import Program, run_host


class Imports(unittest.TestCase):
    def run_host(self, source):
        self.assertEqual(run_host(source), (0, "", ""))

    @on_pypy("others import them by themselves")
    def test_what_takes_long_is_not_imported(self):
        self.run_host(
            """
            import emb, sys
            assert emb.import_mod("math").sqrt(4) == 2
            long = {"asyncio", "concurrent.futures", "logging", "socket", "ssl"}
            assert not long.intersection(sys.modules), long.intersection(sys.modules)
            """
        )

    @on_another("a loop of the host is one of Python's")
    def test_a_loop_that_is_imported_later_has_its_guest(self):
        self.run_host(
            """
            import emb
            running = emb.import_mod("asyncio").get_running_loop
            import asyncio
            async def main():
                assert running().is_running()
                return await emb.import_mod("asyncio").sleep(0, 3)
            assert asyncio.run(main()) == 3
            try:
                running()
            except RuntimeError:
                pass
            else:
                raise AssertionError("it runs")
            """
        )

    @on_another("there is one asyncio")
    def test_what_finds_it_before(self):
        self.run_host(
            """
            import emb, importlib.util, sys
            emb.init()
            if "asyncio" not in sys.modules:
                spec = importlib.util.find_spec("asyncio")
                assert spec.loader.get_code("asyncio").co_filename == spec.origin
            import asyncio
            assert "_on_import" not in type(asyncio.__loader__).__module__
            assert asyncio.__spec__.loader is asyncio.__loader__
            """
        )

    def test_all_that_is_done_to_a_module_when_it_is_imported_is_done(self):
        self.run_host(
            """
            import sys
            from emb._imports._on_import import when_imported
            done = []
            assert "colorsys" not in sys.modules
            when_imported("colorsys", lambda module: done.append((1, module)))
            when_imported("colorsys", lambda module: done.append((2, module)))
            import colorsys
            when_imported("colorsys", lambda module: done.append((3, module)))
            assert done == [(1, colorsys), (2, colorsys), (3, colorsys)], done
            """
        )

    @on_another("there is one TimeoutError")
    def test_a_timeout_is_that_of_a_module_which_is_imported_later(self):
        self.run_host(
            """
            import emb
            try:
                emb.run("raise TimeoutError('late')")
            except Exception as error:
                import asyncio, socket
                assert isinstance(error, (asyncio.TimeoutError, TimeoutError)), type(error)
                assert isinstance(error, TimeoutError), type(error)
            else:
                raise AssertionError
            """
        )


class Hooked(Program):
    @on_another("there is one logging")
    def test_a_module_of_the_embedded_python_is_left_alone(self):
        printed = self.run_script(
            """
            import numpy, logging, sys
            from emb._proxies._modules import is_module
            print(is_module(logging))
            logging.basicConfig(stream=sys.stdout)
            logging.warning("once")
            """,
            options=("--there=logging",),
        )
        self.assertEqual(printed, "True\nWARNING:root:once\n")


if __name__ == "__main__":
    unittest.main()
