"""Lists, dicts and sets of the host that Python keeps after the call that they were passed to."""

import gc
import unittest

import emb
from emb._containers import _kept_items

from . import on_pypy, settle

SPACE = emb.Object({})
emb.run(
    """
class App:
    def __init__(self, config=None, routes=()):
        self.config, self.routes = config, routes
    def call(self, function):
        return function(self.config)
    def put(self, key, value):
        self.config[key] = value
    def keys(self):
        return sorted(self.config)
    def first(self):
        return self.routes[0][1]["db"]
    def fail(self, config):
        self.config = config
        config["failed"] = 1
        raise KeyError("after")
    def call_and_keep(self, names, function):
        function()
        names.insert(0, "python")
        self.config = names
    def change_and_keep(self, names):
        names.sort()
        self.config = names

class Base:
    def items_of_base(self):
        return tuple(self.items)
    def add(self, item):
        self.items.append(item)
""",
    SPACE,
)
App, Base, length = SPACE["App"], SPACE["Base"], emb.evaluate("len")


def pass_calls(count):
    for _ in range(count):
        length("")


class Named(Base):
    def __init__(self, items):
        self.items = items


@on_pypy("a CPython that is the host counts its references itself")
class Kept(unittest.TestCase):
    def test_it_comes_back_as_itself(self):
        config, names, wanted = {"a": 1}, [1, 2], {"x", "y"}
        for kept in (config, names, wanted):
            app = App(kept)
            self.assertIs(app.config, kept)
            self.assertTrue(app.call(lambda given: given is kept))
        app = App(routes=[("/", {"db": config})])
        self.assertIs(app.first(), config)
        self.assertIs(app.routes[0][1]["db"], config)

    def test_both_have_the_same_items(self):
        config = {"a": 1}
        app = App(config)
        app.put("b", [2])
        config["c"] = object()
        self.assertEqual(app.keys(), ["a", "b", "c"])
        self.assertEqual(list(config["b"]), [2])
        app.call(lambda given: given.pop("c"))
        self.assertEqual((app.keys(), sorted(config)), (["a", "b"], ["a", "b"]))
        names = [3, 1, 2]
        app.change_and_keep(names)
        self.assertEqual(names, [1, 2, 3])
        names.append(0)
        self.assertEqual(app.keys(), [0, 1, 2, 3])
        self.assertIs(app.config, names)

    def test_the_newest_has_the_same_items_though_many_are_looked_at(self):
        apps = [App([number]) for number in range(12)]
        self.test_both_have_the_same_items()
        config = {}
        config["a"] = 1
        app = App(config)
        app.put("b", 2)
        self.assertEqual(config, {"a": 1, "b": 2})
        app.put("c", 3)
        config["d"] = 4
        self.assertEqual(app.keys(), ["a", "b", "c", "d"])
        self.assertEqual([app.keys() for app in apps], [[number] for number in range(12)])

    def test_what_both_have_changed(self):
        app, names = App(), ["first", "second"]
        app.call_and_keep(names, lambda: names.pop(0))
        self.assertEqual(names, ["python", "first", "second"])
        names.append("host")
        self.assertEqual(app.keys(), ["first", "host", "python", "second"])

    def test_what_the_host_puts_in_it_later(self):
        config = {"x": 1}
        app = App(config)
        routes = config["routes"] = []
        app.call(lambda config: None)
        emb.run("def add(app, item): app.config['routes'].append(item)", SPACE)
        add = SPACE["add"]
        add(app, "one")
        self.assertEqual(routes, ["one"])
        routes.append("host")
        config["deep"] = {"in": ([],)}
        pass_calls(5)
        add(app, "two")
        emb.evaluate("lambda app: app.config['deep']['in'][0].append(3)")(app)
        self.assertIs(config["routes"], routes)
        self.assertEqual(config, {"x": 1, "routes": ["one", "host", "two"], "deep": {"in": ([3],)}})

    def test_it_is_the_result(self):
        for one in [1], [], {"k": []}, {2}:
            self.assertIs(emb.evaluate("lambda x: x")(one), one)
            self.assertIs(emb.evaluate("lambda x: (1, x)")(one)[1], one)
        names, mapping = [1], emb.evaluate("{}")
        self.assertIs(emb.evaluate("lambda x: x.append(2) or x")(names), names)
        self.assertEqual(names, [1, 2])
        self.assertIs(mapping.setdefault("names", names), names)
        self.assertIs(mapping["names"], names)

    def test_what_the_host_does_before_other_operations_than_calls(self):
        names = [1]
        mapping = emb.evaluate("lambda **names: names")(names=names)
        mapping["names"].append(2)
        self.assertEqual(repr(mapping), "{'names': [1, 2]}")
        mapping["names"].append(3)
        self.assertTrue(mapping == {"names": [1, 2, 3]})

    def test_where_the_call_fails(self):
        app, config = App(), {}
        config["x"] = 1
        with self.assertRaises(KeyError):
            app.fail(config)
        self.assertEqual(config, {"x": 1, "failed": 1})
        self.assertIs(app.config, config)

    def test_what_is_assigned(self):
        inner = [1]
        table, app = emb.Object({}), App()
        table["l"] = app.config = inner
        inner.append(2)
        self.assertIs(table["l"], inner)
        self.assertIs(app.config, inner)
        self.assertEqual((length(table["l"]), app.keys()), (2, [1, 2]))
        app.config = other = [5]
        self.assertIs(app.config, other)
        table["new"] = []
        table["new"].append(3)
        self.assertEqual(emb.evaluate("lambda table: table['new'] + [4]")(table), [3, 4])

    def test_what_is_given_to_an_instance_of_a_class_of_the_host(self):
        items = ["a"]
        named = Named(items)
        items.append("b")
        self.assertEqual(named.items_of_base(), ("a", "b"))
        named.add("c")
        self.assertEqual(items, ["a", "b", "c"])
        self.assertIs(named.items, items)

    def test_the_same_while_others_are_in_hands(self):
        app = App()
        app.config = [1]
        app.config.append(2)
        self.assertEqual(length(app.config), 2)
        items = ["a"]
        named = Named(items)
        items.append("b")
        self.assertEqual(named.items_of_base(), ("a", "b"))

    def test_a_list_that_an_instance_assigns_is_python_s(self):
        named, mine = Named(["a"]), ["x"]
        named.items = mine
        mine.append("not there")
        named.items.append("there")
        self.assertEqual((list(named.items), named.items_of_base()), (["x", "there"], ("x", "there")))
        self.assertIs(named.items, named.items)

    def test_long_after_it_is_looked_at_where_it_is_passed(self):
        settle()
        config = {"a": 1}
        app = App(config)
        pass_calls(1100)
        self.assertEqual(len(_kept_items.entries), 0)
        config["b"] = 2
        self.assertEqual(app.keys(), ["a"])
        self.assertTrue(app.call(lambda given: given is config))
        self.assertEqual(app.keys(), ["a", "b"])
        pass_calls(1100)
        config["c"] = 3
        App(config)
        self.assertEqual(app.keys(), ["a", "b", "c"])

    def test_what_is_in_it_is_looked_at_with_it(self):
        names_in = emb.evaluate("lambda app: tuple([tuple([*d[i]]) for d in (app.config, app.routes) for i in range(3)])")
        for _ in range(20):
            app = App()
            app.config, app.routes = {0: {}, 1: {}, 2: {}}, {0: {}, 1: {}, 2: {}}
            for u, v in ((0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)):
                app.config[u][v] = app.routes[v][u] = {0: {}}
            self.assertEqual(names_in(app), 2 * ((1, 2), (0, 2), (0, 1)))

    def test_what_is_in_it_goes_over_with_it(self):
        inner = {}
        config = {"inner": inner, "both": [inner, inner]}
        app = App(config)
        pass_calls(1100)
        inner["late"] = 1
        self.assertEqual(sorted(App(config).config["inner"]), ["late"])
        self.assertEqual(emb.evaluate("lambda app: [*app.config['both'][1]]")(app), ["late"])

    def test_many_that_python_has_let_go_of(self):
        """They make room for others."""
        app = App()
        for number in range(_kept_items.MOST + 50):
            app.config = config = {"n": number}
            config["late"] = 1
            self.assertEqual(len(app.config), 2)
        self.assertEqual(app.keys(), ["late", "n"])
        self.assertIs(app.config, config)

    def left(self):
        settle()
        for _ in range(6):  # what is in another goes after it
            pass_calls(1100)  # or it is looked at still
            gc.collect()
            emb.collect()
            _kept_items.sweep()
            App({"another": 1})
        return len(_kept_items.owners)

    def test_what_python_has_let_go_of_is_let_go_of(self):
        before = self.left()
        apps = emb.Object([])
        for number in range(50):
            apps.append(App({"n": [number]}))
        self.assertGreaterEqual(len(_kept_items.owners), 100)
        self.assertEqual(apps[7].config["n"], [7])
        apps.clear()
        pass_calls(1100)
        self.assertLess(self.left(), before + 10)


if __name__ == "__main__":
    unittest.main()
