//! One table of limits. A limit never skips in silence: what it stopped is named in the coverage with the limit to raise.

use crate::error::{Error, ErrorKind};

macro_rules! limits {
    ($($name:ident $id:literal = $default:expr, $unit:literal, $reason:literal;)*) => {
        /// The limits of a run.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits { $(#[doc = $reason] pub $name: u64,)* }

        impl Default for Limits {
            fn default() -> Self { Self { $($name: $default,)* } }
        }

        /// Name, default, unit and reason of every limit.
        pub const TABLE: &[(&str, u64, &str, &str)] = &[$(($id, $default, $unit, $reason),)*];

        impl Limits {
            /// Sets a limit by its name.
            ///
            /// # Errors
            ///
            /// If no limit has that name.
            pub fn set(&mut self, name: &str, value: u64) -> Result<(), Error> {
                match name {
                    $($id => self.$name = value,)*
                    _ => return Err(Error::new(ErrorKind::Config, format!("no limit is called `{name}`"))),
                }
                Ok(())
            }

            /// Every limit with its value.
            pub fn values(&self) -> Vec<(&'static str, u64)> { vec![$(($id, self.$name),)*] }
        }
    };
}

limits! {
    depth "depth" = 16, "levels", "containers within containers";
    ratio "ratio" = 200, "times", "expansion of one stream, and of all streams under a root, above 10 MB";
    expanded "expanded" = 256 << 30, "bytes", "what decompressors produce under one root";
    entries "entries" = 100_000, "entries", "entries of one container";
    field "field" = 64 << 20, "bytes", "a decoded field, or an object that has to be in memory";
    json_depth "json-depth" = 512, "levels", "nesting of JSON";
    mime_depth "mime-depth" = 32, "levels", "nesting of MIME parts";
    mime_parts "mime-parts" = 10_000, "parts", "MIME parts of one message";
    headers "headers" = 10_000, "lines", "header lines of one message";
    stall "stall" = 60, "seconds", "no progress on one object";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_set_by_its_name() {
        let mut limits = Limits::default();
        limits.set("depth", 3).unwrap();
        assert_eq!(limits.depth, 3);
        assert!(limits.set("dept", 3).is_err());
    }
}
