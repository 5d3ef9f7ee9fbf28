//! Lists of lines that people type, each read into what it means and written back as one line.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};
use utoipa::{
    PartialSchema,
    openapi::{ArrayBuilder, ObjectBuilder, RefOr, Schema, schema::Type},
};

/// What a line stands for: `FromStr` reads one or says how to write it, `Display` writes it back.
pub trait Line: FromStr<Err = String> + fmt::Display {
    /// A line as somebody would type it.
    const EXAMPLE: &str;
}

/// Lines, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines<T>(pub Vec<T>);

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Line> Serialize for Lines<T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.0.iter().map(ToString::to_string))
    }
}

impl<'de, T: Line> Deserialize<'de> for Lines<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let lines = Vec::<String>::deserialize(d)?;
        lines.iter().map(|line| line.parse()).collect::<Result<_, _>>().map(Self).map_err(de::Error::custom)
    }
}

impl<T: Line> PartialSchema for Lines<T> {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new().items(ObjectBuilder::new().schema_type(Type::String).examples([T::EXAMPLE])).into()
    }
}
