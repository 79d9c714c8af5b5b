//! Objects that stand for a plain value: instances of subclasses of the plain types, and the
//! scalars of numpy.

use once_cell::sync::OnceCell;

use super::ffi::Object;
use super::gil::Python;
use super::object::Owned;
use crate::failure::Outcome;

/// How the value of one of numpy's scalars is read, without any loss.
#[derive(Clone, Copy)]
enum Reading {
    Truth,
    Index,
    Float,
    Complex,
}

/// numpy's names for C's types. Not among them: those that derive from Python's own types, and
/// those that no plain value can hold (longdouble, datetime64 …).
const SCALARS: [(&str, Reading); 14] = [
    ("bool_", Reading::Truth),
    ("byte", Reading::Index),
    ("ubyte", Reading::Index),
    ("short", Reading::Index),
    ("ushort", Reading::Index),
    ("intc", Reading::Index),
    ("uintc", Reading::Index),
    ("int_", Reading::Index),
    ("uint", Reading::Index),
    ("longlong", Reading::Index),
    ("ulonglong", Reading::Index),
    ("half", Reading::Float),
    ("single", Reading::Float),
    ("csingle", Reading::Complex),
];

/// The classes of numpy's scalars. numpy stays loaded, and so do they.
struct Scalars(Vec<(Object, Reading)>);

// SAFETY: addresses of classes that are never freed, only compared.
unsafe impl Send for Scalars {}
// SAFETY: as above.
unsafe impl Sync for Scalars {}

impl<'g> Python<'g> {
    /// The plain object of the same value; an object that stands for none as it is.
    pub(crate) fn plain(self, object: Owned<'g>) -> Outcome<Owned<'g>> {
        let api = self.api();
        if let Some(reading) = self.scalar_of_numpy(&object) {
            return self.read_scalar(&object, reading);
        }
        let class = object.type_ptr();
        let is_one = |base: Object| class != base && self.is_subtype(class, base);
        // The base's own way to read it: the subclass may have overridden the special methods.
        if is_one(api.PyFloat_Type) {
            return self.read_scalar(&object, Reading::Float);
        }
        if is_one(api.PyComplex_Type) {
            // SAFETY: an instance of complex, whose parts are read as they are.
            let parts = unsafe {
                [
                    (api.PyComplex_RealAsDouble)(object.as_ptr()),
                    (api.PyComplex_ImagAsDouble)(object.as_ptr()),
                ]
            };
            return self.complex(parts);
        }
        if object.as_ptr() == api._Py_TrueStruct || object.as_ptr() == api._Py_FalseStruct {
            return Ok(object);
        }
        if is_one(api.PyLong_Type) {
            let int = self.constant(api.PyLong_Type);
            return int.getattr("__int__")?.call(&[object], None);
        }
        for base in [api.PyUnicode_Type, api.PyBytes_Type] {
            if is_one(base) {
                let whole = self.slice(&self.none(), &self.none(), &self.none())?;
                let item = self.constant(base).getattr("__getitem__")?;
                return item.call(&[object, whole], None);
            }
        }
        Ok(object)
    }

    fn scalar_of_numpy(self, object: &Owned<'g>) -> Option<Reading> {
        static SCALARS_OF_NUMPY: OnceCell<Scalars> = OnceCell::new();
        let class = object.type_ptr();
        let scalars = match SCALARS_OF_NUMPY.get() {
            Some(scalars) => scalars,
            None => {
                let module = self.constant(class).getattr("__module__");
                let module = self.or_clear(module.and_then(|module| module.to_text()))?;
                if module != "numpy" {
                    return None;
                }
                let scalars = self.or_clear(self.scalars_of_numpy())?;
                SCALARS_OF_NUMPY.get_or_init(|| scalars)
            }
        };
        let found = scalars.0.iter().find(|(scalar, _)| *scalar == class);
        found.map(|(_, reading)| *reading)
    }

    fn scalars_of_numpy(self) -> Outcome<Scalars> {
        let numpy = self.import("numpy")?;
        let class = |(name, reading)| Ok((numpy.getattr(name)?.into_raw().as_ptr(), reading));
        SCALARS
            .into_iter()
            .map(class)
            .collect::<Outcome<_>>()
            .map(Scalars)
    }

    fn read_scalar(self, object: &Owned<'g>, reading: Reading) -> Outcome<Owned<'g>> {
        match reading {
            Reading::Truth => Ok(self.bool(self.truth(object)?)),
            Reading::Index => self.apply1(self.api().PyNumber_Index, object),
            Reading::Float => self.float(self.to_f64(object)?),
            Reading::Complex => {
                let part = |name| self.to_f64(&object.getattr(name)?);
                self.complex([part("real")?, part("imag")?])
            }
        }
    }
}
