// C++ classes as Python classes.
#include "check.hpp"

struct shelf {
  std::vector<double> numbers;
  std::shared_ptr<int> witness = std::make_shared<int>(0);
  std::string label = "unnamed";

  explicit shelf(std::vector<double> all) : numbers(std::move(all)) {}
  size_t size() const { return numbers.size(); }
  double at(long index) const { return numbers.at(static_cast<size_t>(index)); }
  void put(long index, double number) { numbers.at(static_cast<size_t>(index)) = number; }
  const std::string &name() const { return label; }
};

/// References that were given up without Python's lock are dropped by whoever takes it next.
static void settle() { emb::gil lock; }

static emb::class_<shelf> shelves() {
  emb::class_<shelf> made("Shelf", "Numbers of the host.");
  made.init<std::vector<double>>()
      .method("__len__", &shelf::size, "How many.")
      .method("__getitem__", &shelf::at)
      .method("__setitem__", &shelf::put)
      .method("__repr__", [](shelf &self) { return "<shelf of " + std::to_string(self.size()) + ">"; })
      .method("__call__", [](const shelf &self, double factor, std::optional<double> more) {
        return self.numbers.at(0) * factor + more.value_or(0);
      })
      .method("self", [](emb::object self) { return self; })
      .method("fail", [](shelf &) -> int { throw std::runtime_error("no reason"); })
      .property("name", &shelf::name, [](shelf &self, std::string name) { self.label = name; }, "Its name.")
      .property("total", [](shelf &self) {
        double sum = 0;
        for (double x : self.numbers) sum += x;
        return sum;
      })
      .static_method("twice", [](int x) { return 2 * x; });
  return made;
}

static void made_by_python() {
  emb::object main = emb::import("__main__");
  main.attr("Shelf") = shelves().make();
  emb::run("s = Shelf([1.5, 2.5, 4.0])");
  CHECK_REPR(emb::eval("(len(s), s[1], list(s), repr(s), s(2.0), s(2.0, 1.0), s.total)"),
             "(3, 2.5, [1.5, 2.5, 4.0], '<shelf of 3>', 3.0, 4.0, 8.0)");
  CHECK_REPR(emb::eval("(Shelf.__doc__, Shelf.__len__.__doc__, Shelf.name.__doc__, Shelf.twice(4))"),
             "('Numbers of the host.', 'How many.', 'Its name.', 8)");
  emb::run("s[1] = 3.5; s.name = 'mine'");
  shelf &same = emb::class_<shelf>::unwrap(main.attr("s"));
  CHECK_EQ(same.numbers[1], 3.5);
  CHECK_EQ(same.label, "mine");
  CHECK_EQ(emb::eval("s.name").str(), "mine");
  CHECK(emb::eval("s.self() is s").as<bool>());
  try {
    emb::run("s[7]");
    CHECK(false);
  } catch (const std::out_of_range &) {  // the very exception that `at` has thrown
  }
  CHECK_EQ(emb::eval("[x for x in s]").size(), size_t{3});  // Python saw an IndexError
  FAILS(emb::run("s['a']"), "TypeError", "expected an int");
  FAILS(emb::run("s()"), "TypeError", "was given 0");
  FAILS(emb::run("s.total = 1"), "AttributeError", "");
  FAILS(emb::run("Shelf(5)"), "TypeError", "");
  FAILS(emb::run("len(Shelf.__new__(Shelf))"), "TypeError", "no C++ object of this class");
  FAILS(emb::run("Shelf.__len__('text')"), "TypeError", "no C++ object of this class");
  try {
    emb::run("s.fail()");
    CHECK(false);
  } catch (const std::runtime_error &e) {
    CHECK_EQ(std::string(e.what()), "no reason");
  }
  std::shared_ptr<int> witness = same.witness;
  CHECK_EQ(witness.use_count(), 2);
  emb::run("class Derived(Shelf):\n  def __len__(self): return 10 * super().__len__()\n"
           "d = Derived([1.0, 2.0])");
  CHECK_EQ(emb::eval("len(d)").as<int>(), 20);
  emb::run("del s");
  settle();
  CHECK_EQ(witness.use_count(), 1);
}

static void made_by_the_host() {
  emb::object shelf_class = shelves().make();
  shelf mine({7.0});
  std::shared_ptr<int> witness = mine.witness;
  {
    emb::object one = emb::class_<shelf>::wrap(shelf_class, std::move(mine));
    CHECK_EQ(witness.use_count(), 2);
    CHECK_EQ(one.size(), size_t{1});
    CHECK_EQ(emb::eval("sum")(one).as<double>(), 7.0);
    CHECK_EQ(&emb::class_<shelf>::unwrap(one), &emb::class_<shelf>::unwrap(emb::eval("lambda x: [x]")(one)[0]));
  }
  settle();
  CHECK_EQ(witness.use_count(), 1);
  FAILS(emb::class_<shelf>::unwrap(emb::object(5)), "TypeError", "no C++ object");
  struct other {};
  emb::object stranger = emb::class_<other>::wrap(emb::class_<other>("Other").make(), other{});
  FAILS(shelf_class.attr("__len__")(stranger), "TypeError", "no C++ object of this class");
}

static void derived_from_python() {
  emb::class_<> upper("Upper", "", emb::import("json").attr("JSONEncoder"));
  upper.method("default", [](emb::object self, emb::object x) {
    return self.attr("__class__").attr("__name__").str() + " of " + x.repr();
  });
  emb::object json = emb::import("json");
  CHECK_EQ(json.call("dumps", emb::eval("[1, 2j]"), emb::kw("cls", upper.make())).str(), "[1, \"Upper of 2j\"]");
  auto counted = std::make_shared<int>(0);
  {
    emb::class_<> with_state("State");
    with_state.method("count", [counted](emb::object) { return ++*counted; });
    emb::object made = with_state.make();
    CHECK_EQ(made().call("count").as<int>(), 1);
    CHECK(counted.use_count() > 1);
  }
  emb::import("gc").call("collect");
  CHECK_EQ(counted.use_count(), 1);
  FAILS(emb::class_<>("Final", "", emb::eval("bool")).make(), "TypeError", "not an acceptable base");
}

int main() { return run_tests(made_by_python, made_by_the_host, derived_from_python); }
