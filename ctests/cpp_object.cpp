// Objects from C++: their lifetime, attributes, items, calls, conversions, operators, iteration.
#include "check.hpp"

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

using namespace std::string_literals;

// References to an object, without the one of getrefcount's argument.
static long references(const emb::object &x) {
  return emb::import("sys").call("getrefcount", x).as<long>() - 1;
}

static void packages() {
  emb::require({"pip"}, true);
  try {
    emb::require({"pip", "-r file"});
    CHECK(false);
  } catch (const emb::error &error) {
    CHECK_EQ(error.status(), EMB_BAD_ARGUMENT);
    CHECK(std::string(error.what()).find("-r file") != std::string::npos);
  }
}

static void lifetime() {
  emb::object list = emb::eval("[1, 2, 3]");
  CHECK_EQ(references(list), 1);
  {
    emb::object copy = list, third;
    CHECK(copy.is(list));
    third = copy;
    CHECK_EQ(references(list), 3);
    emb::object moved = std::move(copy);
    CHECK(copy.is_none() && moved.is(list));
    moved = emb::none;
    CHECK(moved.is_none());
  }
  CHECK_EQ(references(list), 1);
  emb::run("import weakref\nclass Thing: pass");
  emb::object main = emb::import("__main__");
  emb::object thing = main.call("Thing");
  emb::object weak = main.attr("weakref").call("ref", thing);
  emb::object second = thing;
  thing = {};
  CHECK(!weak().is_none());
  second = {};
  CHECK(weak().is_none());
  emb_handle raw = emb::object(emb::eval("{}")).release();
  CHECK(raw != 0 && emb_object_free(raw) == EMB_OK);
  std::vector<emb::object> mixed{1, "two", 3.5, emb::none, list, true};
  CHECK_REPR(mixed, "[1, 'two', 3.5, None, [1, 2, 3], True]");
}

static void values() {
  CHECK_REPR(emb::object(), "None");
  CHECK_REPR(nullptr, "None");
  CHECK_REPR(std::nullopt, "None");
  CHECK_REPR(true, "True");
  CHECK_REPR(static_cast<signed char>(-5), "-5");
  CHECK_REPR(4000000000u, "4000000000");
  CHECK_REPR(INT64_MIN, "-9223372036854775808");
  CHECK_REPR(UINT64_MAX, "18446744073709551615");
  CHECK_REPR(size_t{7}, "7");
  CHECK_REPR('x', "'x'");
  CHECK_REPR(2.5f, "2.5");
  CHECK_REPR("d\xc3\xa9", "'d\xc3\xa9'");
  CHECK_REPR("a\0b"s, "'a\\x00b'");
  CHECK_REPR(std::string_view("abc", 2), "'ab'");
  CHECK_REPR(emb::bytes("\xff\0", 2), "b'\\xff\\x00'");
  CHECK_REPR(std::complex<double>(1, -2), "(1-2j)");
  CHECK_REPR(emb::ellipsis, "Ellipsis");
  CHECK_REPR(emb::not_implemented, "NotImplemented");
  CHECK_REPR(emb::slice(1, std::nullopt, -2), "slice(1, None, -2)");
  CHECK_REPR(std::tuple(1, "a", 2.5), "(1, 'a', 2.5)");
  CHECK_REPR((std::tuple<>()), "()");
  CHECK_REPR(std::pair(1, std::tuple(2)), "(1, (2,))");
  CHECK_REPR((std::vector<int>()), "[]");
  CHECK_REPR((std::vector<bool>{true, false}), "[True, False]");
  CHECK_REPR((std::vector<std::vector<std::string>>{{"a", "b"}, {}}), "[['a', 'b'], []]");
  CHECK_REPR((std::array<double, 2>{1, 2}), "[1.0, 2.0]");
  CHECK_REPR((std::map<std::string, std::vector<int>>{{"a", {1}}, {"b", {}}}), "{'a': [1], 'b': []}");
  CHECK_REPR(std::optional<int>(3), "3");
  CHECK_REPR(emb::dict(emb::kw("a", 1), emb::kw("b", std::tuple(2, 3))), "{'a': 1, 'b': (2, 3)}");
  CHECK_REPR(emb::dict(), "{}");
  std::vector<int> many(5000, 1);  // more than an arena holds on the stack
  CHECK_EQ(emb::eval("sum")(many).as<int>(), 5000);
  FAILS(emb::object(static_cast<const char *>(nullptr)), "ValueError", "null pointer");
}

static void conversions() {
  CHECK_EQ(emb::eval("5").as<int>(), 5);
  CHECK_EQ(emb::eval("True").as<int>(), 1);
  CHECK_EQ(emb::eval("5").as<double>(), 5.0);
  // Whole numbers are not rounded, and no number becomes infinite.
  CHECK_EQ(emb::eval("2**64").as<double>(), 0x1p64);
  CHECK_EQ(emb::eval("-2**63").as<double>(), -0x1p63);
  CHECK_EQ(emb::eval("float('inf')").as<float>(), std::numeric_limits<float>::infinity());
  CHECK_EQ(emb::eval("0.1").as<float>(), 0.1f);
  CHECK_EQ(emb::eval("__import__('fractions').Fraction(1, 10)").as<double>(), 0.1);
  FAILS(emb::eval("2**64 + 1").as<double>(), "OverflowError", "18446744073709551617");
  FAILS(emb::eval("2**53 + 1").as<double>(), "OverflowError", "9007199254740993");
  FAILS(emb::eval("2**24 + 1").as<float>(), "OverflowError", "16777217");
  FAILS(emb::eval("1e300").as<float>(), "OverflowError", "1e+300");
  CHECK_EQ(emb::eval("2**63").as<uint64_t>(), uint64_t{1} << 63);
  CHECK_EQ(emb::eval("type('I', (int,), {})(7)").as<short>(), 7);
  CHECK_EQ(emb::eval("type('S', (str,), {})('s')").as<std::string>(), "s");
  CHECK_EQ(emb::eval("'a\\0b'").as<std::string>(), "a\0b"s);
  CHECK_EQ(emb::eval("b'\\xff'").as<std::string>(), "\xff");
  emb::object text = "view";
  CHECK_EQ(text.as<std::string_view>(), "view");
  CHECK(emb::eval("[0]").as<bool>() && !emb::eval("[]").as<bool>());
  CHECK(emb::eval("1+2j").as<std::complex<double>>() == std::complex<double>(1, 2));
  CHECK(emb::eval("(1, 'a', [2.5])").as<std::tuple<int, std::string, std::vector<double>>>() ==
        std::tuple(1, "a"s, std::vector<double>{2.5}));
  CHECK(emb::eval("range(3)").as<std::vector<int>>() == std::vector<int>{0, 1, 2});
  CHECK(emb::eval("(i * i for i in range(3))").as<std::deque<long>>() == std::deque<long>{0, 1, 4});
  CHECK(emb::eval("[(1, 2), (3, 4)]").as<std::vector<std::pair<int, int>>>()[1].second == 4);
  CHECK(emb::eval("[10**30, 1j]").as<std::vector<emb::object>>()[0].repr() == "1" + std::string(30, '0'));
  auto map = emb::eval("{'a': 1, 'b': 2}").as<std::map<std::string, int>>();
  CHECK(map.size() == 2 && map["b"] == 2);
  CHECK_EQ((emb::eval("{3: None}").as<std::unordered_map<int, std::optional<int>>>().count(3)), 1u);
  CHECK(!emb::eval("None").as<std::optional<int>>() && emb::eval("1").as<std::optional<int>>() == 1);
  auto shout = emb::eval("str.upper").as<std::function<std::string(std::string)>>();
  CHECK_EQ(shout("abc"), "ABC");

  FAILS(emb::eval("300").as<unsigned char>(), "OverflowError", "300 does not fit");
  FAILS(emb::eval("-1").as<unsigned>(), "OverflowError", "-1");
  FAILS(emb::eval("2**64").as<uint64_t>(), "OverflowError", "18446744073709551616");
  FAILS(emb::eval("-2**63").as<uint64_t>(), "OverflowError", "-9223372036854775808");
  FAILS(emb::eval("2**63").as<int64_t>(), "OverflowError", "9223372036854775808");
  FAILS(emb::eval("1.5").as<int>(), "TypeError", "expected an int, not a float");
  FAILS(emb::eval("'1'").as<double>(), "TypeError", "expected a number, not text");
  FAILS(emb::eval("[]").as<double>(), "TypeError", "not list object");
  FAILS(emb::eval("1").as<std::string>(), "TypeError", "expected text, not an int");
  CHECK(emb::eval("b'\\0\\xff'").as<std::vector<unsigned char>>() == std::vector<unsigned char>{0, 255});
  FAILS(emb::eval("1").as<std::vector<int>>(), "TypeError", "a sequence");
  FAILS(emb::eval("'abc'").as<std::vector<std::string>>(), "TypeError", "a sequence");
  FAILS(emb::eval("[1, 'a']").as<std::vector<int>>(), "TypeError", "text");
  FAILS((emb::eval("(1, 2, 3)").as<std::pair<int, int>>()), "ValueError", "2 items, not 3");
  FAILS((emb::eval("[1]").as<std::map<int, int>>()), "AttributeError", "keys");
}

static void attributes_and_items() {
  emb::object space = emb::import("types").call("SimpleNamespace", emb::kw("x", 1), emb::kw("y", "why"));
  CHECK_EQ(space.attr("x").as<int>(), 1);
  space.attr("x") = std::vector<int>{1, 2};
  CHECK_REPR(space.attr("x"), "[1, 2]");
  space.attr("z") = space.attr("x");
  CHECK(space.attr("z").get().is(space.attr("x")));
  space.attr("z") += std::vector<int>{3};
  CHECK_REPR(space.attr("x"), "[1, 2, 3]");  // one list
  CHECK(space.has_attr("y") && !space.has_attr("lost"));
  space.del_attr("y");
  CHECK(!space.has_attr("y"));
  FAILS(space.attr("lost").get(), "AttributeError", "lost");
  CHECK_EQ(emb::import("os").attr("path").attr("sep").str(), "/");

  emb::object list = emb::eval("[10, 20, 30, 40]");
  CHECK_EQ(list[1].as<int>(), 20);
  CHECK_EQ(list[-1].as<int>(), 40);
  list[0] = "first";
  list[1] = list[2];
  CHECK_REPR(list[emb::slice(0, 3)], "['first', 30, 30]");
  list[2] *= 2;
  list.del_item(-1);
  CHECK_REPR(list, "['first', 30, 60]");
  CHECK_EQ(list.size(), 3u);
  CHECK(list.contains("first") && !list.contains(5));
  FAILS(list[9].get(), "IndexError", "range");
  emb::object dict = emb::dict();
  dict["a"] = emb::dict(emb::kw("deep", 1));
  dict[std::tuple(1, 2)] = 5;
  CHECK_EQ(dict["a"]["deep"].as<int>(), 1);
  dict["a"]["deep"] += 1;
  CHECK_REPR(dict, "{'a': {'deep': 2}, (1, 2): 5}");
  FAILS(dict["b"].get(), "KeyError", "b");
  CHECK_EQ(dict["a"].call("get", "none", "other").str(), "other");
}

static void calls() {
  emb::object f = emb::eval("lambda *a, **k: repr((a, k))");
  CHECK_EQ(f().str(), "((), {})");
  CHECK_EQ(f(1, 2.5, "text", emb::kw("color", "red"), emb::kw("n", emb::none)).str(),
           "((1, 2.5, 'text'), {'color': 'red', 'n': None})");
  CHECK_EQ(f(emb::kw("k", std::vector<int>{1})).str(), "((), {'k': [1]})");
  CHECK_EQ(f(f, f.attr("__name__")).str().substr(0, 11), "((<function");
  CHECK_EQ(emb::object("a-b").call("split", "-").repr(), "['a', 'b']");  // a method of a plain value
  CHECK_EQ(emb::object("abc").attr("upper")().str(), "ABC");
  CHECK_EQ(emb::object(255).call("to_bytes", 2, emb::kw("byteorder", "big")).as<std::string>(), "\0\xff"s);
  CHECK_EQ(emb::object("text").size(), 4u);
  std::string name(300, 'n');  // names longer than the arena's first part
  FAILS(f(emb::kw("a,b,c", 1)), "ValueError", "comma");
  FAILS(f(emb::kw("", 1)), "ValueError", "empty");
  CHECK_REPR(emb::dict(emb::kw("a,b", 1)), "{'a,b': 1}");
  CHECK_EQ(f(emb::kw(name, 1), emb::kw(name + "2", 2), emb::kw("c", 3)).str().size(), 300u + 301 + 28);
  FAILS(emb::object(5)(), "TypeError", "not callable");
  FAILS(f.call("lost"), "AttributeError", "lost");
}

static void operators() {
  emb::object a = 7, b = emb::eval("[1]");
  CHECK_REPR(a + 1, "8");
  CHECK_REPR(1 - a, "-6");
  CHECK_REPR(a * 2.5, "17.5");
  CHECK_REPR(a / 2, "3.5");
  CHECK_REPR(a % 4, "3");
  CHECK_REPR((a << 2) | (a >> 1), "31");
  CHECK_REPR((a & 3) ^ 8, "11");
  CHECK_REPR(-a, "-7");
  CHECK_REPR(+a, "7");
  CHECK_REPR(~a, "-8");
  CHECK_REPR(emb::abs(-a), "7");
  CHECK_REPR(emb::pow(a, 2), "49");
  CHECK_REPR(emb::pow(a, 5, 10), "7");
  CHECK_REPR(emb::floordiv(a, 2), "3");
  CHECK_REPR(emb::divmod(a, 2), "(3, 1)");
  CHECK_REPR("x" + emb::object("y"), "'xy'");
  CHECK_REPR(b + std::vector<int>{2}, "[1, 2]");
  CHECK_REPR("%s-%s" % emb::object(std::tuple(1, 2)), "'1-2'");
  CHECK(a == 7 && 7 == a && a != 8 && a < 8 && a <= 7 && a > 6 && a >= 7 && 6 < a);
  CHECK(b == std::vector<int>{1} && b == b && b != a);
  emb::object same = b;
  b += std::vector<int>{2};
  CHECK(same.is(b) && same.size() == 2u);  // in place
  a += 1;
  a -= 2;
  a *= 10;
  a /= 4;
  CHECK_REPR(a, "15.0");
  CHECK_REPR(emb::import("math").attr("pi") * 0 + 1, "1.0");
  CHECK(emb::object("a") && !emb::object("") && !emb::object() && emb::object(0.5));
  CHECK(a.hash() == 15 && emb::object(15).hash() == 15);
  std::ostringstream out;
  out << a << ' ' << emb::object("text");
  CHECK_EQ(out.str(), "15.0 text");
  FAILS(a + "x", "TypeError", "unsupported");
  FAILS(a < "x", "TypeError", "not supported");
}

static void iteration() {
  long sum = 0;
  for (const emb::object &item : emb::eval("range(5)")) sum += item.as<long>();
  CHECK_EQ(sum, 10);
  std::string text;
  for (auto item : emb::object("abc")) text = item.str() + text;
  CHECK_EQ(text, "cba");
  for (auto item : emb::eval("[]")) report(__FILE__, __LINE__, item.str());
  emb::object squares = emb::eval("{'a': 1}");
  for (auto pair : squares.call("items")) {
    auto [key, number] = pair.as<std::pair<std::string, int>>();
    CHECK(key == "a" && number == 1);
  }
  auto broken = [] {
    for (auto item : emb::eval("(1 // (2 - i) for i in range(5))")) static_cast<void>(item);
  };
  FAILS(broken(), "ZeroDivisionError", "");
  FAILS(emb::object(5).begin(), "TypeError", "not iterable");
  std::vector<emb::object> all(squares.begin(), squares.end());
  CHECK_EQ(all.size(), 1u);
}

static void code() {
  emb::run("answer = 42");
  CHECK_EQ(emb::eval("answer").as<int>(), 42);
  emb::object globals = emb::dict(emb::kw("x", 5));
  emb::run("y = x + 1", "there.py", globals);
  CHECK_EQ(emb::eval("x * y", globals).as<int>(), 30);
  FAILS(emb::eval("1 +"), "SyntaxError", "");
  FAILS(emb::import("no_such_module"), "ModuleNotFoundError", "no_such_module");
}

int main() {
  return run_tests(packages, lifetime, values, conversions, attributes_and_items, calls, operators, iteration,
                   code);
}
