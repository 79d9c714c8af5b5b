"""C functions of the host, called by scipy without a crossing."""

import ctypes
import gc
import unittest

import emb

from . import needs

try:
    import cffi
except ImportError:
    cffi = None


@needs("scipy")
class LowLevel(unittest.TestCase):
    def setUp(self):
        self.quad = emb.import_mod("scipy.integrate").quad

    @unittest.skipUnless(cffi, "this host has no cffi")
    def test_a_callback_of_cffi(self):
        calls = []

        @cffi.FFI().callback("double(double)")
        def square(x):
            calls.append(type(x))
            return x * x

        function = emb.low_level(square)
        self.assertEqual(function.signature, "double (double)")
        self.assertAlmostEqual(self.quad(function, 0, 3)[0], 9.0)
        self.assertEqual(set(calls), {float})

    @unittest.skipUnless(cffi, "this host has no cffi")
    def test_a_compiled_function(self):
        ffi = cffi.FFI()
        ffi.cdef("double cos(double);")
        libm = ffi.dlopen("libm.so.6")
        self.assertAlmostEqual(self.quad(emb.low_level(libm.cos), 0, 1)[0], 0.8414709848078965)

    def test_ctypes_with_a_signature_and_user_data(self):
        factor = ctypes.c_double(3.0)

        @ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
        def scaled(count, x, user_data):
            read = ctypes.c_double.from_address
            return count * read(x).value * read(user_data).value

        signature = "double (int, double *, void *)"
        function = emb.low_level(scaled, signature, ctypes.addressof(factor))
        self.assertAlmostEqual(self.quad(function, 0, 2)[0], 6.0)
        self.assertRaisesRegex(TypeError, "signature", emb.low_level, scaled)

    def test_it_is_kept_as_long_as_python_has_it(self):
        double = ctypes.c_double
        function = emb.low_level(ctypes.CFUNCTYPE(double, double)(lambda x: x), "double (double)")
        for _ in range(3):
            gc.collect()
        self.assertAlmostEqual(self.quad(function, 0, 2)[0], 2.0)
        from emb._callables import _lowlevel

        emb.collect()  # what other tests have left
        before = len(_lowlevel._kept)
        del function
        emb.collect()
        self.assertEqual(len(_lowlevel._kept), before - 1)

    def test_refusals(self):
        self.assertRaises(ValueError, emb.low_level, 0, "double (double)")
        self.assertRaises(TypeError, emb.low_level, "sin", "double (double)")
        self.assertRaises(TypeError, emb.low_level, lambda x: x)
        wrong = emb.low_level(ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 1), "int (void)")
        self.assertRaises(ValueError, self.quad, wrong, 0, 1)
        if cffi:
            self.assertRaises(TypeError, emb.low_level, cffi.FFI().new("int[2]"))
