"""Runs the demo on this display, looks at its window as a user would, and closes it.

    window.py PYTHON... DEMO     the command to run; to be called under xvfb-run
"""

import os
import subprocess
import sys
import time

from PIL import ImageGrab

TITLE = "Figure 1"
PATIENCE = 90


def xdotool(*arguments):
    result = subprocess.run(["xdotool", *arguments], stdout=subprocess.PIPE, text=True)
    return result.stdout.split()


def wait_for(what, condition, demo):
    """The value of `condition()` once it is true, as long as the demo lives."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        assert demo.poll() is None, "the demo ended (%s) before %s" % (demo.returncode, what)
        time.sleep(0.2)
    raise AssertionError("%s: not within %d s" % (what, PATIENCE))


def window():
    found = xdotool("search", "--onlyvisible", "--name", TITLE)
    return found[0] if found else None


def drawing(identifier):
    """The share of dark blue pixels and the number of orange ones in the window, if drawn."""
    facts = xdotool("getwindowgeometry", "--shell", identifier)
    place = {key: int(value) for key, value in (fact.split("=") for fact in facts)}
    left, top = max(place["X"], 0), max(place["Y"], 0)
    box = left, top, left + place["WIDTH"], top + place["HEIGHT"]
    picture = ImageGrab.grab(bbox=box, xdisplay=os.environ["DISPLAY"]).convert("RGB")
    if len(sys.argv) > 3:
        picture.save(sys.argv[3])
    pixels = picture.width * picture.height
    colors = [(count, color) for count, color in picture.getcolors(pixels)]
    white = sum(count for count, color in colors if color == (255, 255, 255))
    blue = sum(count for count, (r, g, b) in colors if b > r + 30 and b > g + 30)
    orange = sum(count for count, color in colors if color == (255, 69, 0))
    if len(colors) > 50 and 0.3 < white / pixels < 0.95:
        return blue / pixels, orange
    return None


def main():
    demo = subprocess.Popen(sys.argv[1:3], stdin=subprocess.DEVNULL)
    try:
        identifier = wait_for("its window", window, demo)
        blue, orange = wait_for("its plot", lambda: drawing(identifier), demo)
        print("window %s: %.0f %% blue, %d orange pixels" % (identifier, 100 * blue, orange))
        assert blue > 0.05, "the points are not there"
        assert orange > 300, "the line is not there"
        assert demo.poll() is None
        xdotool("mousemove", "--window", identifier, "200", "200", "key", "q")
        code = demo.wait(timeout=30)
        assert code == 0, "exit code %d" % code
        assert window() is None
    finally:
        demo.kill()
    print("closed by the key q; exit code 0")


if __name__ == "__main__":
    main()
