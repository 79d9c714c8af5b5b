/* Classes of Python with methods of the host, and what instances carry. */
#include "method.h"

static void another_release(void *userdata) { (void)userdata; }

FUNCTION(greet) {
  UNUSED;
  /* super().greet(name) */
  emb_handle super = eval_object("super"), base = 0;
  emb_value type_and_self[2] = {v_object(*(emb_handle *)userdata), args[0]}, bound = v_none();
  emb_status status = emb_call(super, type_and_self, 2, NULL, 0, EMB_RESULT_OBJECT, &bound);
  base = bound.as.object;
  emb_value text = v_none();
  if (!status) status = emb_call_method(base, "greet", -1, args + 1, nargs - 1, NULL, 0, 0, &text);
  if (!status) {
    emb_value exclamation = v_text("!");
    status = emb_operate(EMB_OP_ADD, &text, &exclamation, EMB_RESULT_AUTO, &text);
  }
  if (!status) status = emb_callback_return(&text);
  emb_object_free(base);
  emb_object_free(super);
  return status;
}
FUNCTION(twice) { UNUSED; CHECK_EQ(nargs, 1); return *result = v_int(2 * args[0].as.integer), EMB_OK; }
FUNCTION(class_name) {
  UNUSED;
  CHECK_EQ(args[0].kind, EMB_OBJECT);
  emb_value name = v_none();
  emb_status status = emb_object_getattr(args[0].as.object, "__name__", -1, 0, &name);
  return status ? status : emb_callback_return(&name);
}
static int64_t level;
FUNCTION(level_get) { UNUSED; return *result = v_int(level), EMB_OK; }
FUNCTION(level_set) { UNUSED; return level = args[1].as.integer, EMB_OK; }
FUNCTION(level_del) { UNUSED; return level = -1, EMB_OK; }

static void derived(void) {
  CHECK(run("class Base:\n"
            "  registered = []\n"
            "  def __init_subclass__(cls): Base.registered.append(cls)\n"
            "  def __init__(self, start): self.start = start\n"
            "  def greet(self, name): return 'hello ' + name"));
  emb_handle base = eval_object("Base"), derived = 0;
  const emb_method methods[] = {
      {"greet", NULL, greet, &derived, EMB_METHOD_INSTANCE, EMB_RESULT_AUTO},
      {"twice", NULL, twice, NULL, EMB_METHOD_STATIC, EMB_RESULT_AUTO},
      {"class_name", NULL, class_name, NULL, EMB_METHOD_CLASS, EMB_RESULT_AUTO},
      {"level", "How high.", level_get, NULL, EMB_METHOD_GETTER, EMB_RESULT_AUTO},
      {"level", NULL, level_set, NULL, EMB_METHOD_SETTER, EMB_RESULT_AUTO},
      {"level", NULL, level_del, NULL, EMB_METHOD_DELETER, EMB_RESULT_AUTO},
      {"__class_getitem__", NULL, class_name, NULL, EMB_METHOD_INSTANCE, EMB_RESULT_AUTO},
  };
  emb_value bases = v_object(base);
  OK(emb_class_new("Derived", -1, &bases, NULL, methods, COUNT(methods), NULL, 0, NULL, &derived));
  CHECK(bind("Derived", derived));
  CHECK(is_true("Base.registered == [Derived] and issubclass(Derived, Base)"));
  CHECK(run("d = Derived(start=5)"));
  CHECK(is_true("d.start == 5 and d.greet('you') == 'hello you!' and Derived.twice(21) == d.twice(21) == 42"));
  CHECK(is_true("Derived.class_name() == d.class_name() == Derived['anything'] == 'Derived'"));
  CHECK(run("d.level = 7"));
  CHECK(is_true("d.level == 7 and Derived.level.__doc__ == 'How high.'"));
  CHECK(run("del d.level"));
  CHECK_EQ(level, -1);
  /* And Python derives from it. */
  CHECK(run("class Further(Derived):\n  def greet(self, name): return super().greet(name) + '?'"));
  CHECK(is_true("Further(1).greet('x') == 'hello x!?' and Further.class_name() == 'Further'"));
  FAILS(emb_run("d.greet(5)", -1, NULL, 0, 0), EMB_EXCEPTION, "str");

  /* An instance that Python made carries nothing, until it is given something. */
  emb_handle d = eval_object("d");
  void *carried = &level;
  int32_t is_one = 5;
  int freed = 0, freed_too = 0;
  OK(emb_instance_userdata(d, NULL, &carried, &is_one));
  CHECK(is_one == 0 && carried == &level);
  OK(emb_instance_bind(d, &freed, 0, count_release));
  OK(emb_instance_userdata(d, count_release, &carried, &is_one));
  CHECK(is_one == 1 && carried == &freed);
  carried = &level;
  OK(emb_instance_userdata(d, another_release, &carried, &is_one)); /* another kind of object */
  CHECK(is_one == 0 && carried == &level);
  OK(emb_instance_bind(d, &freed_too, 0, count_release));
  CHECK(freed == 1 && freed_too == 0);
  OK(emb_object_free(d));
  CHECK(run("del d"));
  CHECK(freed == 1 && freed_too == 1);

  emb_handle other = eval_object("Base(1)"), threads = eval_object("__import__('threading').Thread");
  OK(emb_instance_userdata(other, NULL, &carried, &is_one));
  CHECK_EQ(is_one, 0);
  OK(emb_object_free(other));
  OK(emb_object_free(base));

  /* Called by Python, on a thread of its own. */
  const emb_method run_method = {"run", NULL, level_del, NULL, EMB_METHOD_INSTANCE, EMB_RESULT_AUTO};
  const emb_method only_here = {"run", NULL, level_del, NULL, EMB_METHOD_INSTANCE, EMB_ONE_THREAD};
  emb_handle class = 0;
  bases = v_object(threads);
  level = 0;
  OK(emb_class_new("Worker", -1, &bases, NULL, &run_method, 1, NULL, 0, NULL, &class));
  CHECK(bind("Worker", class) && run("w = Worker(); w.start(); w.join()"));
  CHECK_EQ(level, -1);
  OK(emb_object_free(class));
  level = 0;
  OK(emb_class_new("Worker", -1, &bases, NULL, &only_here, 1, NULL, 0, NULL, &class));
  CHECK(bind("Worker", class));
  CHECK(run("import threading; told, hook = [], threading.excepthook\n"
            "threading.excepthook = lambda a: told.append(str(a.exc_value))\n"
            "w = Worker(); w.start(); w.join(); threading.excepthook = hook"));
  CHECK(is_true("'only on the thread that made it' in told[0]"));
  CHECK_EQ(level, 0);
  OK(emb_object_free(class));
  OK(emb_object_free(threads));
  OK(emb_object_free(derived));
}

/* A callable that becomes a method where Python makes the class. */
static void method_of_python(void) {
  emb_handle callable = 0;
  int freed = 0;
  OK(emb_callback_new("kind", -1, NULL, 0, class_name, &freed, EMB_CALLBACK_METHOD, count_release, &callable));
  CHECK(bind("kind", callable));
  OK(emb_object_free(callable));
  CHECK(run("Meta = type('Meta', (type,), {'kind': kind}); Made = Meta('Made', (), {})"));
  CHECK(is_true("Made.kind() == 'Made'"));
  CHECK(run("del Meta, Made, kind; gc.collect()"));
  /* Classes live for ever in the free-threaded 3.13, and only there. */
  bool for_ever = is_true("'free-threading' in __import__('sys').version and __import__('sys').version_info < (3, 14)");
  CHECK_EQ(freed, for_ever ? 0 : 1);
}

/* Copies share what they carry; it is released after the last. */
static void copies(void) {
  emb_handle class = 0, object = 0;
  int freed = 0;
  void *carried = NULL;
  int32_t is_one = 0;
  OK(emb_class_new("Plain", -1, NULL, NULL, NULL, 0, NULL, 0, NULL, &class));
  void *token = NULL;
  size_t given = 0;
  OK(emb_instance_new(class, &given, EMB_RELEASE_QUEUE, count_release, &object));
  OK(emb_instance_userdata(object, count_release, &carried, &is_one)); /* a mark of its kind all the same */
  CHECK(is_one == 1 && carried == &given);
  OK(emb_object_free(object));
  OK(emb_gil_acquire());
  OK(emb_gil_release());
  OK(emb_released(&token, 1, &given));
  CHECK(given == 1 && token == &given);
  OK(emb_instance_new(class, &freed, 0, count_release, &object));
  CHECK(bind("p", object) && run("import copy; q = copy.copy(p)"));
  OK(emb_object_free(object));
  object = eval_object("q");
  OK(emb_instance_userdata(object, NULL, &carried, &is_one));
  CHECK(is_one == 1 && carried == &freed);
  OK(emb_object_free(object));
  CHECK(run("del p"));
  CHECK_EQ(freed, 0);
  CHECK(run("del q"));
  CHECK_EQ(freed, 1);
  OK(emb_object_free(class));
}

int main(void) {
  start();
  CHECK(run("import gc"));
  derived();
  method_of_python();
  copies();
  CHECK_ALIVE();
  OK(emb_shutdown());
  return check_result();
}
