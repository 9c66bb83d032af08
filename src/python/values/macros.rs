//! The one form of all values.

/// A Python class over a value of the core: its fields, each with how to make a Python object of it.
macro_rules! value {
    ($(#[doc = $doc:literal])+ $class:ident($inner:ty) as $name:literal { $($field:ident: |$value:ident, $py:ident| $get:expr;)+ }) => {
        $(#[doc = $doc])+
        #[pyclass(frozen, module = "gcrec", name = $name)]
        pub(in crate::python) struct $class(pub(in crate::python) $inner);

        #[pymethods]
        impl $class {
            $(
                #[getter]
                fn $field<'py>(&self, $py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                    let $value = &self.0;
                    $get
                }
            )+

            /// The fields and their values; nested ones as dicts too.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let fields = PyDict::new(py);
                $(fields.set_item(super::name(stringify!($field)), super::plain(self.$field(py)?)?)?;)+
                Ok(fields)
            }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                let fields = PyDict::new(py);
                $(fields.set_item(super::name(stringify!($field)), self.$field(py)?)?;)+
                super::shown($name, &fields)
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
            }

            fn __hash__(&self) -> PyResult<u64> {
                let mut hasher = std::hash::DefaultHasher::new();
                std::hash::Hash::hash(&super::dumped(&self.0)?, &mut hasher);
                Ok(std::hash::Hasher::finish(&hasher))
            }

            fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (&'static str, String))> {
                Ok((py.import("gcrec._gcrec")?.getattr("_restore")?, ($name, super::dumped(&self.0)?)))
            }

            #[staticmethod]
            fn _load(text: &str) -> PyResult<Self> {
                super::loaded(text).map(Self)
            }
        }
    };
}
