"""Host functions where packages want them."""

import unittest

import emb

from . import needs_numpy


@needs_numpy
class Packages(unittest.TestCase):
    def module(self, name):
        try:
            return emb.import_mod(name)
        except ImportError:
            self.skipTest("the embedded Python has no %s" % name)

    def test_numpy(self):
        numpy = self.module("numpy")
        grid = numpy.fromfunction(lambda i, j: 10 * i + j, (2, 3))
        self.assertEqual(float(grid.sum()), 36)
        doubled = numpy.vectorize(lambda x: 2 * float(x))(numpy.arange(3))
        self.assertEqual([float(x) for x in doubled], [0, 2, 4])
        rows = numpy.apply_along_axis(lambda row: row.sum(), 1, grid)
        self.assertEqual([float(x) for x in rows], [3, 33])

    def test_scipy(self):
        integrate = self.module("scipy.integrate")
        self.assertAlmostEqual(integrate.quad(lambda x: x * x, 0, 3)[0], 9)
        self.assertAlmostEqual(
            float(integrate.quad(lambda x, a: a * x, 0, 1, args=(2.0,))[0]), 1
        )
        optimize = self.module("scipy.optimize")
        seen = []
        found = optimize.minimize(
            lambda x: float((x[0] - 1) ** 2 + (x[1] + 2) ** 2),
            [0.0, 0.0],
            callback=lambda x: seen.append(x) and None,
        )
        self.assertAlmostEqual(float(found.x[0]), 1, 4)
        self.assertAlmostEqual(float(found.x[1]), -2, 4)
        self.assertGreater(len(seen), 0)
        fitted = optimize.curve_fit(lambda x, a, b: a * x + b, [0.0, 1.0, 2.0], [1.0, 3.0, 5.0])
        self.assertAlmostEqual(float(fitted[0][0]), 2, 4)
        self.assertAlmostEqual(optimize.brentq(lambda x: x * x - 2, 0, 2), 2**0.5)
        solved = integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0])
        self.assertTrue(solved.success)

        class Stop(Exception):
            pass

        def stop(x):
            raise Stop(x)

        with self.assertRaises(Stop):
            integrate.quad(stop, 0, 1)

    def test_pandas(self):
        pandas = self.module("pandas")
        frame = pandas.DataFrame({"a": [1, 2, 3], "b": [4.0, 5.0, 6.0]})
        self.assertEqual([int(x) for x in frame["a"].apply(lambda x: int(x) * 10)], [10, 20, 30])
        totals = frame.apply(lambda row: float(row["a"]) + float(row["b"]), axis=1)
        self.assertEqual([float(x) for x in totals], [5, 7, 9])
        means = frame.groupby("a")["b"].agg(lambda column: float(column.mean()))
        self.assertEqual([float(x) for x in means], [4, 5, 6])

    def test_matplotlib(self):
        self.module("matplotlib").use("Agg")
        pyplot = self.module("matplotlib.pyplot")
        figure, axes = pyplot.subplots()
        (line,) = axes.plot([0, 1], [0, 1])
        frames, seen = [], []

        def update(frame):
            frames.append(frame)
            line.set_ydata([0, frame])
            return (line,)

        def on_draw(event):
            seen.append(str(event.name))

        connection = figure.canvas.mpl_connect("draw_event", on_draw)
        animation = self.module("matplotlib.animation").FuncAnimation(
            figure, update, frames=3, interval=1, blit=False, repeat=False
        )
        io = emb.import_mod("io").BytesIO()
        figure.savefig(io, format="png")
        animation._step()
        animation._step()
        self.assertEqual(frames[-2:], [0, 1])
        axes.yaxis.set_major_formatter(lambda value, place: "<%.1f>" % value)
        figure.canvas.draw()
        labels = [label.get_text() for label in axes.get_yticklabels()]
        self.assertTrue(labels and all(label.startswith("<") for label in labels), labels)
        figure.canvas.mpl_disconnect(connection)
        count = len(seen)
        self.assertGreater(count, 0)
        figure.canvas.draw()
        self.assertEqual(len(seen), count)
        pyplot.close(figure)
