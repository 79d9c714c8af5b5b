"""The packages that exist for CPython only, all in one stock PyPy process, each used.

Arguments: the names of those to try (all by default).
"""

import os
import sys
import tempfile

import neighbour
import raw

USES = {
    "numpy": """
import numpy as np
m = np.arange(6.0).reshape(2, 3)
assert (m @ m.T).tolist() == [[5.0, 14.0], [14.0, 50.0]]
assert np.allclose(np.linalg.inv([[2.0, 0], [0, 4]]), [[0.5, 0], [0, 0.25]])
assert np.argmax(np.abs(np.fft.rfft(np.sin(np.arange(64) * 2 * np.pi * 5 / 64)))) == 5
assert np.random.default_rng(0).integers(0, 10, 3).tolist() == [8, 6, 5]
""",
    "scipy": """
import numpy as np
from scipy import integrate, optimize, sparse, special, linalg, signal, stats
assert abs(integrate.quad(lambda x: np.exp(-x * x), -np.inf, np.inf)[0] - np.pi ** 0.5) < 1e-9
assert abs(optimize.brentq(lambda x: x * x - 2, 0, 2) - 2 ** 0.5) < 1e-9
assert np.allclose(sparse.linalg.spsolve(sparse.eye(3, format="csc") * 2, [2, 4, 6]), [1, 2, 3])
assert abs(special.gamma(5) - 24) < 1e-9
assert np.allclose(linalg.expm(np.zeros((2, 2))), np.eye(2))
assert abs(stats.norm.cdf(0) - 0.5) < 1e-12
assert signal.convolve([1, 2], [3, 4]).tolist() == [3, 10, 8]
""",
    "pandas": """
import io
import pandas as pd
frame = pd.read_csv(io.StringIO("kind,n\\na,1\\nb,2\\na,3\\n"))
assert frame.groupby("kind")["n"].sum().to_dict() == {"a": 4, "b": 2}
assert pd.date_range("2024-02-28", periods=3).strftime("%d").tolist() == ["28", "29", "01"]
assert frame.merge(frame, on="n").shape == (3, 3)
""",
    "matplotlib": """
import matplotlib
matplotlib.use("agg")
import matplotlib.pylab as pylab
pylab.plot([0, 1, 2], [0, 1, 4], "r-", lw=5)
pylab.savefig(FOLDER + "/plot.png", dpi=100)
picture = pylab.imread(FOLDER + "/plot.png")
assert picture.shape == (480, 640, 4), picture.shape
red = (picture[..., 0] > 0.9) & (picture[..., 1] < 0.1) & (picture[..., 2] < 0.1)
assert 500 < red.sum() < 20000, red.sum()
""",
    "sklearn": """
import numpy as np
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
x = np.arange(20.0).reshape(-1, 1)
line = LinearRegression().fit(x, 3 * x[:, 0] + 1)
assert abs(line.coef_[0] - 3) < 1e-9 and abs(line.intercept_ - 1) < 1e-9
labels = (x[:, 0] > 9).astype(int)
forest = RandomForestClassifier(20, random_state=0, n_jobs=2).fit(x, labels)
assert forest.score(x, labels) == 1.0
groups = KMeans(2, n_init=1, random_state=0).fit_predict(np.r_[x, x + 1000])
assert len(set(groups[:20])) == 1 and groups[0] != groups[-1]
""",
    "pyarrow": """
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
table = pa.table({"n": [1, 2, None], "text": ["a", "b", "c"]})
assert pc.sum(table["n"]).as_py() == 3 and table["n"].null_count == 1
pq.write_table(table, FOLDER + "/t.parquet")
assert pq.read_table(FOLDER + "/t.parquet").equals(table)
""",
    "polars": """
import polars as pl
frame = pl.DataFrame({"kind": ["a", "b", "a"], "n": [1, 2, 3]}).lazy()
sums = frame.group_by("kind").agg(pl.col("n").sum()).sort("kind").collect()
assert sums.rows() == [("a", 4), ("b", 2)], sums
assert pl.Series([3, 1, 2]).sort().to_list() == [1, 2, 3]
""",
    "cv2": """
import cv2
import numpy as np
image = np.zeros((60, 80, 3), np.uint8)
cv2.circle(image, (40, 30), 20, (0, 0, 255), -1)
gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
contours, _ = cv2.findContours((gray > 0).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
assert len(contours) == 1 and 1150 < cv2.contourArea(contours[0]) < 1280
assert cv2.imwrite(FOLDER + "/circle.png", image)
assert (cv2.imread(FOLDER + "/circle.png") == image).all()
assert cv2.GaussianBlur(gray, (5, 5), 0).shape == (60, 80)
""",
    "PyQt6": """
from PyQt6.QtCore import QSize, QTimer
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication, QLabel
app = QApplication(["test", "-platform", "offscreen"])
label = QLabel("libemb")
label.resize(QSize(120, 40))
label.setStyleSheet("background: #102030; color: white")
label.show()
ticks = []
QTimer.singleShot(10, lambda: (ticks.append(1), app.quit()))
app.exec()
assert ticks == [1]
image = label.grab().toImage()
assert (image.width(), image.height()) == (120, 40)
assert image.pixelColor(1, 1) == QColor("#102030")
shades = {image.pixel(x, y) for x in range(120) for y in range(40)}
assert len(shades) > 3, "no letters in the picture"
label.close()
""",
}


def use(names):
    for name in names:
        print("%s ..." % name, flush=True)
        raw.run(USES[name])
        version = "used"
        if name != "PyQt6":
            version = raw.evaluate("__import__(%r).__version__" % name)
        print(name, version)


def main():
    names = sys.argv[1:] or list(USES)
    raw.start()
    with tempfile.TemporaryDirectory() as folder:
        raw.run("FOLDER = %r" % folder)
        with neighbour.at_work():
            use(names)
        for name in names:  # again, with all the others in the process
            if name != "PyQt6":
                raw.run(USES[name])
    report = raw.doctor()
    print("%d extension modules by %s" % (report["clash"]["extensions"], report["clash"]["method"]))
    assert report["clash"]["method"] == os.environ.get("EMB_CLASH", "stub")


main()
