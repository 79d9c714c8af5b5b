"""Causes, contexts and notes of exceptions that pass between the two sides, in a program."""

import unittest

from . import on_another
from .programs import Program

TOLD = """
def told(error):
    "The exception, and those behind it, as a text."
    found = ""
    while error is not None and type(error).__module__ != "emb":
        found += str(error)
        cause = error.__cause__ if type(error.__cause__).__module__ != "emb" else None
        found += " <= " if cause else " < " if error.__context__ else ""
        found += "!" if error.__context__ and not cause and error.__suppress_context__ else ""
        error = cause or error.__context__
    return found
"""

THERE = TOLD + """
class Failed(Exception):
    pass

def fail():
    raise Failed("there")

def handling(function):
    try:
        raise KeyError("handled")
    except KeyError:
        function()

def failing(function, way=0):
    try:
        function()
    except Exception as error:
        if way == 0:
            raise Failed("there")
        raise Failed("there") from (error if way == 1 else None)

def caught(function):
    try:
        function()
    except Exception as error:
        return told(error)

def noting(function):
    try:
        function()
    except Exception as error:
        error.__notes__ = ["noted"]
        raise

def passing(function):
    try:
        function()
    except Exception:
        raise
"""

HERE = TOLD + """
import there

class Mine(Exception):
    pass

def fail():
    raise Mine("here")

def failing(way=0):
    try:
        there.fail()
    except there.Failed as error:
        if way == 0:
            raise Mine("here")
        raise Mine("here") from (error if way == 1 else None)

def handling(function):
    try:
        raise Mine("handled")
    except Mine as error:
        function()

def caught(function):
    try:
        function()
    except Exception as error:
        return told(error)
"""


@on_another("they are the same exceptions")
class Chains(Program):
    def run_with(self, source):
        self.write("there.py", THERE)
        return self.run_script(HERE + source, options=("--there", "there")).splitlines()

    def test_of_what_the_host_raises(self):
        printed = self.run_with(
            """
for catch in there.caught, caught:
    for function in (
        lambda: there.handling(fail), failing, lambda: failing(1), lambda: failing(2),
        lambda: there.passing(failing), lambda: handling(lambda: there.handling(fail)),
    ):
        print(catch(function))
"""
        )
        expected = [
            "here < 'handled'", "here < there", "here <= there", "here < !there", "here < there",
            "here < 'handled' < handled",
        ]  # fmt: skip
        self.assertEqual(printed, expected + expected)

    def test_of_what_python_raises(self):
        printed = self.run_with(
            """
for catch in there.caught, caught:
    for function in (
        lambda: there.failing(fail), lambda: there.failing(fail, 1), lambda: there.failing(fail, 2),
        lambda: handling(there.fail), lambda: there.failing(lambda: there.handling(fail)),
    ):
        print(catch(function))
"""
        )
        expected = [
            "there < here", "there <= here", "there < !here", "there < handled", "there < here < 'handled'",
        ]  # fmt: skip
        self.assertEqual(printed, expected + expected)

    def test_they_are_the_objects_that_were_raised(self):
        printed = self.run_with(
            """
mine, kept = Mine("mine"), []
def fail():
    raise mine
try:
    there.failing(fail, 1)
except there.Failed as error:
    print(error.__cause__ is mine, error.__context__ is mine, error.__suppress_context__)
    print(mine.__traceback__ is not None)
def fail():
    try:
        there.fail()
    except there.Failed as error:
        kept.append(error)
        raise Mine from error
try:
    there.passing(fail)
except Mine as error:
    print(error.__cause__ is kept[0], error.__context__ is kept[0])
"""
        )
        self.assertEqual(printed, ["True True True", "True", "True True"])

    def test_circles(self):
        printed = self.run_with(
            """
one, other = Mine("one"), Mine("other")
one.__context__, other.__context__ = other, one
def fail():
    raise there.Failed from one
try:
    there.passing(fail)
except there.Failed as error:
    print(error.__cause__ is one, one.__context__ is other, other.__context__ is one)
"""
        )
        self.assertEqual(printed, ["True True True"])

    def test_notes(self):
        printed = self.run_with(
            """
for function in fail, there.fail, lambda: int("x"), lambda: there.failing(fail):
    try:
        there.noting(function)
    except Exception as error:
        print(list(error.__notes__), error.__context__)
"""
        )
        self.assertEqual(printed, ["['noted'] None"] * 3 + ["['noted'] here"])


if __name__ == "__main__":
    unittest.main()
