// Arrays and views from C++: one memory, its shapes and types, and who ends it.
#include "check.hpp"

#include <numeric>

static void shared() {
  std::vector<double> x{1, 2, 3, 4, 5, 6};
  emb::array all(x), grid(x, {2, 3});
  CHECK_REPR(grid.call("tolist"), "[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]");
  x[5] = 60;
  CHECK_EQ(grid[std::tuple(1, 2)].as<double>(), 60.0);
  grid[std::tuple(emb::slice(), 0)] = 0.5;
  CHECK(x[0] == 0.5 && x[3] == 0.5);
  all *= 2;
  CHECK(x[1] == 4 && x[5] == 120);
  CHECK_EQ(all.call("sum").as<double>(), std::accumulate(x.begin(), x.end(), 0.0));
  size_t rows = 3;
  emb::array reversed(&x[5], {rows, 2}, {-16, -8});
  CHECK_REPR(reversed.call("tolist"), "[[120.0, 10.0], [1.0, 6.0], [4.0, 1.0]]");
  const std::vector<double> &fixed = x;
  emb::array read_only(fixed);
  FAILS(read_only[0] = 1.0, "ValueError", "read-only");
  FAILS(emb::array(x, {2, 2}), "ValueError", "6 elements");
  FAILS(emb::array(x.data(), {2, 3}, {8}), "ValueError", "dimensions");
  CHECK((all == all).call("all").as<bool>());
  FAILS(static_cast<bool>(all == all), "ValueError", "ambiguous");
  emb::object kept = all;  // an array is an object
  CHECK_EQ(kept.attr("shape").as<std::vector<int>>()[0], 6);
}

template <class T>
static void type(const char *dtype) {
  std::vector<T> one(1);
  emb::array made(one);
  CHECK_EQ(made.attr("dtype").str(), dtype);
  CHECK(emb::view<T>(made).data() == one.data());
}
static void types() {
  type<float>("float32");
  type<double>("float64");
  type<signed char>("int8");
  type<uint8_t>("uint8");
  type<short>("int16");
  type<int>("int32");
  type<unsigned>("uint32");
  type<long>("int64");
  type<unsigned long long>("uint64");
  type<std::byte>("uint8");
  type<std::complex<float>>("complex64");
  type<std::complex<double>>("complex128");
  bool flags[] = {true, false};
  CHECK_REPR(emb::array(flags, {2}).call("tolist"), "[True, False]");
}

struct counted {
  explicit counted(int &count) : ends(&count) {}
  counted(counted &&other) noexcept : ends(std::exchange(other.ends, nullptr)) {}
  ~counted() {
    if (ends) ++*ends;
  }
  int *ends;
};

// A release waits for the next entry into Python.
static void enter() { emb::eval("None"); }

static void owners() {
  int ended = 0;
  double number = 5;
  {
    emb::array a(&number, {1}, {}, [&ended] { ++ended; });
    emb::object slice = a[emb::slice()];
    a = emb::array(&number, {1});
    CHECK_EQ(ended, 0);
  }
  enter();
  CHECK_EQ(ended, 1);
  { emb::array b(&number, {1}, {}, counted(ended)); }
  enter();
  CHECK_EQ(ended, 2);
  FAILS(emb::array(&number, {-1}, {}, counted(ended)), "emb.BadArgument", "shape");
  CHECK_EQ(ended, 3);
  FAILS(emb::array(&number, {1}, {8, 8}, counted(ended)), "ValueError", "dimensions");
  CHECK_EQ(ended, 4);
  auto shared = std::make_shared<std::vector<int>>(3, 7);
  emb::object sum;
  {
    emb::array c(shared->data(), {3}, {}, shared);
    CHECK_EQ(shared.use_count(), 2);
    sum = c.call("sum");
  }
  enter();
  CHECK_EQ(shared.use_count(), 1);
  CHECK_EQ(sum.as<int>(), 21);
  std::vector<double> large(1000, 1.5);
  const double *place = large.data();
  emb::array given(std::move(large), {10, 100});
  CHECK(emb::view<double>(given).data() == place);
  emb::run("def halve(a): return a[::2] / 2");
  emb::object half = emb::import("__main__").call("halve", emb::array(std::vector<double>{1, 2, 3}));
  CHECK(half.as<std::vector<double>>() == std::vector<double>{0.5, 1.5});
}

static void views() {
  emb::object numpy = emb::import("numpy");
  emb::object a = numpy.call("arange", 12.0).call("reshape", 3, 4);
  emb::view<double> v(a);
  CHECK(v.ndim() == 2 && v.shape(0) == 3 && v.shape(1) == 4 && v.stride(0) == 32 && v.size() == 12);
  CHECK(v(2, 1) == 9 && v.contiguous() && v.begin()[11] == 11 && !v.empty());
  v(2, 1) = 90;
  CHECK_EQ(a[std::tuple(2, 1)].as<double>(), 90.0);
  double sum = 0;
  for (double x : v) sum += x;
  CHECK_EQ(sum, 66.0 + 81);
  emb::view<const double> t = a.attr("T").as<emb::view<const double>>();
  CHECK(t.shape(0) == 4 && t(1, 2) == 90 && !t.contiguous() && t.at(1, 2) == 90);
  FAILS(t.begin(), "ValueError", "contiguous");
  FAILS(t.at(4, 0), "IndexError", "");
  FAILS(t.at(0), "IndexError", "");
  emb::view<double> moved = std::move(v);
  a = {};
  CHECK(moved(2, 1) == 90);  // the view keeps the memory
  emb::view<const uint8_t> text(emb::eval("b'abc'"));
  CHECK(text.size() == 3 && text[1] == 'b');
  FAILS(emb::view<uint8_t>(emb::eval("b'abc'")), "BufferError", "writable");
  FAILS(emb::view<float>(numpy.call("zeros", 3)), "TypeError", "'d'");
  FAILS(emb::view<const int>(emb::eval("[1]")), "TypeError", "bytes-like");
  emb::view<const float> copy(emb::eval("[1, 2.5]"), emb::copies::allowed);
  CHECK(copy.copied() && copy.end()[-1] == 2.5f);
  emb::view<const double> own(numpy.call("zeros", 3), emb::copies::allowed);
  CHECK(!own.copied() && own.size() == 3);
  FAILS(emb::view<double>(emb::eval("[1]"), emb::copies::allowed), "emb.BadArgument", "EMB_VIEW_COPY");
  CHECK(numpy.call("arange", 6)[emb::slice({}, {}, -2)].as<std::vector<long>>() ==
        std::vector<long>({5, 3, 1}));
  CHECK(numpy.call("arange", 3).as<std::vector<double>>() == std::vector<double>({0, 1, 2}));
  CHECK_EQ(numpy.call("float32", 1.5).as<double>(), 1.5);
  CHECK_EQ(numpy.call("int16", 7).as<int>(), 7);
  CHECK_EQ(numpy.call("complex64", 2).as<std::complex<double>>().real(), 2.0);
}

static void borrows() {
  std::vector<double> numbers(10);
  CHECK_EQ(emb::borrowed(numbers), 0u);
  emb::object part;
  {
    emb::array whole(numbers);
    part = whole[emb::slice(2, 4)];
    CHECK_EQ(emb::borrowed(numbers), 1u);
  }
  CHECK_EQ(emb::borrowed(numbers), 1u);  // a part holds the whole
  part = {};
  CHECK_EQ(emb::borrowed(numbers), 0u);
}

int main() {
  emb::init();
  if (!has_module("numpy")) {
    std::puts("SKIP arrays of C++: this Python has no numpy");
    return 0;
  }
  return run_tests(shared, types, owners, views, borrows);
}
