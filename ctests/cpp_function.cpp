// C++ functions as Python callables, and exceptions both ways.
#include "check.hpp"

#include <thread>

using namespace std::string_literals;

static long twice(long x) { return 2 * x; }

static void callables() {
  emb::object apply = emb::eval("lambda f, *a, **k: f(*a, **k)");
  CHECK_EQ(apply([](int a, double b) { return a + b; }, 1, 2.5).as<double>(), 3.5);
  CHECK_EQ(apply(twice, 21).as<int>(), 42);
  CHECK_EQ(apply(&twice, 21).as<int>(), 42);
  std::function<std::string(std::string_view)> shout = [](std::string_view s) { return std::string(s) + "!"; };
  CHECK_EQ(apply(shout, "a long text that no small string holds").str(),
           "a long text that no small string holds!");
  int calls = 0;
  CHECK(apply([&calls] { ++calls; }).is_none());
  CHECK_EQ(calls, 1);
  CHECK_REPR(apply([](const std::vector<int> &v) { return std::tuple(v.size(), v); }, std::vector<int>{4, 5}),
             "(2, [4, 5])");
  CHECK_EQ(apply([](int a, std::optional<int> b) { return a + b.value_or(100); }, 1).as<int>(), 101);
  CHECK_EQ(apply([](int a, std::optional<int> b) { return a + b.value_or(100); }, 1, 2).as<int>(), 3);
  CHECK(apply([](const emb::object &x) { return x; }, apply).is(apply));
  auto any = [](const emb::args &a) {
    std::string text;
    for (const emb::object &x : a) text += x.repr() + ";";
    for (const auto &[name, x] : a.named()) text += name + "=" + x.repr() + ";";
    return text + a.get("none", "otherwise").str();
  };
  CHECK_EQ(apply(any, 1, "b", emb::kw("c", 3), emb::kw("dd", emb::none)).str(), "1;'b';c=3;dd=None;otherwise");
  CHECK_EQ(apply(any).str(), "otherwise");

  std::vector<std::string> words{"ccc", "a", "bb"};
  emb::object list = words;
  list.call("sort", emb::kw("key", [](std::string_view word) { return word.size(); }));
  CHECK_REPR(list, "['a', 'bb', 'ccc']");
  emb::object named = emb::function([](int x) { return x; }, "same", "Gives it back.");
  CHECK_EQ(named.attr("__name__").str() + ": " + named.attr("__doc__").str(), "same: Gives it back.");

  FAILS(apply(twice), "TypeError", "takes 1 positional arguments, and was given 0");
  FAILS(apply(twice, emb::kw("x", 1)), "TypeError", "takes no keyword arguments, and was given 'x'");
  FAILS(apply([](int, std::optional<int>) {}), "TypeError", "takes 1 to 2 positional arguments, and was given 0");
  FAILS(apply(twice, 1, 2), "TypeError", "given 2");
  FAILS(apply(twice, "text"), "TypeError", "expected an int, not text");
}

static void lifetimes() {
  auto state = std::make_shared<int>(0);
  emb::object main = emb::import("__main__");
  {
    emb::object f = emb::function([state] { ++*state; });
    CHECK_EQ(state.use_count(), 2);
    main.attr("kept") = f;
  }
  CHECK_EQ(state.use_count(), 2);
  emb::run("import threading\nt = threading.Thread(target=kept); t.start(); t.join(); kept(); del kept, t");
  CHECK_EQ(*state, 2);
  CHECK_EQ(state.use_count(), 1);
}

struct own_exception {
  int number;
};
struct odd_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class Thrown>
static emb::object thrower(Thrown thrown) {
  return emb::function([thrown]() -> int { throw thrown; });
}

static void into_python() {
  emb::object seen = emb::eval(
      "lambda f: [e for e in [__import__('types').SimpleNamespace(r=None)] if not exec('''\n"
      "try:\n  f()\nexcept Exception as error:\n  e.r = repr(error)\n''', {'f': f, 'e': e})][0].r");
  CHECK_EQ(seen(thrower(std::runtime_error("r"))).str(), "RuntimeError('r')");
  CHECK_EQ(seen(thrower(std::out_of_range("o"))).str(), "IndexError('o')");
  CHECK_EQ(seen(thrower(std::invalid_argument("i"))).str(), "ValueError('i')");
  CHECK_EQ(seen(thrower(std::domain_error("d"))).str(), "ValueError('d')");
  CHECK_EQ(seen(thrower(std::overflow_error("v"))).str(), "OverflowError('v')");
  CHECK_EQ(seen(thrower(std::bad_alloc())).str().substr(0, 11), "MemoryError");
  CHECK_EQ(seen(thrower(own_exception{1})).str().substr(0, 12), "RuntimeError");
  CHECK_EQ(seen(thrower(emb::error(EMB_BAD_ARGUMENT, "KeyError", "k"))).str(), "KeyError('k')");
  CHECK_EQ(seen(emb::function([] { emb::eval("{}['deep']"); })).str(), "KeyError('deep')");
}

static void back_as_themselves() {
  emb::object through = emb::eval("lambda f: (lambda: f())()");
  try {
    through(thrower(own_exception{5}));
    CHECK(!"thrown");
  } catch (const own_exception &e) {
    CHECK_EQ(e.number, 5);
  }
  try {
    through(thrower(odd_error("odd")));
    CHECK(!"thrown");
  } catch (const odd_error &e) {
    CHECK_EQ(e.what(), std::string("odd"));
  }
  try {
    through(thrower(odd_error("\xff")));  // what Python cannot show comes back all the same
    CHECK(!"thrown");
  } catch (const odd_error &e) {
    CHECK_EQ(e.what(), std::string("\xff"));
  }
  FAILS(through(thrower(emb::error(EMB_BAD_ARGUMENT, "KeyError", "k"))), "KeyError", "k");
  FAILS(emb::eval("lambda f: [f()]")(thrower(emb::error(EMB_BAD_ARGUMENT, "KeyError", "a\0b"s))), "KeyError",
        "a\0b"s);
  CHECK(emb::eval("lambda f, k: f(**{k: 5})")(emb::function([](const emb::args &a) {
    return a.named().size() == 1 && a.get("").as<int>() == 5;
  }), "").as<bool>());
  FAILS(through(emb::function([] { emb::eval("{}['deep']"); })), "KeyError", "deep");
  // Two levels: C++ calls Python calls C++ calls Python calls C++.
  try {
    through([through] { through(thrower(own_exception{6})); });
    CHECK(!"thrown");
  } catch (const own_exception &e) {
    CHECK_EQ(e.number, 6);
  }
  // What Python makes of it is Python's.
  emb::run("def other(f):\n  try: f()\n  except RuntimeError as e: raise LookupError('mine') from e");
  FAILS(emb::import("__main__").call("other", thrower(own_exception{7})), "LookupError", "mine");
  emb::run("import gc; gc.collect()");
  CHECK_EQ(emb::detail::originals.load(), 0);
}

static void errors() {
  try {
    emb::run("def f(): {}['lost']\ntry: f()\nexcept KeyError as e: raise ValueError('outer') from e", "here.py");
    CHECK(!"thrown");
  } catch (const emb::error &e) {
    emb::error copy = e;
    CHECK(e.status() == EMB_EXCEPTION && e.type_name() == "ValueError" && e.message() == "outer");
    CHECK_EQ(copy.what(), std::string("ValueError: outer"));
    CHECK(copy.traceback().find("File \"here.py\", line 1, in f") != std::string::npos);
    CHECK(e.matches("ValueError") && e.matches("Exception") && !e.matches("KeyError"));
    CHECK_REPR(e.exception().attr("__cause__"), "KeyError('lost')");
  }
  emb::run("def fails():\n  1/0");
  emb::run("other = 1\nlines = 2");
  try {
    emb::import("__main__").call("fails");
    CHECK(!"thrown");
  } catch (const emb::error &e) {
    CHECK(e.traceback().find("line 2, in fails") != std::string::npos);
    CHECK(e.traceback().find("lines = 2") == std::string::npos);
  }
  emb::error own(EMB_BAD_ARGUMENT, "TypeError", "text");
  CHECK(own.traceback() == "TypeError: text" && own.exception().is_none() && own.matches("TypeError"));
  try {
    emb::import("json").call("loads", "{");
  } catch (const emb::error &e) {
    CHECK(e.matches("json.JSONDecodeError") && e.matches("ValueError"));
  }
}

static void threads() {
  emb::object counter = emb::eval("__import__('collections').Counter()");
  std::vector<std::thread> all;
  for (int i = 0; i < 4; i++)
    all.emplace_back([&counter, i] {
      for (int n = 0; n < 50; n++) {
        emb::gil lock, nested;
        counter["n"] += 1;
        emb::object local = std::vector<int>{i, n};
      }
    });
  for (auto &thread : all) thread.join();
  CHECK_EQ(counter["n"].as<int>(), 200);
}

int main() { return run_tests(callables, lifetimes, into_python, back_as_themselves, errors, threads); }
