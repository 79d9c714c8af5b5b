//! The contender: PyO3, the usual way to Python from Rust, built for this one Python.

use std::cell::RefCell;
use std::ffi::{c_int, c_long};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use numpy::PyArray1;
use numpy::ndarray::ArrayView1;
use pyo3::buffer::PyBuffer;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

const MILLION: usize = 1_000_000;

/// As in contender.h.
mod operation {
    use std::ffi::c_int;
    pub const CALL: c_int = 0;
    pub const ATTRIBUTE: c_int = 1;
    pub const KEYWORD: c_int = 2;
    pub const TEXT: c_int = 3;
    pub const WRAP_10: c_int = 4;
    pub const WRAP_1M: c_int = 5;
    pub const VIEW: c_int = 6;
    pub const CALLBACK: c_int = 7;
    pub const EXCEPTION: c_int = 8;
    pub const LIST_IN: c_int = 9;
    pub const LIST_OUT: c_int = 10;
}

static SINK: AtomicU64 = AtomicU64::new(0);
static ENDED: AtomicU64 = AtomicU64::new(0);

fn keep(number: f64) {
    SINK.store(number.to_bits(), Relaxed);
}

/// Keeps memory of the host in place, and is told of its end.
#[pyclass]
struct Owner;

impl Drop for Owner {
    fn drop(&mut self) {
        ENDED.fetch_add(1, Relaxed);
    }
}

#[pyfunction]
fn host(number: i64) -> i64 {
    number + 1
}

struct Prepared {
    doubles: &'static [f64],
    sqrt: Py<PyAny>,
    math: Py<PyAny>,
    f: Py<PyAny>,
    hello: Py<PyAny>,
    run: Py<PyAny>,
    fail: Py<PyAny>,
    host: Py<PyAny>,
    array: Py<PyAny>,
    list: Py<PyList>,
}

impl Prepared {
    fn new(py: Python<'_>) -> PyResult<Self> {
        let doubles: &'static [f64] = vec![0.0; MILLION].leak();
        let math = py.import("math")?;
        let names = py.import("__main__")?;
        Ok(Prepared {
            doubles,
            sqrt: math.getattr("sqrt")?.unbind(),
            math: math.into_any().unbind(),
            f: names.getattr("f")?.unbind(),
            hello: names.getattr("hello")?.unbind(),
            run: names.getattr("loop")?.unbind(),
            fail: names.getattr("fail")?.unbind(),
            host: wrap_pyfunction!(host, py)?.into_any().unbind(),
            array: PyArray1::<f64>::zeros(py, MILLION, false)
                .into_any()
                .unbind(),
            list: PyList::new(py, doubles)?.unbind(),
        })
    }

    fn once(&self, py: Python<'_>, operation: c_int) -> PyResult<()> {
        match operation {
            operation::CALL => keep(self.sqrt.bind(py).call1((2.0,))?.extract()?),
            operation::ATTRIBUTE => {
                keep(self.math.bind(py).getattr(intern!(py, "pi"))?.extract()?);
            }
            operation::KEYWORD => {
                let keywords = PyDict::new(py);
                keywords.set_item(intern!(py, "k"), true)?;
                let result = self.f.bind(py).call((1, 2.5, "abc"), Some(&keywords))?;
                keep(result.extract::<i64>()? as f64);
            }
            operation::TEXT => {
                let result = self.hello.bind(py).call_method0(intern!(py, "upper"))?;
                keep_text(result.cast::<PyString>()?.to_str()?);
            }
            operation::WRAP_10 => self.wrap(py, 10)?,
            operation::WRAP_1M => self.wrap(py, MILLION)?,
            operation::VIEW => {
                let view = PyBuffer::<f64>::get(self.array.bind(py))?;
                keep(view.shape()[0] as f64);
            }
            operation::EXCEPTION => {
                let Err(error) = self.fail.bind(py).call0() else {
                    return Ok(());
                };
                keep_text(error.get_type(py).name()?.to_str()?);
                keep_text(error.value(py).str()?.to_str()?);
            }
            operation::LIST_IN => drop(PyList::new(py, self.doubles)?),
            operation::LIST_OUT => {
                let numbers: Vec<f64> = self.list.bind(py).extract()?;
                keep(numbers[MILLION - 1]);
            }
            _ => {}
        }
        Ok(())
    }

    fn wrap(&self, py: Python<'_>, count: usize) -> PyResult<()> {
        let owner = Bound::new(py, Owner)?.into_any();
        // SAFETY: the memory is never freed.
        drop(unsafe {
            PyArray1::borrow_from_array(&ArrayView1::from(&self.doubles[..count]), owner)
        });
        Ok(())
    }
}

/// Copies text into memory of the host.
fn keep_text(text: &str) {
    thread_local! {
        static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
    }
    TEXT.with_borrow_mut(|kept| {
        kept.clear();
        kept.push_str(text);
    });
}

fn repeat(operation: c_int, held: bool, count: c_long) -> PyResult<()> {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    if PREPARED.get().is_none() {
        let prepared = Python::attach(Prepared::new)?;
        let _ = PREPARED.set(prepared);
    }
    let Some(prepared) = PREPARED.get() else {
        return Ok(());
    };
    if operation == operation::CALLBACK {
        return Python::attach(|py| {
            prepared
                .run
                .bind(py)
                .call1((prepared.host.bind(py), count))?;
            Ok(())
        });
    }
    if held {
        return Python::attach(|py| (0..count).try_for_each(|_| prepared.once(py, operation)));
    }
    (0..count).try_for_each(|_| Python::attach(|py| prepared.once(py, operation)))
}

/// `contender_run` of contender.h.
#[unsafe(no_mangle)]
pub extern "C" fn run(operation: c_int, held: c_int, count: c_long) -> c_int {
    match repeat(operation, held != 0, count) {
        Ok(()) => 0,
        Err(error) => {
            Python::attach(|py| error.print(py));
            -1
        }
    }
}
