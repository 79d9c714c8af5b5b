// The plots that C++ programs ask for, drawn by matplotlib: c++ -std=c++17 plots.cpp -lemb
//
//     plots [FOLDER]      FOLDER: where the pictures go, the current one by default
//
// One function a plot; the data are vectors of C++, which Python sees in place, so each function
// keeps its vectors until the picture is saved.

#include <emb.hpp>

#include <cmath>
#include <iostream>
#include <random>

using emb::array;
using emb::kw;
using doubles = std::vector<double>;

static const double pi = std::acos(-1.0);

// `count` numbers from `first` to `last`
static doubles range(double first, double last, size_t count) {
  doubles numbers(count);
  for (size_t i = 0; i < count; i++) numbers[i] = first + (last - first) * i / (count - 1);
  return numbers;
}
template <class F>
static doubles map(const doubles &x, F f) {
  doubles y;
  for (double one : x) y.push_back(f(one));
  return y;
}
// f(x, y) on a grid, row by row
template <class F>
static doubles on_grid(const doubles &x, const doubles &y, F f) {
  doubles z;
  for (double row : y)
    for (double column : x) z.push_back(f(column, row));
  return z;
}

static std::string folder = ".";

static void save(const emb::object &plt, const std::string &name) {
  plt.call("savefig", folder + "/" + name + ".png");
  plt.call("close");
  std::cout << name << ".png\n";
}

static void line(const emb::object &plt) {
  doubles x = range(0, 4 * pi, 400);
  doubles wave = map(x, [](double t) { return std::sin(t); });
  doubles damped = map(x, [](double t) { return std::exp(-t / 5) * std::cos(t); });
  plt.call("plot", array(x), array(wave), kw("color", "red"), kw("label", "sine"));
  plt.call("plot", array(x), array(damped), "--", kw("color", "blue"), kw("lw", 3), kw("label", "damped"));
  plt.call("title", "Lines");
  plt.call("xlabel", "$t$");
  plt.call("legend", kw("loc", "lower right"));
  plt.call("grid", true, kw("alpha", 0.3));
  save(plt, "line");
}

static void bar(const emb::object &plt) {
  std::vector<std::string> names{"C", "C++", "Rust", "Python"};
  doubles heights{4, 7, 5, 9};
  emb::object bars = plt.call("bar", names, array(heights), kw("color", "green"), kw("width", 0.6));
  plt.call("bar_label", bars, kw("fmt", "%.0f"));
  plt.call("ylim", 0, 10);
  save(plt, "bar");
}

static void histogram(const emb::object &plt) {
  std::mt19937 random(7);
  doubles narrow, wide;
  for (int i = 0; i < 20000; i++) {  // sums of uniform numbers, which every library gives alike
    double sum = 0;
    for (int j = 0; j < 12; j++) sum += random() / 4294967296.0;
    narrow.push_back(sum - 6);
    wide.push_back(2 * (sum - 6) + 1);
  }
  plt.call("hist", array(wide), kw("bins", 60), kw("color", "orange"), kw("label", "wide"));
  emb::object drawn = plt.call("hist", array(narrow), kw("bins", 60), kw("color", "purple"),
                                kw("label", "narrow"));
  plt.call("legend");
  auto counts = drawn[0].as<doubles>();
  double all = 0;
  for (double count : counts) all += count;
  std::cout << "histogram: " << counts.size() << " bins hold " << all << " numbers\n";
  save(plt, "histogram");
}

static void contour(const emb::object &plt) {
  doubles x = range(-3, 3, 120), y = range(-2, 2, 80);
  doubles z = on_grid(x, y, [](double a, double b) { return (a * a - b) * std::exp(-a * a - b * b); });
  array heights(z, {y.size(), x.size()});
  emb::object filled = plt.call("contourf", array(x), array(y), heights, 12, kw("cmap", "viridis"));
  plt.call("contour", array(x), array(y), heights, std::vector<double>{0}, kw("colors", "red"));
  plt.call("colorbar", filled);
  save(plt, "contour");
}

static void quiver(const emb::object &plt) {
  doubles x = range(-2, 2, 15), y = range(-2, 2, 15);
  doubles u = on_grid(x, y, [](double, double b) { return -b; });
  doubles v = on_grid(x, y, [](double a, double) { return a; });
  plt.call("quiver", array(x), array(y), array(u, {15, 15}), array(v, {15, 15}), kw("color", "blue"));
  plt.call("axis", "equal");
  save(plt, "quiver");
}

static void surface(const emb::object &plt) {
  doubles axis = range(-8, 8, 60);
  doubles x = on_grid(axis, axis, [](double a, double) { return a; });
  doubles y = on_grid(axis, axis, [](double, double b) { return b; });
  doubles z = on_grid(axis, axis, [](double a, double b) {
    double r = std::hypot(a, b);
    return r > 0 ? std::sin(r) / r : 1;
  });
  emb::object space = plt.call("gcf").call("add_subplot", kw("projection", "3d"));
  space.call("plot_surface", array(x, {60, 60}), array(y, {60, 60}), array(z, {60, 60}),
             kw("cmap", "plasma"));
  space.call("set_zlabel", "sin r / r");
  save(plt, "surface");
}

static void subplot(const emb::object &plt) {
  doubles x = range(0, 1, 50);
  const char *colors[] = {"red", "green", "blue", "black"};
  for (int power = 1; power <= 4; power++) {
    doubles y = map(x, [power](double t) { return std::pow(t, power); });
    plt.call("subplot", 2, 2, power);
    plt.call("fill_between", array(x), array(y), kw("color", colors[power - 1]));
    plt.call("title", "$x^" + std::to_string(power) + "$");
  }
  plt.call("tight_layout");
  save(plt, "subplot");
}

static void imshow(const emb::object &plt) {
  const size_t rows = 60, columns = 90;
  std::vector<unsigned char> pixels(rows * columns * 3);  // red grows to the right, green downwards
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      pixels[(i * columns + j) * 3] = static_cast<unsigned char>(255 * j / (columns - 1));
      pixels[(i * columns + j) * 3 + 1] = static_cast<unsigned char>(255 * i / (rows - 1));
    }
  plt.call("imshow", array(pixels, {rows, columns, size_t{3}}), kw("interpolation", "nearest"));
  plt.call("axis", "off");
  save(plt, "imshow");
}

static void annotations(const emb::object &plt) {
  doubles x = range(-1, 3, 100);
  doubles y = map(x, [](double t) { return (t - 1) * (t - 1) + 0.5; });
  plt.call("plot", array(x), array(y), kw("color", "black"));
  plt.call("annotate", "the lowest point", std::tuple(1, 0.5), kw("xytext", std::tuple(1.2, 3)),
           kw("color", "blue"), kw("arrowprops", emb::dict(kw("color", "red"), kw("width", 4))));
  plt.call("text", -0.9, 0.7, "$(x - 1)^2 + 1/2$", kw("fontsize", 14), kw("color", "green"));
  save(plt, "annotations");
}

// The frames are drawn by a lambda that matplotlib calls.
static void animation(const emb::object &plt, const std::string &path) {
  doubles x = range(0, 2 * pi, 100), y(x.size());
  emb::object curve = plt.call("plot", array(x), array(x), kw("color", "red"))[0];
  array heights(y);
  plt.call("ylim", -1.1, 1.1);
  auto draw = [&](int frame) {
    for (size_t i = 0; i < x.size(); i++) y[i] = std::sin(x[i] + frame * pi / 6);
    curve.call("set_ydata", heights);
    return std::vector<emb::object>{curve};
  };
  emb::object module = emb::import("matplotlib.animation");
  emb::object film = module.call("FuncAnimation", plt.call("gcf"), draw, kw("frames", 12),
                                  kw("interval", 80));
  film.call("save", path, kw("writer", "pillow"));
}

int main(int argc, char **argv) try {
  if (argc > 1) folder = argv[1];
  emb::init();
  emb::import("matplotlib").call("use", "agg");
  emb::object plt = emb::import("matplotlib.pyplot");
  for (auto plot : {line, bar, histogram, contour, quiver, surface, subplot, imshow, annotations}) {
    plt.call("figure", kw("figsize", std::tuple(6.4, 4.8)), kw("dpi", 100));
    plot(plt);
  }
  plt.call("figure", kw("figsize", std::tuple(4, 3)), kw("dpi", 100));
  animation(plt, folder + "/animation.gif");
  std::cout << "animation.gif\n";
  plt = {};
  emb::shutdown();
  return 0;
} catch (const emb::error &error) {
  std::cerr << "plots: " << error.traceback() << '\n';
  return 1;
}
