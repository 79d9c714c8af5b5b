"""A plain `import numpy`: programs that know of one Python only."""

import os
import sys

from . import needs_numpy, on_pypy
from .programs import Program


@on_pypy("a CPython imports these itself")
@needs_numpy
class Imports(Program):
    def test_what_pkgutil_and_inspect_ask_of_modules(self):
        self.write("there/package/__init__.py", "def function():\n    return 1\n")
        self.write("there/package/part.py", "")
        self.write("there/package-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: package\nVersion: 1\n")
        self.run_script(
            """
            import importlib.metadata, inspect, os, pkgutil, runpy
            import emb
            emb.import_mod("sys").path.insert(0, os.path.abspath("there"))
            import package
            assert [one.name for one in pkgutil.walk_packages(package.__path__, "package.")] == ["package.part"]
            assert "package" in [one.name for one in pkgutil.iter_modules()]
            assert "package" in [one.metadata["Name"] for one in importlib.metadata.distributions()]
            source = inspect.getsource(package)
            assert package.__loader__.get_source("package") == source
            assert package.__loader__.get_filename("package") == package.__file__
            assert package.__loader__.is_package("package")
            names = {}
            exec(package.__loader__.get_code("package"), names)
            assert names["function"]() == 1
            """
        )

    def test_all_forms_of_import(self):
        self.run_script(
            """
            import sys, types, inspect, importlib
            import numpy
            import numpy as np
            import numpy.linalg
            import numpy.linalg as la
            from numpy.linalg import norm
            from numpy import *
            assert numpy is np is sys.modules["numpy"]
            assert isinstance(np, types.ModuleType) and inspect.ismodule(np)
            assert sys.modules["numpy.linalg"] is importlib.import_module("numpy.linalg")
            assert la == np.linalg and norm == la.norm
            assert float(norm(arange(3.0))) == 5 ** 0.5
            assert np.__name__ == np.__spec__.name == "numpy"
            assert np.__spec__.submodule_search_locations == list(np.__path__)
            assert importlib.util.find_spec("numpy").origin == np.__file__
            assert importlib.reload(np) is np
            import pkgutil
            with open(np.__file__, "rb") as file:
                assert pkgutil.get_data("numpy", "__init__.py") == file.read()
            """
        )

    def test_modules_that_python_imports_by_itself_are_found_in_sys_modules(self):
        self.write("site/whole/__init__.py", "from . import inner, _private\nimport other")
        self.write("site/whole/inner.py", "import colorsys\ndef f(): pass\nclass C: pass")
        self.write("site/whole/_private.py", "")
        self.write("site/whole/late.py", "value = 1")
        self.write("site/other.py", "")
        self.write("both.py", "")
        path = "import emb; emb.import_mod('sys').path.insert(0, 'site')\n"
        self.run_script(
            path
            + """
            import sys, importlib, importlib.util, inspect
            library = set(sys.modules)
            import whole
            assert sys.modules["whole.inner"] is whole.inner is importlib.import_module("whole.inner")
            assert sys.modules[whole.inner.C.__module__] is whole.inner
            assert inspect.getmodule(whole.inner.f) is whole.inner
            assert importlib.reload(whole.inner) is whole.inner
            assert importlib.util.find_spec("whole.inner").origin == whole.inner.__file__
            new = {name for name in set(sys.modules) - library if name[0] != "_"}
            assert new - {"other", "sitecustomize"} == {"whole", "whole.inner", "whole._private"}, new
            assert "other" in new and "colorsys" not in new

            del sys.modules["whole._private"]
            emb.run("import whole.late")
            assert whole.late is sys.modules["whole.late"]
            assert "whole._private" not in sys.modules  # what a program takes away, stays away
            import whole._private
            assert sys.modules["whole._private"] is whole._private
            """.replace("\n            ", "\n")
        )

    def test_modules_of_the_library_of_which_pypy_has_only_a_part(self):
        printed = self.run_script(
            """
            import symtable, tracemalloc
            import numpy as np
            tracemalloc.start()
            array = np.ones(10 ** 6)
            print(tracemalloc.get_traced_memory()[0] >= array.nbytes)
            print([one.get_name() for one in symtable.symtable("x = y", "f", "exec").get_symbols()])
            """
        )
        self.assertEqual(printed, "True\n['x', 'y']\n")

    def test_versions_are_those_of_the_package_that_is_imported(self):
        for name, version in (("there/whole", "1"), ("there/both", "2"), ("both", "3")):
            self.write(name + "-%s.dist-info/METADATA" % version, "Version: " + version)
        self.run_script(
            """
            import importlib.metadata as metadata
            import emb
            emb.import_mod("sys").path.insert(0, "there")
            assert (metadata.version("whole"), metadata.version("both")) == ("1", "3")
            try:
                metadata.version("no-such-package")
            except metadata.PackageNotFoundError:
                pass
            else:
                assert False
            """
        )

    def test_relative_imports_and_lazy_attributes_are_python_s(self):
        folder = self.write("there/__init__.py", "from . import part\nvalue = part.value\n")
        self.write("there/part.py", "import sys; value = sys.implementation.name\n")
        self.write("there/late.py", "name = __name__\n")
        self.write(
            "there/__init__.py",
            """
            from . import part
            value = part.value
            def __getattr__(name):
                if name == "lazy":
                    return 42
                raise AttributeError(name)
            """,
        )
        self.assertTrue(folder)
        printed = self.run_script(
            """
            import there, there.late
            from there import lazy, part
            print(there.value, lazy, part.value, there.late.name)
            """,
            options=("--there", "there"),
        )
        self.assertEqual(printed, "cpython 42 cpython there.late\n")

    def test_what_only_says_that_it_is_a_module_is_none(self):
        self.write("there/__init__.py", """
            import sys, types
            class Library:
                __slots__ = ()
                __class__ = property(lambda self: types.ModuleType)
            sys.modules["there.library"] = library = Library()
            from . import part
            """)
        self.write("there/part.py", "value = 5\n")
        printed = self.run_script(
            "import there, there.part, sys; print(there.part.value, 'there.library' in sys.modules)",
            options=("--there", "there"),
        )
        self.assertEqual(printed, "5 False\n")

    def test_the_user_says_from_where(self):
        source = "import both; print(both.name)"
        self.write("both.py", "import sys; name = sys.implementation.name\n")
        self.assertEqual(self.run_script(source), "pypy\n")
        self.assertEqual(self.run_script(source, options=("--there", "both")), "cpython\n")
        self.assertEqual(self.run_script(source, options=("--there=both",)), "cpython\n")
        self.assertEqual(
            self.run_script("import emb.auto; emb.auto.there.add('both'); " + source), "cpython\n"
        )
        out = self.run_script("import numpy", options=("--here", "numpy"), status=1)
        self.assertEqual(out, "")
        self.assertIn("Error", self.errors)

    def test_a_package_with_python_s_extensions_is_python_s(self):
        self.write("folder/mixed/__init__.py", "name = 'here'")
        self.write("folder/mixed/_speed.cpython-311-x86_64-linux-gnu.so", "")
        self.write("folder/plain/__init__.py", "import sys; name = sys.implementation.name")
        source = "import sys; sys.path.insert(0, %r); import %s"
        folder = os.path.join(self.folder.name, "folder")
        # Python has no such package either: then the host's is all there is.
        self.run_script(source % (folder, "mixed"))
        printed = self.run_script(source % (folder, "plain") + "; print(plain.name)")
        self.assertEqual(printed, "pypy\n")

    def test_a_folder_of_the_program_is_the_host_s(self):
        self.write("folder/part.py", "import sys; name = sys.implementation.name")
        printed = self.run_script(
            """
            import numpy
            from folder import part
            import folder, emb
            print(part.name, type(folder.__spec__.loader).__module__.split(".")[0], emb.import_mod("folder.part").name)
            """
        )
        self.assertEqual(printed, "pypy _frozen_importlib_external pypy\n")

    def test_python_s_code_takes_all_of_a_module_of_the_program(self):
        self.write("some.py", "GPU, _own = False, 1\ndef work(): return 'work'")
        self.write("told.py", "__all__ = ['a', '_b']\na, _b, c = 1, 2, 3")
        printed = self.run_script(
            """
            import emb, numpy, some, told
            space = emb.Object({})
            emb.run("from some import *\\nfrom told import *", space)
            print(sorted(name for name in space if name != "__builtins__"), space["work"]() )
            """
        )
        self.assertEqual(printed, "['GPU', '_b', 'a', 'work'] work\n")

    def test_the_host_s_library_does_not_get_python_s_private_modules(self):
        self.run_script(
            """
            import emb.auto, sys
            import heapq, bisect, json, statistics, numpy
            assert isinstance(numpy, emb.Object)
            assert not [one for one in sys.modules if one.startswith("_")
                        and isinstance(sys.modules[one], emb.Object)]
            """
        )

    def test_python_s_functions_are_shared_when_a_compiler_comes(self):
        self.write("llvmlite.py", "")
        printed = self.run_script(
            """
            import ctypes, numpy
            shared = lambda: hasattr(ctypes.CDLL(None), "PyList_AsTuple")
            before = shared()
            import llvmlite
            print(before, shared())
            """,
            options=("--there", "llvmlite"),
        )
        self.assertEqual(printed, "False True\n")

    def test_what_nobody_has(self):
        self.run_script(
            """
            import importlib.util
            assert importlib.util.find_spec("nobody_has_this") is None
            try:
                import nobody_has_this
            except ModuleNotFoundError as error:
                assert error.name == "nobody_has_this", error.name
                assert str(error) == "No module named 'nobody_has_this'", error
            try:
                import numpy.nobody_has_this
            except ModuleNotFoundError as error:
                assert error.name == "numpy.nobody_has_this"
            try:
                from numpy import nobody_has_this
            except ImportError as error:
                assert "nobody_has_this" in str(error)
            """
        )

    def test_a_module_that_fails_half_way(self):
        self.write("broken.py", "import sys\nsys.attempts = getattr(sys, 'attempts', 0) + 1\n1/0\n")
        self.run_script(
            """
            import sys
            for attempt in range(2):
                try:
                    import broken
                except ZeroDivisionError as error:
                    assert "broken.py" in error.python_traceback
                    assert "broken" not in sys.modules
            import emb
            assert emb.import_mod("sys").attempts == 2
            """,
            options=("--there", "broken"),
        )
