/* Results that point into libemb's memory stay valid for EMB_RESULTS_KEPT results of a thread. */
#include "check.h"

#include <pthread.h>

/* A result that no other part of the program could have cached, and what it must be. */
static emb_value fresh(int number, uint32_t flags) {
  char source[100];
  /* str and bytes made at run time, freed with their last reference. */
  snprintf(source, sizeof source, number % 2 ? "'%d' * 2000" : "(b'%d' * 2000, 2**(80 + %d))",
           number, number);
  return eval_as(source, flags);
}

static bool is_fresh(emb_value value, int number) {
  char digits[12];
  int n = snprintf(digits, sizeof digits, "%d", number);
  if (number % 2 == 0) {
    if (value.kind != EMB_TUPLE || value.length != 2) return false;
    emb_value big = value.as.items[1];
    if (big.kind != EMB_BIGINT || memcmp(big.as.text, "0x", 2) != 0) return false;
    if (big.length != (uint32_t)(2 + (80 + number) / 4 + 1)) return false;
    value = value.as.items[0];
  }
  if (value.length != (uint32_t)n * 2000) return false;
  for (uint32_t i = 0; i < value.length; i++)
    if (value.as.text[i] != digits[i % (uint32_t)n]) return false;
  return true;
}

static void *round_of_results(void *unused) {
  emb_value kept[EMB_RESULTS_KEPT];
  for (int number = 0; number < 10 * EMB_RESULTS_KEPT; number++) {
    kept[number % EMB_RESULTS_KEPT] = fresh(number, EMB_RESULT_DEEP);
    /* Results without memory of their own take no place. */
    eval("1.5");
    emb_handle object = eval_object("object()");
    emb_object_free(object);
    int oldest = number < EMB_RESULTS_KEPT ? 0 : number - EMB_RESULTS_KEPT + 1;
    for (int old = oldest; old <= number; old++)
      if (!is_fresh(kept[old % EMB_RESULTS_KEPT], old)) {
        check_report(__FILE__, __LINE__, "result %d is spoilt after result %d", old, number);
        return unused;
      }
  }
  return unused;
}

/* The text number `n`: as many bytes, a NUL in the middle of each but the shortest, or two bytes a letter. */
static emb_value text_of(int n) {
  static const char *const sources[] = {"'%1$c' * (%2$d // 2) + '\\0' * (%2$d > 1) + '%1$c' * (%2$d - %2$d // 2 - (%2$d > 1))",
                                        "'\\u00e9' * (%2$d // 2) + '%1$c' * (%2$d %% 2)"};
  char source[120];
  snprintf(source, sizeof source, sources[n % 3 == 0], 'a' + n % 26, n);
  return eval_as(source, 0);
}

static bool is_text_of(emb_value value, int n) {
  if (value.kind != EMB_TEXT || value.length != (uint32_t)n || value.as.text[n] != 0) return false;
  for (int i = 0; i < n; i++) {
    unsigned char expected = (unsigned char)('a' + n % 26), byte = (unsigned char)value.as.text[i];
    if (n % 3 == 0 && i < n / 2 * 2) expected = i % 2 ? 0xa9 : 0xc3;
    else if (n % 3 != 0 && n > 1 && i == n / 2) expected = 0;
    if (byte != expected) return false;
  }
  return true;
}

/* An unpacked tuple outlasts any number of texts, which others may ask for while it is read. */
static void tuples_among_texts(void) {
  emb_value pair = fresh(2, EMB_RESULT_DEEP);
  for (int n = 0; n < 10 * EMB_RESULTS_KEPT; n++) {
    text_of(n % 30);
    fresh(1, 0);
  }
  CHECK(is_fresh(pair, 2));
}

/* Texts of each length around those that are copied, and long ones between them. */
static void short_texts(void) {
  enum { LONGEST = 100 };
  emb_value kept[EMB_RESULTS_KEPT];
  for (int n = 0; n <= LONGEST; n++) {
    kept[n % EMB_RESULTS_KEPT] = text_of(n);
    for (int old = n < EMB_RESULTS_KEPT ? 0 : n - EMB_RESULTS_KEPT + 1; old <= n; old++)
      if (!is_text_of(kept[old % EMB_RESULTS_KEPT], old))
        check_report(__FILE__, __LINE__, "text %d is spoilt after text %d", old, n);
  }
}

/* Tuples of each length around those that have a place of their own; in every third one another tuple. */
static emb_value tuple_of(int n) {
  char source[200];
  snprintf(source, sizeof source, "(*(str(i) for i in range(%d)), %s)", n, n % 3 ? "1.5" : "(1.5,)");
  return eval_as(source, EMB_RESULT_DEEP);
}

static bool is_tuple_of(emb_value value, int n) {
  if (value.kind != EMB_TUPLE || value.length != (uint32_t)n + 1) return false;
  for (int i = 0; i < n; i++) {
    char digits[12];
    int length = snprintf(digits, sizeof digits, "%d", i);
    emb_value item = value.as.items[i];
    if (item.kind != EMB_TEXT || item.length != (uint32_t)length || memcmp(item.as.text, digits, item.length))
      return false;
  }
  emb_value last = value.as.items[n];
  if (n % 3 == 0) {
    if (last.kind != EMB_TUPLE || last.length != 1) return false;
    last = last.as.items[0];
  }
  return last.kind == EMB_FLOAT && last.as.real == 1.5;
}

static void short_tuples(void) {
  enum { LONGEST = 50 };
  emb_value kept[EMB_RESULTS_KEPT];
  for (int n = 0; n < LONGEST; n++) {
    kept[n % EMB_RESULTS_KEPT] = tuple_of(n % 12);
    for (int old = n < EMB_RESULTS_KEPT ? 0 : n - EMB_RESULTS_KEPT + 1; old <= n; old++)
      if (!is_tuple_of(kept[old % EMB_RESULTS_KEPT], old % 12))
        check_report(__FILE__, __LINE__, "tuple %d is spoilt after tuple %d", old, n);
  }
}

/* What is in a tuple that nobody keeps is nobody's but the host's, whatever stands beside it. */
static void only_the_host_s(void) {
  const char *sources[] = {"(object(), 1)", "(object(), (1, 2))", "(1, object(), 2 ** 70)", "(object(), 'text', 1j)"};
  /* Without a GIL nobody can tell, of any object. */
  emb_value alone = eval_as("object()", EMB_RESULT_SHARED);
  OK(emb_object_free(alone.as.object));
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
    emb_value tuple = eval_as(sources[i], EMB_RESULT_SHARED);
    CHECK_EQ(tuple.kind, EMB_TUPLE);
    emb_value object = tuple.as.items[i == 2];
    CHECK_EQ(object.kind, alone.kind);
    OK(emb_object_free(object.as.object));
  }
}

/* A text survives the death of the object that it was asked of. */
static void outlives_its_object(void) {
  emb_handle object = eval_object("'long ' * 1000"), list = eval_object("['x' * 5000]");
  emb_value text = {0}, item = {0}, zero = v_int(0);
  OK(emb_object_text(object, EMB_TEXT_STR, &text));
  OK(emb_object_getitem(list, &zero, 0, &item));
  OK(emb_object_delitem(list, &zero));
  emb_object_free(object);
  emb_object_free(list);
  CHECK(run("import gc; gc.collect(); junk = ['y' * n for n in range(4000, 6000)]; del junk"));
  CHECK(text.length == 5000 && memcmp(text.as.text, "long long ", 10) == 0);
  CHECK(item.length == 5000 && item.as.text[0] == 'x' && item.as.text[4999] == 'x');
}

/* The texts of an error live until the next emb_error_take, whatever else happens. */
static void errors(void) {
  emb_error error = {.size = sizeof error};
  CHECK_EQ(emb_run("raise ValueError('m' * 3000)", -1, NULL, 0, 0), EMB_EXCEPTION);
  CHECK_EQ(emb_error_take(&error), EMB_OK);
  emb_object_free(error.exception);
  for (int i = 0; i < 100; i++) {
    emb_value value = {0};
    CHECK_EQ(emb_eval("'z' * 3000", -1, 0, 0, &value), EMB_OK);
    CHECK_EQ(emb_run("raise KeyError(1)", -1, NULL, 0, 0), EMB_EXCEPTION);
  }
  CHECK(error.message_length == 3000 && strspn(error.message, "m") == 3000);
  CHECK(strcmp(error.type_name, "ValueError") == 0);
  check_take();
}

int main(void) {
  start();
  round_of_results(NULL);
  tuples_among_texts();
  short_texts();
  short_tuples();
  only_the_host_s();
  outlives_its_object();
  errors();
  /* Each thread keeps its own. */
  emb_value mine = fresh(1, 0);
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, round_of_results, NULL);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  CHECK(is_fresh(mine, 1));
  CHECK_ALIVE();
  return check_result();
}
