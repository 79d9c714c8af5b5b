"""Ctrl-C, wherever it hits: KeyboardInterrupt arrives once, and everything goes on afterwards."""

import signal
import subprocess
import sys
import textwrap
import time
import unittest

import emb

from . import on_another, on_pypy
from .programs import Program, heed

_BEGIN = """
    import gc, os, signal, sys, time
    import emb
    emb.init()

    def ready():
        gc.collect()  # what a weak reference's callback raises is ignored: importlib leaves some
        print("ready", flush=True)

    def interrupted(function, *args):
        try:
            function(*args)
        except KeyboardInterrupt:
            return True
        return False

    def goes_on():
        # One interrupt was one: nothing is left of it, on either side.
        for _ in range(3):
            assert list(map(int, emb.evaluate("[n for n in range(1000)]"))) == list(range(1000))
            emb.run("for n in range(10000): pass")
            time.sleep(0.01)
        assert emb.evaluate("lambda f: f(20)")(lambda x: x + 1) == 21
"""
_END = """
    goes_on()
    print("fine", flush=True)
"""


def interrupt(body, times=1):
    """What a script prints that is interrupted after each time that it says to be ready."""
    script = textwrap.dedent(_BEGIN) + textwrap.dedent(body) + textwrap.dedent(_END)
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=heed,
    )  # fmt: skip
    try:
        for _ in range(times):
            line = process.stdout.readline()
            if line != "ready\n":
                return line + process.communicate()[0]
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
        return process.communicate(timeout=60)[0]
    finally:
        process.kill()
        process.wait()


@on_another("this host is the Python")
class Interrupts(unittest.TestCase):
    def test_a_loop_in_python(self):
        self.assertEqual(
            interrupt("""
                ready()
                assert interrupted(emb.run, "while True: pass")
            """),
            "fine\n",
        )

    def test_again_and_again(self):
        self.assertEqual(
            interrupt(
                """
                for _ in range(3):
                    ready()
                    assert interrupted(emb.run, "n = 0\\nwhile True: n += 1")
                """,
                3,
            ),
            "fine\n",
        )

    def test_inside_a_lock_scope(self):
        self.assertEqual(
            interrupt("""
                with emb.gil():
                    ready()
                    assert interrupted(emb.run, "while True: pass")
            """),
            "fine\n",
        )

    def test_python_sleeps(self):
        self.assertEqual(
            interrupt("""
                ready()
                start = time.monotonic()
                assert interrupted(emb.run, "import time; time.sleep(30)")
                assert time.monotonic() - start < 10
            """),
            "fine\n",
        )

    def test_a_long_call_of_numpy(self):
        emb.import_mod("numpy")
        self.assertEqual(
            interrupt("""
                np = emb.import_mod("numpy")
                a = np.random.default_rng(1).random(8_000_000)

                def work():
                    for _ in range(100):
                        np.sort(a)

                ready()
                assert interrupted(work)
            """),
            "fine\n",
        )

    @on_pypy("proxies are bundled and signals can wait")
    def test_each_line_of_tidying_up(self):
        self.assertEqual(
            interrupt("""
                import os, signal
                from emb._buffers import _lending
                from emb._garbage import _lifetime, _sweeping
                from emb._interpreter import _undisturbed

                files = {module.__file__ for module in (_lending, _lifetime, _sweeping, _undisturbed)}

                def interrupt_at(line):
                    global sent
                    sent = False
                    def trace(frame, event, _argument):
                        global sent
                        nonlocal line
                        if frame.f_code.co_filename not in files:
                            return None
                        if event == "line":
                            line -= 1
                            if line < 0:
                                sys.settrace(None)
                                sent = True
                                os.kill(os.getpid(), signal.SIGINT)
                        return trace
                    sys.settrace(trace)

                def tidy():
                    _lending.look_through()
                    _lifetime._close()
                    _sweeping.sweep(True)
                    if sent:
                        time.sleep(10)  # one that has had to wait comes soon

                gc.disable()  # what is raised in a finaliser gets nowhere
                line, sent = 0, True
                while sent:
                    gc.collect()
                    some = [emb.Object([i]) for i in range(3)]
                    interrupt_at(line)
                    assert interrupted(tidy) == sent, line
                    assert not _sweeping.tidying.locked() and not _lending._looking.locked(), line
                    line += 1
                sys.settrace(None)
                gc.enable()
                assert line > 50, line
                ready()
                assert interrupted(time.sleep, 10)
            """),
            "fine\n",
        )

    def test_a_loop_of_the_host(self):
        self.assertEqual(
            interrupt("""
                def work():
                    while True:
                        emb.evaluate("1 + 1")

                ready()
                assert interrupted(work)
            """),
            "fine\n",
        )

    def test_no_python_at_all(self):
        self.assertEqual(
            interrupt("""
                ready()
                assert interrupted(time.sleep, 30)
            """),
            "fine\n",
        )

    def test_a_callback(self):
        self.assertEqual(
            interrupt("""
                def busy(x):
                    while True:
                        pass

                ready()
                assert interrupted(lambda: emb.evaluate("lambda f: f(1)")(busy))
            """),
            "fine\n",
        )

    def test_python_catches_it(self):
        out = interrupt("""
            caught = emb.Object([])
            emb.run('''
            def work(caught, ready):
                try:
                    ready()
                    while True: sum(range(100))
                except KeyboardInterrupt:
                    caught.append(1)
            '''.replace("\\n            ", "\\n"))
            interrupted(emb.evaluate("work"), caught, ready)
            assert list(caught) == [1], list(caught)
        """)
        self.assertEqual(out, "fine\n")

    def test_what_python_catches_the_host_does_not_get(self):
        self.assertEqual(
            interrupt("""
                emb.run('''
                def work():
                    try:
                        while True: sum(range(100))
                    except KeyboardInterrupt:
                        return "caught"
                '''.replace("\\n                ", "\\n"))
                ready()
                assert emb.evaluate("work")() == "caught"
            """),
            "fine\n",
        )

    def test_handlers_are_given_back(self):
        out = subprocess.check_output(
            [
                sys.executable,
                "-c",
                "import signal, emb; emb.init(); emb.shutdown(); "
                "print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)",
            ],
            preexec_fn=heed,
        )
        self.assertEqual(out, b"True\n")

    def test_a_handler_of_the_program_stays(self):
        out = subprocess.check_output(
            [
                sys.executable,
                "-c",
                "import os, signal, emb; signal.signal(signal.SIGINT, lambda *a: print('mine')); "
                "emb.init(); os.kill(os.getpid(), signal.SIGINT); emb.run('pass')",
            ],
            timeout=60,
        )
        self.assertEqual(out, b"mine\n")


@on_another("this host is the Python")
class OfThePrograms(Program):
    """Handlers of the program are called while Python is at work, once for each signal."""

    def run_with_functions(self, script):
        begin = """
            import os, resource, signal, time
            def late(number, frame):
                calls.append(number)
                raise TimeoutError("late")
            calls = []
            before = signal.signal(signal.SIGALRM, late)
            import numpy, emb
            emb.run('''
            import time
            def loop(seconds):
                end = time.monotonic() + seconds
                while time.monotonic() < end: pass
                return "done"
            def catches(seconds):
                try:
                    return loop(seconds)
                except TimeoutError as error:
                    return "caught " + str(error)
            def sleeps(seconds):
                time.sleep(seconds)
            '''.replace("\\n            ", "\\n"))
            loop, catches, sleeps = (emb.evaluate(name) for name in ("loop", "catches", "sleeps"))
            def alarmed(function, *args):
                begin = time.monotonic()
                signal.setitimer(signal.ITIMER_REAL, 0.2)
                try:
                    found = function(*args)
                except TimeoutError as error:
                    found = str(error)
                return found, len(calls), time.monotonic() - begin < 5
        """
        return self.run_script(begin + script).splitlines()

    def test_where_python_is_at_work(self):
        printed = self.run_with_functions("""
            print(before is signal.SIG_DFL, signal.getsignal(signal.SIGALRM) is late)
            print(alarmed(loop, 10), alarmed(loop, 10), alarmed(catches, 10), alarmed(sleeps, 10))
            def here(seconds):
                end = time.monotonic() + seconds
                while time.monotonic() < end: pass
            print(alarmed(here, 10), alarmed(emb.evaluate("lambda f: f(10)"), here))
            print(loop(0.1), len(calls))
            """)
        self.assertEqual(
            printed,
            [
                "True True", "('late', 1, True) ('late', 2, True) ('caught late', 3, True) ('late', 4, True)",
                "('late', 5, True) ('late', 6, True)", "done 6",
            ],
        )  # fmt: skip

    def test_others_in_their_place(self):
        printed = self.run_with_functions("""
            def other(number, frame): calls.append(frame.f_code.co_name)
            print(signal.signal(signal.SIGALRM, other) is late, alarmed(loop, 0.5), calls)
            print(signal.signal(signal.SIGALRM, signal.SIG_IGN) is other, alarmed(loop, 0.5))
            print(signal.getsignal(signal.SIGALRM) is signal.SIG_IGN)
            print(signal.signal(signal.SIGINT, late) is signal.default_int_handler)
            signal.signal(signal.SIGALRM, lambda *what: os.kill(os.getpid(), signal.SIGINT))
            print(alarmed(loop, 10))
            print(signal.signal(signal.SIGINT, signal.default_int_handler) is late)
            try:
                alarmed(loop, 10)
            except KeyboardInterrupt:
                print("KeyboardInterrupt")
            """)
        self.assertEqual(
            printed,
            [
                "True ('done', 1, True) ['loop']", "True ('done', 1, True)", "True", "True", "('late', 2, True)", "True",
                "KeyboardInterrupt",
            ],
        )  # fmt: skip

    def test_again_and_again(self):
        printed = self.run_with_functions("""
            def set(times):
                for _ in range(times):
                    signal.signal(signal.SIGALRM, late)
                    signal.signal(signal.SIGALRM, signal.SIG_DFL)
            set(10000)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            set(60000)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            print(grown < 8000 or grown)
            """)
        self.assertEqual(printed, ["True"])
