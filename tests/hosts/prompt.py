"""PyPy's prompt with a window: under Xvfb, it goes on living while the prompt waits.

    prompt.py PYTHON...    the command that shows a prompt
"""

import os
import pty
import select
import subprocess
import sys
import time

from window import wait_for, xdotool

LINES = """
import emb
matplotlib = emb.import_mod("matplotlib"); matplotlib.use("tkagg")
plt = emb.import_mod("matplotlib.pyplot")
plt.ion()
line = plt.plot([1, 2, 3])
print("si" + "ze", plt.gcf().canvas.get_width_height())
"""
SIZE = """
print("si" + "ze", plt.gcf().canvas.get_width_height())
"""


class Prompt:
    def __init__(self, command):
        self.terminal, inner = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=inner, stdout=inner, stderr=inner, env=dict(os.environ, TERM="xterm")
        )
        os.close(inner)
        self.shown = ""

    def poll(self):
        return self.process.poll()

    @property
    def returncode(self):
        return self.process.returncode

    def type(self, lines):
        for line in lines.strip().split("\n"):
            os.write(self.terminal, line.encode() + b"\n")
            time.sleep(0.2)

    def read(self):
        while select.select([self.terminal], [], [], 0.1)[0]:
            try:
                self.shown += os.read(self.terminal, 65536).decode(errors="replace")
            except OSError:
                return self.shown
        return self.shown

    def sizes(self):
        """The sizes that it has printed."""
        return [part.split(")")[0] for part in self.read().split("size (")[1:]]


def main():
    prompt = Prompt(sys.argv[1:])
    try:
        prompt.type(LINES)
        wait_for("the first size", prompt.sizes, prompt)
        window = wait_for(
            "the window", lambda: xdotool("search", "--onlyvisible", "--name", "Figure 1"), prompt
        )[0]
        # Nobody types now: only the prompt can let the window follow.
        xdotool("windowsize", "--sync", window, "900", "700")
        time.sleep(3)
        prompt.type(SIZE)
        wait_for("the second size", lambda: len(prompt.sizes()) > 1, prompt)
        first, second = prompt.sizes()[:2]
        # How large it begins depends on the resolution that the display tells Tk.
        widths = [int(size.split(",")[0]) for size in (first, second)]
        assert widths[0] < 700 and widths[1] > 800, (first, second)
        # What is typed is still read while there is a window, and closing it leaves the prompt.
        prompt.type("plt.close('all')\nprint('clo' + 'sed')")
        wait_for("the end of the window", lambda: "closed" in prompt.read(), prompt)
        prompt.type("exit()")
        assert prompt.process.wait(timeout=60) == 0
        print("the window followed while the prompt waited: %s, then %s" % (first, second))
    finally:
        print(prompt.shown[-2000:] if prompt.poll() is None else "", end="")
        prompt.process.kill()


main()
