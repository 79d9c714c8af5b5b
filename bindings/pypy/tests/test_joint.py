"""What a program finds that knows of one Python only: one generator, one source of a function, one pickle ..."""

from . import needs_numpy, on_pypy
from .programs import Program


@on_pypy("a CPython has one output and one set of warnings anyway")
@needs_numpy
class Joint(Program):
    def test_sizes_of_objects(self):
        self.run_script("""
            import sys, emb, colorsys
            size = emb.evaluate("lambda x: __import__('sys').getsizeof(x)")
            for one in (emb.Object([1, 2]), emb.evaluate("bytes(1000)"), emb.evaluate("iter(())"), 1, 2.5, "text",
                        [1, 2, 3], {"a": 1}, (1,), None):
                assert sys.getsizeof(one) == size(one) > 0
            assert sys.getsizeof([0] * 1000) > 8000 > sys.getsizeof([0] * 100)
            class Own: pass
            assert sys.getsizeof(Own(), 7) == 7
            try:
                sys.getsizeof(Own())
            except TypeError:
                pass
            else:
                raise AssertionError
            """, options=("--there", "colorsys"))

    def test_one_generator_of_random_numbers(self):
        printed = self.run_script(
            """
            import random
            import emb.auto
            emb.auto.there.add("statistics")
            import statistics
            draw = emb.evaluate("lambda: (R.random(), R.gauss(0, 1), R.randrange(10**6), R._inst.random())",
                                emb.Object({"R": emb.import_mod("random")}))
            random.seed(5)
            found = list(draw()) + [random.random()]
            random.seed(5)
            own = [random.random(), random.gauss(0, 1), random.randrange(10**6), random.random(),
                   random.random()]
            print(found == own)
            assert emb.evaluate("lambda: __import__('random')._inst")() is random._inst
            state = random.getstate()
            emb.import_mod("random").seed(5)
            print(random.random() == own[0], emb.import_mod("random").getstate() == random.getstate())
            """
        )
        self.assertEqual(printed, "True\nTrue True\n")

    def test_one_environment(self):
        printed = self.run_script(
            """
            import os
            from unittest import mock
            import emb
            import emb.auto
            emb.run("import os")
            os.environ.update(EARLY="1", GONE="1")
            emb.auto.there.add("colorsys")
            import colorsys
            there = emb.evaluate("lambda: os.environ")()
            print(there["EARLY"], emb.evaluate("lambda: os.environb[b'EARLY']")())
            os.environ["LATE"] = "\\u00e9\\udcff"
            print(there["LATE"] == os.environ["LATE"], emb.evaluate("lambda: os.getenv('LATE')")() == os.getenv("LATE"))
            del os.environ["GONE"]
            print("GONE" in there)
            there["BACK"] = "2"
            there.pop("EARLY")
            print(os.environ["BACK"], "EARLY" in os.environ, os.popen("echo $BACK$EARLY").read(), end="")
            with mock.patch.dict(os.environ, {"ONLY": "3"}, clear=True):
                print(dict(there))
            print(dict(there) == dict(os.environ))
            try:
                del there["GONE"]
            except KeyError as error:
                print(error)
            emb.shutdown()
            os.environ["AFTER"] = "4"
            print(os.getenv("AFTER"))
            """
        )
        self.assertEqual(
            printed, "1 b'1'\nTrue True\nFalse\n2 False 2\n{'ONLY': '3'}\nTrue\n'GONE'\n4\n"
        )

    def test_dialects_of_csv(self):
        printed = self.run_script(
            """
            import csv
            import emb, emb.auto
            theirs = emb.import_mod("csv")
            csv.register_dialect("early", delimiter="|", quoting=csv.QUOTE_NONNUMERIC)
            theirs.register_dialect("theirs", "excel-tab", quotechar="'")
            emb.auto.there.add("colorsys")
            import colorsys
            read = emb.evaluate("lambda text, name: list(__import__('csv').reader([text], name))[0]")
            print(list(read('"a"|2', "early")), next(csv.reader(["a\\t'b'"], "theirs")))
            csv.register_dialect("late", "early", delimiter=";")
            print(list(read('"a";2', "late")))
            theirs.unregister_dialect("early")
            csv.unregister_dialect("theirs")
            print(csv.list_dialects() == list(theirs.list_dialects()), "early" in csv.list_dialects())
            try:
                csv.unregister_dialect("early")
            except csv.Error as error:
                print(type(error).__name__)
            emb.shutdown()
            csv.register_dialect("last", delimiter="!")
            """
        )
        self.assertEqual(printed, "['a', 2.0] ['a', 'b']\n['a', 2.0]\nTrue False\nError\n")

    def test_adapters_of_sqlite(self):
        printed = self.run_script(
            """
            import datetime, sqlite3
            import emb, emb.auto
            theirs = emb.import_mod("sqlite3")
            class Point:
                def __init__(self, x):
                    self.x = x
            sqlite3.register_adapter(Point, lambda point: "P%d" % point.x)
            adapt = emb.evaluate("lambda time: 'at ' + time.isoformat()")
            theirs.register_adapter(emb.evaluate("__import__('datetime').time"), adapt)
            emb.auto.there.add("colorsys")
            import colorsys
            sqlite3.register_converter("point", lambda data: Point(int(data[1:])))
            convert = emb.evaluate("lambda data: __import__('datetime').time(int(data[3:5]))")
            theirs.register_converter("hour", convert)
            for module in sqlite3, theirs:
                with module.connect(":memory:", detect_types=module.PARSE_DECLTYPES) as connection:
                    connection.execute("create table t (a hour, b point)")
                    connection.execute("insert into t values (?, ?)", (datetime.time(9), Point(7)))
                    print(*connection.execute("select a || '', b || '' from t").fetchone())
                    hour, point = connection.execute("select * from t").fetchone()
                    print(hour, point.x)
            """
        )
        self.assertEqual(printed, "at 09:00:00 P7\n09:00:00 7\n" * 2)

    def test_one_context_of_decimal_arithmetic(self):
        printed = self.run_script(
            """
            import emb
            import emb.auto
            import decimal, threading
            emb.auto.there.add("colorsys")
            import colorsys
            emb.run("from decimal import *")
            third = emb.evaluate("lambda: str(Decimal(1) / 3)")
            print(third())
            decimal.getcontext().prec = 6
            print(third())
            with decimal.localcontext() as context:
                context.prec = 3
                context.rounding = decimal.ROUND_UP
                print(third())
            thread = threading.Thread(target=lambda: print(third()))
            thread.start()
            thread.join()
            print(third())
            decimal.setcontext(decimal.Context(prec=4, traps=[]))
            print(third(), emb.evaluate("lambda: str(Decimal(1) / 0)")())
            """
        )
        self.assertEqual(
            printed, "0.3333333333333333333333333333\n0.333333\n0.334\n"
            "0.3333333333333333333333333333\n0.333333\n0.3333 Infinity\n",
        )  # fmt: skip

    def test_python_pickles_what_is_in_the_program(self):
        self.write("there/__init__.py", "import io, pickle\nclass Base: pass\n"
                   "def again(x): return pickle.loads(pickle.dumps(x))\n"
                   "def kind(): import __main__; return __main__.Model\n")  # fmt: skip
        self.run_script(
            """
            import there
            class Model(there.Base):
                def __init__(self, size):
                    self.size = size
            def function(): pass
            model = there.again(Model(3))
            assert type(model) is Model and model.size == 3
            assert there.again([function])[0] is function and there.kind() is Model
            try:
                there.again.__globals__["__builtins__"]["__import__"]("__main__").nothing
            except AttributeError as error:
                assert "nothing" in str(error)
            """,
            options=("--there", "there"),
        )

    def test_json(self):
        printed = self.run_script(
            """
            import json
            import numpy as np
            print(json.dumps({"a": np.float64(0.1), "b": [np.float64(1e300), np.float64("nan")]}))
            print("".join(json.JSONEncoder().iterencode([np.float64(2.5)])), json.dumps({np.float64(1): 2}))
            try:
                json.dumps(np.int64(1))
            except TypeError as error:
                print(error)
            """
        )
        self.assertEqual(
            printed,
            '{"a": 0.1, "b": [1e+300, NaN]}\n[2.5] {"1.0": 2}\n'
            "Object of type int64 is not JSON serializable\n",
        )

    def test_csv(self):
        printed = self.run_script(
            """
            import sys
            import numpy as np
            import csv
            writer = csv.writer(sys.stdout, lineterminator="|")
            writer.writerow([np.float64(0.1), np.float32(0.5), np.int64(2), "a"])
            writer.writerows(np.eye(2))
            csv.DictWriter(sys.stdout, ["x"], lineterminator="|").writerow({"x": np.float64(3)})
            assert csv.__spec__.loader is csv.__loader__ and csv.__loader__.get_source("csv")
            """
        )
        self.assertEqual(printed, "0.1,0.5,2,a|1.0,0.0|0.0,1.0|3.0|")

    def test_pprint(self):
        printed = self.run_script(
            """
            import emb.auto, pprint
            emb.auto.there.add("colorsys")
            import colorsys
            made = "{'b': [list(range(30)), 'word ' * 3], 'a': {1: (2, list('ab'))}}"
            there = emb.evaluate(made)
            for options in ({}, {"depth": 1}, {"width": 200}, {"compact": True}):
                print(pprint.pformat(there, **options) == pprint.pformat(eval(made), **options))
                print(pprint.pformat([there], **options) == pprint.pformat([eval(made)], **options))
            own = emb.evaluate("type('Own', (dict,), {'__repr__': lambda self: 'own ' * 40})()")
            print(pprint.pformat(own) == "own " * 40)
            """
        )
        self.assertEqual(printed, 9 * "True\n")

    def test_help(self):
        printed = self.run_script("import numpy as np; help(np.linalg.norm); help(np.ndarray)")
        self.assertIn("norm(x, ord=None, axis=None", printed)
        self.assertIn("class ndarray(builtins.object)", printed)

    def test_what_pydoc_and_doctest_find(self):
        self.run_script(
            """
            import doctest, pydoc
            import numpy as np, emb
            class Derived(np.ndarray):
                '''
                >>> 1 + 1
                2
                '''
                def twice(self):
                    '''
                    >>> np.ones(2).view(Derived).twice()
                    Derived([2., 2.])
                    '''
                    return 2 * self
            there = emb.evaluate("lambda thing: __import__('pydoc').render_doc(thing)")
            for thing in (np.linalg, np.linalg.norm, np.dtype, np.linalg.LinAlgError, Derived, np.sin, "numpy.sin"):
                assert pydoc.render_doc(thing) == there(thing), thing
            assert "int" in pydoc.render_doc(3)
            assert np.linalg.LinAlgError.__doc__.strip().startswith("Generic Python-exception-derived")
            for one in (Derived, np.linalg.LinAlgError):
                assert not [name for name in (*vars(one), *dir(one)) if "emb" in name]
            assert doctest.testmod() == (0, 2), doctest.testmod()
            assert [one.name for one in doctest.DocTestFinder().find(np.linalg.norm, "norm")] == ["norm"]
            """
        )

    def test_source_of_what_is_made_by_exec(self):
        printed = self.run_script(
            """
            from __future__ import annotations
            import sys, traceback
            import emb, numpy
            remade = emb.evaluate("lambda f: __import__('types').FunctionType(f.__code__, {})")
            space = {}
            for factor in (2, 3):
                exec("def scaled(x):\\n    return %d * x" % factor, space)
                space[factor] = space["scaled"]
            print(remade(space[2])(5), remade(space[3])(5), remade(eval("lambda x: x + 1"))(5))
            exec(compile("def f(x: int): return -x", "<made>", "exec"))
            print(remade(f)(5), f.__annotations__)
            def local(y):
                exec("z = y + 1")
                try:
                    exec("1 / 0")
                except ZeroDivisionError:
                    print([one.name for one in traceback.extract_tb(sys.exc_info()[2])])
                return eval("y"), eval("y", {"y": 5}), locals()["z"], list(map(eval, ["1"]))
            print(local(1))
            """
        )
        self.assertEqual(
            printed, "10 15 6\n-5 {'x': 'int'}\n['local', '<module>']\n(1, 5, 2, [1])\n"
        )

    def test_source_that_only_python_has(self):
        self.write("there/__init__.py", """
            import linecache
            source = "def made(x):\\n    return x / 0\\n"
            linecache.cache["<made>"] = len(source), None, source.splitlines(True), "<made>"
            exec(compile(source, "<made>", "exec"))
            """)
        printed = self.run_script(
            "import inspect, there; print(inspect.getsource(there.made)); there.made(1)", status=1,
            options=("--there", "there"),
        )
        self.assertEqual(printed, "def made(x):\n    return x / 0\n\n")
        self.assertIn("    return x / 0", self.errors)
