"""The operations that are timed, written once for all contenders.

Each is a function of the packages and of the number of repetitions.  It takes what it needs
out of the packages first, as a program would, and does nothing but the operation in the loop.
`LOT` items are iterated and copied at a time; repetitions are counted in items there.
"""

import array

LOT = 1_000_000


def math_sqrt(p, n):
    sqrt = p.math.sqrt
    for _ in range(n):
        sqrt(2.0)


def np_sqrt(p, n):
    sqrt = p.np.sqrt
    for _ in range(n):
        sqrt(2.0)


def item(p, n):
    a = p.ten
    for _ in range(n):
        a[3]


def np_add(p, n):
    add, a, b = p.np.add, p.ten, p.other_ten
    for _ in range(n):
        add(a, b)


def frombuffer(p, n):
    frombuffer, memory = p.np.frombuffer, p.memory
    for _ in range(n):
        frombuffer(memory)


def method(p, n):
    a = p.ten
    for _ in range(n):
        a.reshape(2, 5, order="C")


def attribute(p, n):
    module = p.math
    for _ in range(n):
        module.pi


def iteration(p, n):
    total = 0.0
    for x in p.np.arange(float(n)):
        total += x


def list_in(p, n):
    p.np.array(p.numbers[:n])


def list_out(p, n):
    p.to_list(p.np.arange(float(n)))


def callback(p, n):
    def f(x):
        return x * x

    # One integral of a parabola asks for 21 values.
    for _ in range(n // 21):
        p.quad(f, 0.0, 1.0)


# PyPy's own math needs no cpyext: there is nothing to compare with.
OF_MATH = (math_sqrt, attribute)

# What the table says, the function, and about how many repetitions make a block.
OPERATIONS = {
    "math.sqrt(2.0)": (math_sqrt, 200_000),
    "np.sqrt(2.0)": (np_sqrt, 100_000),
    "a[3]": (item, 100_000),
    "np.add(a, b), 10 items": (np_add, 50_000),
    "np.frombuffer(array)": (frombuffer, 50_000),
    "a.reshape(2, 5, order='C')": (method, 50_000),
    "math.pi": (attribute, 200_000),
    "for x in a, an item": (iteration, LOT),
    "list to array, an item": (list_in, LOT),
    "array to list, an item": (list_out, LOT),
    "callback from quad": (callback, 42_000),
}


class Packages:
    """The packages of a contender, and the objects that the operations work on."""

    instead = None  # functions by those that stand for them, where only some operations are timed

    def __init__(self, load, to_list=lambda a: a.tolist(), memory=None, numbers=LOT):
        self.math, self.np = load("math"), load("numpy")
        self.to_list = to_list
        self.ten, self.other_ten = self.np.arange(10.0), self.np.arange(10.0)
        self.memory = array.array("d", range(10)) if memory is None else memory
        self.numbers = [float(i) for i in range(numbers)]
        try:
            self.quad = load("scipy.integrate").quad
        except ImportError:
            self.quad = None
