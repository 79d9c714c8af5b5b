// emb/class.hpp: C++ classes as Python classes. Included by emb.hpp.
#ifndef EMB_CLASS_HPP
#define EMB_CLASS_HPP

#include "access.hpp"
#include "function.hpp"

#include <memory>

namespace emb {
namespace detail {

template <class T>
void end_instance(void *userdata) {
  delete static_cast<T *>(userdata);
}

/// The C++ object of a method's `self`.
template <class T>
T &self_of(const emb_value &self) {
  void *found = nullptr;
  int32_t is_one = 0;
  if (self.kind == EMB_OBJECT)
    check(emb_instance_userdata(self.as.object, end_instance<T>, &found, &is_one));
  if (is_one == 0)
    mismatch("TypeError", "self has no C++ object of this class: give the class an init(), which a "
                          "derived __init__ calls");
  return *static_cast<T *>(found);
}

/// One function of a class, kept until Python needs it no longer.
struct kept_function {
  virtual ~kept_function() = default;
};
template <class F>
struct method : kept_function {
  explicit method(F callee) : function(std::move(callee)) {}
  F function;
};

/// How a method is called, from the type of what was given: with the object as `T &` or as
/// emb::object, or as a member of T. `rest` are its other parameters.
template <class T, class F, class P = typename signature<F>::parameters>
struct method_traits;
template <class T, class F, class... P>
struct method_traits<T, F, std::tuple<T, P...>> {
  using rest = std::tuple<P...>;
  template <class... A>
  static decltype(auto) call(F &function, const emb_value &self, A &&...arguments) {
    return function(self_of<T>(self), std::forward<A>(arguments)...);
  }
};
template <class T, class F, class... P>
struct method_traits<T, F, std::tuple<object, P...>> {
  using rest = std::tuple<P...>;
  template <class... A>
  static decltype(auto) call(F &function, const emb_value &self, A &&...arguments) {
    emb_handle clone = 0;
    check(emb_object_clone(self.as.object, &clone));
    return function(object::take(clone), std::forward<A>(arguments)...);
  }
};
template <class T, class F>
struct member_traits {
  using rest = typename signature<F>::parameters;
  template <class... A>
  static decltype(auto) call(F &function, const emb_value &self, A &&...arguments) {
    return (self_of<T>(self).*function)(std::forward<A>(arguments)...);
  }
};
template <class T, class F>
using traits_of =
    std::conditional_t<std::is_member_function_pointer_v<F>, member_traits<T, F>, method_traits<T, F>>;

template <class Traits, class F, class... P>
emb_value call_method(F &function, emb_value *values, size_t count, std::string_view names,
                      std::tuple<P...> *parameters) {
  const emb_value self = values[0];
  auto bound = [&](P... rest) -> decltype(auto) {
    return Traits::call(function, self, std::forward<P>(rest)...);
  };
  return called(bound, args(values + 1, count - 1, names), parameters,
                std::make_index_sequence<sizeof...(P)>());
}

template <class T, class F>
emb_status run_method(void *userdata, emb_value *values, size_t count, const char *names,
                      int64_t names_length, emb_value *result) {
  try {
    using traits = traits_of<T, F>;
    if (count == 0) mismatch("TypeError", "a method without self");
    auto keywords = names ? std::string_view(names, static_cast<size_t>(names_length)) : std::string_view();
    auto &kept = *static_cast<method<F> *>(userdata);
    *result = call_method<traits>(kept.function, values, count, keywords,
                                  static_cast<typename traits::rest *>(nullptr));
    return EMB_OK;
  } catch (...) {
    return raise_current();
  }
}

template <class F>
emb_status run_kept(void *userdata, emb_value *values, size_t count, const char *names,
                    int64_t names_length, emb_value *result) {
  return run_function<F>(&static_cast<method<F> *>(userdata)->function, values, count, names,
                         names_length, result);
}

/// For a class without C++ objects: its methods take `self` as an emb::object.
struct nothing_carried {};

}  // namespace detail

/// A Python class whose methods are C++: members of T, or lambdas that take a `T &` (or the
/// emb::object itself) first. Python's own names make it a sequence, a callable, a context manager:
///
///     emb::class_<shelf> shelves("Shelf", "Numbers of the host.");
///     shelves.init<std::vector<double>>()
///         .method("__len__", &shelf::size)
///         .method("__getitem__", [](shelf &self, long i) { return self.at(i); })
///         .property("name", &shelf::name);
///     emb::object python_class = shelves.make();
///     emb::object one = shelves.wrap(python_class, shelf{...});   // from C++; or Shelf([...]) in Python
///     shelf &same = shelves.unwrap(one);
///
/// `bases` is a class of Python or a tuple of them. Python keeps the C++ object as long as it has a
/// reference to the instance.
template <class T = detail::nothing_carried>
class class_ {
 public:
  explicit class_(std::string name, std::string doc = {}, object bases = {})
      : name_(std::move(name)), doc_(std::move(doc)), bases_(std::move(bases)) {}

  /// A method; also a static one (`__new__`) or one of the class (`__class_getitem__`) by its name.
  template <class F>
  class_ &method(const char *name, F function, const char *doc = nullptr) {
    return add(name, std::move(function), EMB_METHOD_INSTANCE, doc);
  }
  template <class F>
  class_ &property(const char *name, F getter, const char *doc = nullptr) {
    return add(name, std::move(getter), EMB_METHOD_GETTER, doc);
  }
  template <class F, class G>
  class_ &property(const char *name, F getter, G setter, const char *doc = nullptr) {
    add(name, std::move(getter), EMB_METHOD_GETTER, doc);
    return add(name, std::move(setter), EMB_METHOD_SETTER, doc);
  }
  /// A static method takes its arguments alone.
  template <class F>
  class_ &static_method(const char *name, F function, const char *doc = nullptr) {
    return keep(name, std::move(function), detail::run_kept<F>, EMB_METHOD_STATIC, doc);
  }
  /// Lets Python make instances: `Name(...)` makes a T of these arguments.
  template <class... A>
  class_ &init() {
    return method("__init__", [](object self, A... arguments) {
      auto made = std::make_unique<T>(std::forward<A>(arguments)...);
      detail::check(emb_instance_bind(self.value().as.object, made.release(), 0, detail::end_instance<T>));
    });
  }

  /// The Python class, with what was added so far.
  object make() {
    std::vector<emb_method> methods;
    for (const entry &one : entries_) methods.push_back(one.method);
    emb_value pair[2] = {detail::value(EMB_TEXT), detail::value(EMB_TEXT)};
    pair[0].as.text = "__doc__", pair[0].length = 7;
    pair[1].as.text = doc_.data(), pair[1].length = static_cast<uint32_t>(doc_.size());
    emb_value space = detail::value(EMB_DICT);
    space.as.items = pair, space.length = 1;
    auto *kept = new functions;
    for (entry &one : entries_) kept->push_back(std::move(one.function));
    entries_.clear();
    emb_handle made = 0;
    detail::check(emb_class_new(name_.data(), static_cast<int64_t>(name_.size()),
                                bases_.is_none() ? nullptr : &bases_.value(), &space, methods.data(),
                                methods.size(), kept, 0, [](void *all) { delete static_cast<functions *>(all); },
                                &made));
    return object::take(made);
  }

  /// An instance of the Python class that carries a T.
  static object wrap(const object &python_class, T carried) {
    emb_handle made = 0;
    object::boxed boxed(python_class);
    detail::check(emb_instance_new(boxed, new T(std::move(carried)), 0, detail::end_instance<T>, &made));
    return object::take(made);
  }
  /// The T that an instance carries. Throws a TypeError where it carries none.
  static T &unwrap(const object &instance) { return detail::self_of<T>(instance.value()); }

 private:
  using functions = std::vector<std::unique_ptr<detail::kept_function>>;
  struct entry {
    emb_method method;
    std::unique_ptr<detail::kept_function> function;
  };

  template <class F>
  class_ &add(const char *name, F function, uint32_t kind, const char *doc) {
    return keep(name, std::move(function), detail::run_method<T, F>, kind, doc);
  }
  template <class F>
  class_ &keep(const char *name, F function, emb_function run, uint32_t kind, const char *doc) {
    auto kept = std::make_unique<detail::method<F>>(std::move(function));
    emb_method method{name, doc, run, kept.get(), kind, EMB_RESULT_AUTO};
    entries_.push_back({method, std::move(kept)});
    return *this;
  }

  std::string name_, doc_;
  object bases_;
  std::vector<entry> entries_;
};

}  // namespace emb

#endif
