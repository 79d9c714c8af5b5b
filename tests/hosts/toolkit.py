"""A program with a window of its own, of tkinter and matplotlib; to be run by `pypy3 -m emb` under xvfb-run,
where PyPy has no tkinter that works, or by CPython."""

import tkinter as tk
from tkinter import ttk

import numpy as np
from matplotlib.backends.backend_tkagg import FigureCanvasTkAgg, NavigationToolbar2Tk
from matplotlib.figure import Figure

steps = []


class App(tk.Frame):
    def __init__(self, master=None):
        super().__init__(master)
        self.master = master
        self.pack()
        self.count = tk.IntVar(value=3)
        self.button = ttk.Button(self, text="on", command=self.go_on)
        self.entry = tk.Entry(self, textvariable=self.count)
        self.names = tk.Listbox(self)
        self.names.insert(tk.END, *"abc")
        for widget in (self.button, self.entry, self.names):
            widget.pack()
        figure = Figure(figsize=(3, 2))
        (self.line,) = figure.add_subplot().plot(np.sin(np.linspace(0, 6)))
        self.canvas = FigureCanvasTkAgg(figure, master=self)
        self.canvas.get_tk_widget().pack()
        NavigationToolbar2Tk(self.canvas, self)
        self.bind("<<Told>>", lambda event: steps.append(event.widget is self))

    def go_on(self):
        steps.append((self.count.get(), self.names.get(0, tk.END), self.winfo_class()))
        self.count.set(self.count.get() + 1)
        self.line.set_ydata(np.cos(np.linspace(0, 6)))
        self.canvas.draw()
        self.after(50, self.finish)

    def finish(self):
        steps.append((self.entry.get(), self.button["text"]))
        self.drawn = np.asarray(self.canvas.buffer_rgba())
        self.master.destroy()


root = tk.Tk()
app = App(master=root)
assert isinstance(root, tk.Misc) and isinstance(app.master, tk.Tk)
root.update()
app.event_generate("<<Told>>")
root.after(100, app.button.invoke)
app.mainloop()
assert steps == [True, (3, ("a", "b", "c"), "Frame"), ("4", "on")], steps
assert app.drawn.shape[2] == 4 and (app.drawn[..., :3] != 255).any(), app.drawn.shape
try:
    tk.Label(root)
except tk.TclError as error:
    assert "destroyed" in str(error)
else:
    raise AssertionError("a window that is gone had a label")
print("a window of tkinter's with matplotlib in it: shown, used, closed")
