"""Every extension module of the standard library loads, and a few of them really work.

What the interpreter itself cannot import when it is run (a module for a test, or for a
library that is not installed) is named and left out.
"""

import json
import subprocess
import sys

import neighbour
import raw

# Prints what fails, as JSON. An import that ends the process ends this program, too.
PROBE = """
import importlib, json, os, sys
def load_all():
    [folder] = [path for path in sys.path if os.path.basename(path) == "lib-dynload"]
    files = sorted(f for f in os.listdir(folder) if f.endswith(".so"))
    failures = {}
    for file in files:
        name = file.split(".")[0]
        print(name, end=" ", flush=True)  # the last one is the culprit after a crash
        try:
            module = importlib.import_module(name)
            if os.path.basename(module.__file__) != file:
                failures[name] = "came from " + module.__file__
        except BaseException as error:
            failures[name] = "%s: %s" % (type(error).__name__, error)
    print()
    return {"files": files, "failures": failures}
"""

USES = """
import array, asyncio, bz2, ctypes, datetime, decimal, hashlib, json, lzma, math, pickle
import random, socket, sqlite3, ssl, struct, unicodedata, uuid, zlib
import xml.etree.ElementTree as tree

assert ssl.create_default_context().verify_mode == ssl.CERT_REQUIRED
assert sqlite3.connect(":memory:").execute("select 6 * 7").fetchone() == (42,)
assert hashlib.sha256(b"").hexdigest().startswith("e3b0c442")
assert decimal.Decimal("0.1") + decimal.Decimal("0.2") == decimal.Decimal("0.3")
assert all(m.decompress(m.compress(b"x" * 999)) == b"x" * 999 for m in (zlib, bz2, lzma))
assert pickle.loads(pickle.dumps({"a": [1, 2.5]})) == {"a": [1, 2.5]}
assert tree.fromstring("<a><b>c</b></a>").find("b").text == "c"
assert unicodedata.name("\\u00e9") == "LATIN SMALL LETTER E WITH ACUTE"
assert ctypes.CDLL(None).abs(-3) == 3
assert datetime.datetime.fromtimestamp(0, datetime.timezone.utc).year == 1970
assert random.Random(1).random() == random.Random(1).random()
async def nap():
    await asyncio.sleep(0.01)
    return 5
loop = asyncio.new_event_loop()
assert loop.run_until_complete(nap()) == 5
loop.close()
"""


def main():
    method = sys.argv[1] if len(sys.argv) > 1 else "stub"
    raw.start()
    raw.run(PROBE)
    with neighbour.at_work():
        raw.run("result = load_all()")
        result = raw.evaluate_json("result")
        raw.run(USES)

    report = raw.doctor()
    native = subprocess.run(
        [report["python"]["executable"], "-c", PROBE + "print(json.dumps(load_all()))"],
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    native = json.loads(native.stdout.decode().splitlines()[-1])
    assert native["files"] == result["files"], "not the files of the interpreter itself"
    left_out = sorted(native["failures"])
    for name in left_out:
        print("left out: %s (%s)" % (name, native["failures"][name]))
    bad = {k: v for k, v in result["failures"].items() if k not in left_out}
    assert not bad, bad

    loaded = len(result["files"]) - len(result["failures"])
    assert loaded >= 20, "only %d modules: is this a whole standard library?" % loaded
    assert report["clash"]["method"] == method, report["clash"]["method"]
    fewest = 30 if sys.implementation.name == "pypy" else 1000
    assert len(report["clash"]["names"]) >= fewest, len(report["clash"]["names"])
    here = "pypy" if sys.implementation.name == "pypy" else "python3"
    assert any(here in host for host in report["clash"]["hosts"]), report["clash"]["hosts"]
    print("%s: %d modules by %s" % (report["version"].split()[0], loaded, method))


main()
