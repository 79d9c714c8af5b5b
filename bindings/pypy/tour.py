"""A tour of emb: `python3 tour.py` prints exactly tour.expected, on PyPy and on CPython."""

import array
import math

import emb
from emb import import_mod


def title(text):
    print("--", text)


title("modules, calls, keywords")
json = import_mod("json")
print(json.dumps({"b": [1, 2.5, None], "a": (True, "ü")}, sort_keys=True, ensure_ascii=False))
print(import_mod("os.path").join("a", "b"))
print("pi as over there:", import_mod("math").pi == math.pi)

title("values come back as values")
same = emb.evaluate("lambda x: x")
for value in (None, True, 2**63, -(2**200), 1.5, 1j, "text\0ü", b"\xff", (1, ("a", None))):
    result = same(value)
    print(type(result).__name__, result == value and type(result) is type(value))

title("everything else is an object")
numbers = emb.Object([3, 1, 2])
numbers.append(5)
numbers[0] += 10
print(numbers, len(numbers), 5 in numbers, numbers[-1], list(numbers[1:3]), sorted(numbers))
first, *rest = numbers
print(first, rest, [2 * x for x in numbers], bool(emb.Object([])))
del numbers[0]
print(numbers + [7], [0] + numbers, numbers == [1, 2, 5], repr(numbers))
print("{:>8.3f}|{:d}".format(emb.evaluate("__import__('fractions').Fraction(22, 7)") + 0.0, 42))

title("code in Python")
space = emb.Object({})
emb.run(
    """
class Greeter:
    def __init__(self, name): self.name = name
    def greet(self, *, loud=False): return self.name.upper() if loud else self.name
    def __enter__(self): print("enter", flush=True); return self
    def __exit__(self, *details): print("exit", details[0] and details[0].__name__, flush=True)
def fail(key): return {}[key]
""",
    space,
    file="greeter.py",
)
greeter = space["Greeter"]("world")
print(greeter.greet(), greeter.greet(loud=True), emb.method(greeter, "greet", loud=True))
greeter.name = "moon"
print(greeter.name, hasattr(greeter, "age"), isinstance(greeter, space["Greeter"]), flush=True)
with greeter:
    print("inside", flush=True)

title("errors")
try:
    space["fail"]("missing")
except KeyError as error:
    print(repr(error), error.args)
    print([line.strip() for line in error.python_traceback.splitlines() if "greeter.py" in line])
try:
    json.loads("{")
except ValueError as error:
    print(type(error).__name__, error.pos, error)
try:
    import_mod("sys").exit(3)
except emb.PythonExit as error:
    print("exit", error.code)

title("functions of the host")
thing = object()
print("itself:", same([thing])[0] is thing)
words = emb.Object(["pear", "fig", "apple"])
words.sort(key=lambda word: (len(word), word))
print(words, list(emb.evaluate("map")(str.upper, words)))


def scale(x, factor=2, *, offset=0):
    """x, scaled"""
    return factor * x + offset


print(emb.evaluate("lambda f: [f(1), f(2, 3), f(2, offset=0.5)]")(scale))
print(emb.evaluate("lambda f: (f.__name__, f.__doc__)")(scale), same(scale) is scale)
print(emb.import_mod("inspect").signature(scale))
listeners = emb.Object([])
listeners.append(scale)
listeners.remove(scale)
print(listeners)


class Refused(ValueError):
    pass


refusal = Refused("not today")


def refuse():
    raise refusal


emb.run("def caught(f):\n  try: f()\n  except ValueError as e: return repr(e)", space)
print(space["caught"](refuse))
try:
    emb.evaluate("lambda f: f()")(refuse)
except Refused as error:
    print(error is refusal)

title("arrays without a copy")
host = array.array("d", range(5))
shared = emb.evaluate("memoryview")(emb.array(host))
shared[0] = 100.0
host[1] = -1.0
print(list(host), list(shared.tolist()))
python_bytes = emb.evaluate("bytearray(b'abc')")
view = emb.view(python_bytes)
view[0] = ord("z")
print(python_bytes, view.format, view.shape, emb.pointer(python_bytes)[1] in (98, b"b"))

title("the lock, and letting go")
with emb.gil():
    print(sum(emb.Object(i) * 1 for i in range(10)))
emb.release(numbers)
try:
    len(numbers)
except emb.BadHandle:
    print("released")
print("running" in emb.doctor() or "attached" in emb.doctor())
emb.shutdown()
try:
    same(1)
except emb.NotRunning:
    print("not running")
