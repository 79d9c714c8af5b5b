"""`dict.__init__(self)` and the like in classes that derive from a package's; `type(x)` of what is in Python."""

from .programs import Program

_PACKAGE = """
            import collections, logging, sys, threading, types
            import emb
            emb.run('''
            import collections, logging, threading
            class Dict(dict): pass
            class List(list): pass
            class Text(str): pass
            class Pair(tuple): pass
            class Number(float): pass
            class Set(set): pass
            class Thread(threading.Thread): pass
            class Ordered(collections.OrderedDict): pass
            class User(collections.UserDict): pass
            class Handler(logging.Handler): pass
            class Plain: pass
            '''.replace(chr(10) + ' ' * 12, chr(10)))
            for name in 'Dict List Text Pair Number Set Thread Ordered User Handler Plain'.split():
                globals()[name] = emb.evaluate(name)
"""


class ByClass(Program):
    def run_with_package(self, script):
        return self.run_script(_PACKAGE + script).splitlines()

    def test_containers(self):
        printed = self.run_with_package(
            """
            class Lower(Dict):
                def __init__(self, *args, **kwargs):
                    dict.__init__(self, *args, **kwargs)
                    self.tag = "own"
                def __getitem__(self, key):
                    return dict.__getitem__(self, key.lower())
                def __setitem__(self, key, value):
                    dict.__setitem__(self, key.lower(), value)
            one = Lower(a=1)
            one["B"] = [2]
            print(one["A"], one["b"], one.tag, dict(one), isinstance(one, dict))

            class Twice(List):
                def append(self, value):
                    list.append(self, value * 2)
                def items(self):
                    return [list.__getitem__(self, at) for at in range(list.__len__(self))]
                def first(self):
                    return (lambda: list.pop(self, 0))()
            one = Twice([1])
            one.append(4)
            print(one.items(), one.first(), len(one))

            class Both(Set):
                def add(self, value):
                    set.add(self, value)
                    set.add(self, -value)
            one = Both()
            one.add(3)
            print(sorted(one))

            class Last(Ordered):
                def __setitem__(self, key, value):
                    collections.OrderedDict.__setitem__(self, key, value)
                    collections.OrderedDict.move_to_end(self, key, last=False)
            one = Last([("a", 1)])
            one["b"] = 2
            print(list(one))

            class More(User):
                def __init__(self, *args):
                    collections.UserDict.__init__(self, *args)
                def __setitem__(self, key, value):
                    collections.UserDict.__setitem__(self, key, value + 1)
            print(dict(More({"a": 1})))
            """
        )
        self.assertEqual(
            printed,
            [
                "1 [2] own {'a': 1, 'b': [2]} True", "[1, 8] 1 1", "[-3, 3]", "['b', 'a']", "{'a': 2}",
            ],
        )  # fmt: skip

    def test_values(self):
        printed = self.run_with_package(
            """
            class Loud(Text):
                def __new__(cls, value, extra=1):
                    self = str.__new__(cls, value.upper())
                    self.extra = extra
                    return self
                def quiet(self):
                    return str.lower(self)
            one = Loud("abc", 5)
            print(one, one.extra, one.quiet(), type(one) is Loud, isinstance(one, str))

            class Two(Pair):
                def __new__(cls, a, b):
                    return tuple.__new__(cls, (a, b))
                def __repr__(self):
                    return "Two" + tuple.__repr__(self)
            print(repr(Two(1, 2)), isinstance(Two(1, 2), tuple))

            class Double(Number):
                def __new__(cls, value):
                    return float.__new__(cls, value * 2)
                def __add__(self, other):
                    return Double(float.__add__(self, other))
            print(Double(1.5), Double(1.0) + 1)
            """
        )
        self.assertEqual(printed, ["ABC 5 abc True True", "Two(1, 2) True", "3.0 6.0"])

    def test_classes_of_modules(self):
        printed = self.run_with_package(
            """
            class Work(Thread):
                def __init__(self, number):
                    threading.Thread.__init__(self, name="work-%d" % number)
                def run(self):
                    self.found = threading.Thread.is_alive(self), self.name
            one = Work(3)
            one.start()
            one.join(10)
            print(one.found, isinstance(one, threading.Thread))

            class Kept(Handler):
                lines = []
                def __init__(self):
                    logging.Handler.__init__(self, logging.INFO)
                def emit(self, record):
                    self.lines.append(logging.Handler.format(self, record))
            logger = logging.getLogger("kept")
            logger.addHandler(Kept())
            logger.warning("hello %d", 3)
            print(Kept.lines)
            """
        )
        self.assertEqual(printed, ["(True, 'work-3') True", "['hello 3']"])

    def test_the_program_s_own_are_called_as_they_are(self):
        printed = self.run_with_package(
            """
            class Mixed:
                def __init__(self):
                    self.mixed = True
                def __hidden(self):
                    return "mixed"
                def hidden(self):
                    return Mixed.__hidden(self)
            class Own(Plain, Mixed):
                def __init__(self):
                    Plain.__init__(self)
                    Mixed.__init__(self)
                def __hidden(self):
                    return "own"
                def hidden(self):
                    return Own.__hidden(self), Mixed.hidden(self)
            print(Own().hidden(), Own().mixed)

            class Alone(dict):
                def __init__(self, a):
                    dict.__init__(self, a=a)
                def __missing__(self, key, format="%s"):
                    return str.format("{}", self), sys._getframe(0).f_code.co_name
            print(Alone(1)["b"])
            class Wrong(Plain):
                def __init__(self):
                    dict.__init__(self)
            try:
                Wrong()
            except TypeError as error:
                print("TypeError", error.__traceback__.tb_next is not None)
            """
        )
        self.assertEqual(
            printed, ["('own', 'mixed') True", "(\"{'a': 1}\", '__missing__')", "TypeError True"]
        )


class ClassAsked(Program):
    def test_what_is_the_same_class_on_both_sides(self):
        printed = self.run_script(
            """
            import collections, functools, re, types
            import emb
            values = emb.evaluate('''[
                [1], {1: 2}, {1}, frozenset([1]), bytearray(b"1"), lambda: 1, (i for i in [1]),
                __import__("collections").OrderedDict(a=1), __import__("collections").defaultdict(list),
                __import__("re").compile("a"), __import__("functools").partial(print), __import__("json"),
            ]''')
            kinds = [
                list, dict, set, frozenset, bytearray, types.FunctionType, types.GeneratorType,
                collections.OrderedDict, collections.defaultdict, re.Pattern, functools.partial, types.ModuleType,
            ]
            table = {kind: number for number, kind in enumerate(kinds)}
            print([n for n, one in enumerate(values) if type(one) is not kinds[n]])
            print([n for n, one in enumerate(values) if type(one) not in table or type(one) not in {kinds[n]}])
            print(type(values[0])((1, 2)), type(values[0]).__len__(values[0]), type(len(values)) is int)
            print(emb.evaluate("lambda *kinds: [kind.__name__ for kind in kinds]")(*map(lambda one: type(one), values)))
            """
        )
        self.assertEqual(
            printed.splitlines(),
            [
                "[]", "[]", "[1, 2] 1 True",
                "['list', 'dict', 'set', 'frozenset', 'bytearray', 'function', 'generator', 'OrderedDict', 'defaultdict',"
                " 'Pattern', 'partial', 'module']",
            ],
        )  # fmt: skip

    def test_all_others_are_asked_as_before(self):
        printed = self.run_script(
            """
            import copy
            import emb
            emb.run("class Plain: pass\\nclass Names(list): pass")
            Plain, Names = emb.evaluate("Plain"), emb.evaluate("Names")
            class Own(Plain):
                pass
            class Meta(type(Plain)):
                pass
            class Made(Plain, metaclass=Meta):
                pass
            print(type(Plain()) is Plain, type(Names()) is Names, type(Own()) is Own, type(Names()) in {Names})
            print(type(emb.evaluate("len")).__name__, type("A", (Own,), {"x": 3})().x)
            def of(type):
                return type(3)
            print(of(str), [type(one) for one in (1, "a", None)])
            found = emb.evaluate("[[1], {2: [3]}]")
            copied = copy.deepcopy(found)
            print(copied == found, copied is found, copied[0] is found[0])
            try:
                type(1, 2)
            except TypeError:
                print("TypeError")
            """
        )
        self.assertEqual(
            printed.splitlines(),
            [
                "True True True True", "builtin_function_or_method 3",
                "3 [<class 'int'>, <class 'str'>, <class 'NoneType'>]", "True False False", "TypeError",
            ],
        )  # fmt: skip
