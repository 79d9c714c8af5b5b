"""Figures inline, in IPython and in notebooks whose kernel is PyPy: `%load_ext emb`.

Data frames and whatever else describes itself (`_repr_html_`, `_repr_png_` ...) need no help:
IPython finds these methods through the proxies. matplotlib's figures have none; CPython's
IPython teaches them, and here this does.
"""

from .._interpreter._code import run
from .._proxies._object import Object

_PNG = """
def picture(object):
    import io
    file = io.BytesIO()
    object.savefig(file, format="png", bbox_inches="tight")
    return file.getvalue()

def figures():
    import sys
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    found = [pyplot.figure(number) for number in pyplot.get_fignums()]
    pyplot.close("all")
    return found

def begin():
    # Figures are drawn into files here, and not by the backend that the kernel has named, which
    # is not there. Who has chosen otherwise is left alone.
    import os
    if os.environ.get("MPLBACKEND", "module://").startswith("module://"):
        os.environ["MPLBACKEND"] = "agg"
"""


def load_ipython_extension(shell):
    """IPython: `%load_ext emb`."""
    from IPython.display import display

    names = Object({})
    run(_PNG, names)
    picture, figures = names["picture"], names["figures"]
    names["begin"]()
    png = shell.display_formatter.formatters["image/png"]
    png.for_type_by_name("matplotlib.figure", "Figure", picture)

    def show_figures():
        for figure in figures():
            display(figure)

    shell.events.register("post_execute", show_figures)
