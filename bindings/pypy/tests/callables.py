"""What the tests of host functions in Python's hands share."""

import emb

emb.run(
    """
import threading
def catch(f, *args):
    try: f(*args)
    except BaseException as e: return e
def shown(f):
    import traceback
    e = catch(f)
    return "".join(traceback.format_exception(type(e), e, e.__traceback__))
def in_thread(f, *args):
    results = []
    def run(): results.append(catch(lambda: results.append(f(*args))))
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results[0] if len(results) == 2 else results[-1]
"""
)
same = emb.evaluate("lambda x: x")
call = emb.evaluate("lambda f, *args, **kwargs: f(*args, **kwargs)")
catch = emb.evaluate("catch")
identical = emb.evaluate("lambda a, b: a is b")


class Account:
    def __init__(self, money=0):
        self.money = money

    def put(self, money):
        self.money += money
        return self.money

    def __call__(self, factor):
        return factor * self.money


class Raising:
    """A test case that looks at exceptions."""

    def raised(self, function, *args):
        try:
            function(*args)
        except BaseException as error:
            return error
        self.fail("nothing was raised")


class HostError(LookupError):
    def __init__(self, key, place):
        super().__init__(key, place)
        self.place = place

    def __str__(self):
        return "no %s in %s" % self.args
