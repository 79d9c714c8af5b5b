// emb.hpp: CPython and its packages in C++17, on top of emb.h. Nothing to build but your program:
// c++ -std=c++17 program.cpp -lemb.
//
//     #include <emb.hpp>
//
//     int main() {
//       emb::init();
//       std::vector<double> x(1000), y(1000);
//       // ...
//       auto pyplot = emb::import("matplotlib.pyplot");
//       pyplot.call("plot", emb::array(x), emb::array(y), "o-", emb::kw("color", "red"));
//       pyplot.call("savefig", "plot.png");
//       emb::shutdown();
//     }
//
// emb::object    any Python object: attributes, items, calls, operators, iteration, conversion
// emb::array     a numpy array on memory of yours          emb::view<T>  Python's memory, as a span
// emb::function  a lambda as a Python callable             emb::error    an exception, both ways
// emb::class_    a C++ class as a Python class            emb::kw       a keyword argument
// emb::gil       Python's lock for a series of operations
//
// An operation is one crossing into Python. Numbers, text, tuples and containers are put together on
// the stack and need no object of their own. Everything may be used on any thread; one and the same
// emb::object, as any C++ value, by one thread at a time where it is changed.
#ifndef EMB_HPP
#define EMB_HPP

#if __cplusplus < 201703L && (!defined(_MSVC_LANG) || _MSVC_LANG < 201703L)
#error "emb.hpp needs C++17"
#endif

#include "emb/access.hpp"
#include "emb/arguments.hpp"
#include "emb/array.hpp"
#include "emb/class.hpp"
#include "emb/containers.hpp"
#include "emb/convert.hpp"
#include "emb/error.hpp"
#include "emb/function.hpp"
#include "emb/object.hpp"
#include "emb/operators.hpp"

#endif
