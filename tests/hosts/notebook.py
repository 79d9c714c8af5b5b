"""A Jupyter kernel on PyPy: figures and data frames of the embedded Python appear inline.

Runs in a PyPy that has ipykernel, and talks to the kernel as a notebook does.
"""

import base64
import sys

from jupyter_client.manager import KernelManager

CELLS = """
%load_ext emb
import emb
pd, plt = emb.import_mod("pandas"), emb.import_mod("matplotlib.pyplot")
---
pd.DataFrame({"a": [1, 2], "b": [3.5, 4.5]})
---
lines = plt.plot([1, 4, 9])
---
figure = plt.figure(); axes = figure.add_subplot(); plt.close("all"); figure
---
emb.Object([1, 2, 3])
---
emb.import_mod("numpy").float64(2.5)
---
emb.evaluate("1 / 0")
"""


def run(client, cell):
    """What appears below a cell: a list of dicts from type to content, and the error's name."""
    shown, error = [], None
    waiting = client.execute(cell)
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") != waiting:
            continue
        content = message["content"]
        if message["msg_type"] in ("display_data", "execute_result"):
            shown.append(content["data"])
        elif message["msg_type"] == "error":
            error = content["ename"]
        elif message["msg_type"] == "status" and content["execution_state"] == "idle":
            return shown, error


def check(results):
    nothing, frame, plot, figure, numbers, scalar, failed = results
    assert nothing == ([], None), nothing
    assert "<table" in frame[0][0]["text/html"] and "4.5" in frame[0][0]["text/plain"], frame
    for shown, error in (plot, figure):
        assert len(shown) == 1 and error is None, (shown, error)
        picture = base64.b64decode(shown[0]["image/png"])
        assert picture[:8] == b"\x89PNG\r\n\x1a\n" and len(picture) > 3000
    assert numbers == ([{"text/plain": "[1, 2, 3]"}], None), numbers
    assert scalar == ([{"text/plain": "np.float64(2.5)"}], None), scalar
    assert failed == ([], "ZeroDivisionError"), failed


def main():
    manager = KernelManager()
    manager.start_kernel(extra_arguments=["--HistoryManager.enabled=False"])
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=120)
        check([run(client, cell.strip()) for cell in CELLS.split("---")])
        print("inline: a table and two figures")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    sys.exit(main())
