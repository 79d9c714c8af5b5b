"""What stands in a class statement of the host, as a metaclass of Python's gets it."""

import enum
import unittest

import emb

SPACE = emb.Object({})
emb.run(
    """
import enum
class Lower(enum.Enum):
    def _generate_next_value_(name, start, count, last_values):
        return name.lower()
class Bits(enum.Flag):
    pass
class Checked(dict):
    def __setitem__(self, name, value):
        if name[0] != "_" and name in self.get("_of_the_body", ()):
            raise TypeError("twice")
        self.setdefault("_of_the_body", []).append(name)
        dict.__setitem__(self, name, value)
class Meta(type):
    def __prepare__(name, bases):
        return Checked()
class Base(metaclass=Meta):
    pass
""",
    SPACE,
)


class Bodies(unittest.TestCase):
    def test_values_that_the_enumeration_is_to_say(self):
        class Color(SPACE["Lower"]):
            RED = enum.auto()
            GREEN = enum.auto()
            OWN = "x"

        class Mode(SPACE["Bits"]):
            READ = enum.auto()
            WRITE = enum.auto()

        self.assertEqual([one.value for one in Color], ["red", "green", "x"])
        self.assertIs(Color("green"), Color.GREEN)
        self.assertEqual([one.value for one in Mode], [1, 2])

    def test_a_namespace_that_looks_at_each_name(self):
        class Own(SPACE["Base"]):
            one = 1

            def two(self):
                return 2

        self.assertEqual([name for name in Own._of_the_body if name[0] != "_"], ["one", "two"])


if __name__ == "__main__":
    unittest.main()
