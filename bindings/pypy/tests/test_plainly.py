"""`object.__new__`, `object.__setattr__` and the like of what lives in Python."""

from .programs import Program


class InPrograms(Program):
    def test_object_s_own_functions(self):
        printed = self.run_script(
            """
            import emb
            emb.run("class Plain:\\n def __init__(self, x=1): self.x = x")
            Plain = emb.evaluate("Plain")

            class One(Plain):
                only = None
                def __new__(cls, x=1):
                    if cls.only is None:
                        cls.only = object.__new__(cls)
                    return cls.only
                def __getattribute__(self, name):
                    if name == "lazy":
                        return [object.__getattribute__(self, "x")]
                    return object.__getattribute__(self, name)
                def __setattr__(self, name, value):
                    raise AttributeError(name)
                def __init__(self, x=1):
                    object.__setattr__(self, "x", x)
                def method(self):
                    return "called"

            one = One(2)
            print(one is One(3), one.x, one.lazy, type(one) is One, object.__getattribute__(one, "method")())
            object.__setattr__(one, "y", [4])
            print(one.y, sorted(vars(one)), emb.evaluate("lambda one: one.y")(one))
            object.__delattr__(one, "y")
            print(hasattr(one, "y"), sorted(vars(one)))
            for call in (lambda: object.__delattr__(one, "y"), lambda: object.__getattribute__(one, "y")):
                try:
                    call()
                except AttributeError:
                    print("none")
            theirs = Plain()
            object.__setattr__(theirs, "y", 5)
            print(theirs.y, type(object.__new__(Plain)) is Plain)

            class Own: pass
            own = object.__new__(Own)
            object.__setattr__(own, "z", 6)
            print(object.__getattribute__(own, "z"), object.__init__(own), Own.__init__ is object.__init__)
            """
        )
        self.assertEqual(
            printed.splitlines(),
            ["True 3 [3] True called", "[4] ['x', 'y'] [4]", "False ['x']", "none", "none", "5 True", "6 None True"],
        )

    def test_operators_that_are_called_by_name(self):
        printed = self.run_script(
            """
            import emb
            emb.run(
                "class There:\\n"
                " def __init__(self, x=1): self.x = x\\n"
                " def __eq__(self, other): return self.x == other.x if isinstance(other, There) else NotImplemented\\n"
                " def __mul__(self, other): return self.x * other if isinstance(other, int) else NotImplemented"
            )
            Plain = emb.evaluate("There")
            plain = Plain()
            print(plain.__eq__(5), plain.__mul__("a"), plain.__mul__(3), plain.__eq__(Plain()), plain == 5)

            class Derived(Plain):
                def __eq__(self, other):
                    return super().__eq__(other)
                def __mul__(self, other):
                    return "own", other
            derived = Derived(4)
            print(derived.__eq__(5), derived.__eq__(Plain(4)), derived.__mul__(2), plain.__eq__(derived))
            print((3).__add__(4), (3).__add__("a"), "a".__eq__("a"))
            """
        )
        self.assertEqual(
            printed.splitlines(),
            ["NotImplemented NotImplemented 3 True False", "NotImplemented True ('own', 2) False", "7 NotImplemented True"],
        )

    def test_attributes_that_are_asked_for_by_name(self):
        printed = self.run_script(
            """
            import emb
            emb.run("class Plain:\\n def __init__(self, x=1): self.x = x")
            Plain = emb.evaluate("Plain")
            class Derived(Plain):
                def __getattribute__(self, name):
                    return super().__getattribute__(name)
                @property
                def own(self):
                    return "own"
            class Wrapper:
                def __init__(self, one):
                    self.one = one
                def __getattr__(self, name):
                    return self.one.__getattribute__(name)
            derived = Derived(2)
            print(derived.x, derived.own, Wrapper(Plain(3)).x, Wrapper(derived).x, Wrapper(Wrapper(1)).one.one)
            for one in Wrapper(Plain()), derived, Wrapper(Wrapper(1)):
                try:
                    one.missing
                except AttributeError as error:
                    print(error)
            """
        )
        self.assertEqual(
            printed.splitlines(),
            [
                "2 own 3 2 1",
                "'Plain' object has no attribute 'missing'",
                "'Derived' object has no attribute 'missing'",
                "'Wrapper' object has no attribute 'missing'",
            ],
        )

    def test_the_stack_ends_with_the_program(self):
        printed = self.run_script(
            """
            import inspect
            def f():
                return [one.function for one in inspect.stack()]
            print(f())
            """
        )
        self.assertIn("['f', '<module>'", printed)
