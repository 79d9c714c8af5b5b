"""Warnings about what a program does, which name its line, and none of this package."""

import sys
import warnings

from .._interpreter._files import is_machinery


def warn(message, category, back=0):
    """`back`: so many of the program's frames are passed over."""
    frame = sys._getframe(1)
    while frame.f_back and (back or is_machinery(frame.f_code.co_filename)):
        back -= not is_machinery(frame.f_code.co_filename)
        frame = frame.f_back
    space = frame.f_globals
    warnings.warn_explicit(
        message, category, frame.f_code.co_filename, frame.f_lineno, space.get("__name__"),
        space.setdefault("__warningregistry__", {}),
    )  # fmt: skip
