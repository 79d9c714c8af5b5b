"""Files that a program has written, let go of and not closed."""

import unittest

from . import on_pypy
from .programs import Program


@on_pypy("a CPython closes them with the last reference")
class Unclosed(Program):
    def setUp(self):
        super().setUp()
        self.write("there/__init__.py", """
            def read(path):
                with open(path) as file: return file.read()
            """)

    def run_script(self, source):
        return super().run_script(source, options=("--there", "there"))

    def test_who_opens_them_finds_what_was_written(self):
        printed = self.run_script(
            """
            import csv, gzip, json, os, pathlib, pickle, subprocess, there, zipfile
            json.dump([1, 2], open("a", "w"))
            print(there.read("a"), json.load(open("a")))
            pickle.dump(3, open("b", "wb"))
            print(pickle.load(open("b", "rb")))
            def rows():
                writer = csv.writer(open("c", "w"), lineterminator=".")
                writer.writerow([4, 5])
            rows()
            print(repr(there.read("c")))
            zipfile.ZipFile("d", "w").writestr("inside", "6")
            print(zipfile.ZipFile("d").namelist())
            pickle.dump(7, gzip.open("e", "w"))
            print(pickle.load(gzip.open("e")))
            open("f", "w").write("8")
            print(pathlib.Path("f").read_text(), flush=True)
            open("g", "w").write("9\\n")
            subprocess.run(["cat", "g"])
            open("h", "w").write("10\\n")
            os.system("cat h")
            """
        )
        self.assertEqual(
            printed, "[1, 2] [1, 2]\n3\n'4,5.'\n['inside']\n7\n8\n9\n10\n",
        )  # fmt: skip

    def test_what_the_program_holds_is_not_written_before_it_says_so(self):
        printed = self.run_script(
            """
            import there
            held = open("a", "w")
            held.write("text")
            print(repr(there.read("a")))
            held.flush()
            print(repr(there.read("a")))
            """
        )
        self.assertEqual(printed, "''\n'text'\n")

    def test_very_many_of_them(self):
        printed = self.run_script(
            """
            import emb, there
            from emb._joined import _unclosed
            log = open("log", "w")
            collections, collect = [], _unclosed.collect
            _unclosed.collect = lambda: (collections.append(1), collect())
            for i in range(100):
                log.write("%d " % i)
                open("a", "w").write(str(i))
                assert there.read("a") == str(i)
            print(len(collections) < 50)
            """
        )
        self.assertEqual(printed, "True\n")

    def test_errors_of_paths_have_a_text(self):
        printed = self.run_script(
            """
            import pathlib, there
            there.read
            for work in ("read_text", "open"):
                try:
                    getattr(pathlib.Path("none") / "such", work)()
                except FileNotFoundError as error:
                    print(error)
            print(pathlib.Path("a").write_text("text"), there.read("a"))
            """
        )
        self.assertEqual(printed, "[Errno 2] No such file or directory: 'none/such'\n" * 2 + "4 text\n")


if __name__ == "__main__":
    unittest.main()
