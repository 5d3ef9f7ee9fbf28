//! Records as bytes: one version byte, then the fields in bincode's `legacy()` layout (fixed-width
//! little-endian integers, 8-byte lengths), a specified and frozen format that the maintained crate
//! `wincode` reads and writes byte for byte. This is the only place that names the codec.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, de::DeserializeOwned};
use serde_json::Value;

/// A stored record's payload may not be larger: bodies beyond this belong in files.
pub const RECORD_BYTES_MAX: usize = 1 << 20;

/// Bytes that are not the record they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// No version byte.
    #[error("empty value")]
    Empty,
    /// Written by a newer program, or never by us.
    #[error("unknown version {0}")]
    UnknownVersion(u8),
    /// The fields do not fit.
    #[error("{0}")]
    Fields(String),
}

fn config() -> impl bincode::config::Config {
    bincode::config::legacy().with_limit::<RECORD_BYTES_MAX>()
}

/// The fields of `value`, without a version byte.
pub fn encode_fields<T: Serialize>(value: &T) -> Result<Vec<u8>, CodecError> {
    bincode::serde::encode_to_vec(value, config()).map_err(|e| CodecError::Fields(e.to_string()))
}

/// Reads all of `bytes` as the fields of a `T`.
pub fn decode_fields<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    let (value, used) = bincode::serde::decode_from_slice(bytes, config()).map_err(|e| CodecError::Fields(e.to_string()))?;
    if used == bytes.len() { Ok(value) } else { Err(CodecError::Fields(format!("{} bytes too many", bytes.len() - used))) }
}

/// A version byte and the fields.
pub fn encode<T: Serialize>(version: u8, value: &T) -> Result<Vec<u8>, CodecError> {
    let mut out = vec![version];
    let fields = encode_fields(value)?;
    out.extend_from_slice(&fields);
    Ok(out)
}

/// The version byte and the bytes behind it.
pub fn split(bytes: &[u8]) -> Result<(u8, &[u8]), CodecError> {
    bytes.split_first().map(|(v, rest)| (*v, rest)).ok_or(CodecError::Empty)
}

/// Free JSON inside a record. The codec can't read a bare `Value` back, so it is stored as its text;
/// in JSON it stands as itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Json(pub Value);

impl std::ops::Deref for Json {
    type Target = Value;
    fn deref(&self) -> &Value {
        &self.0
    }
}
impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self(value)
    }
}
impl Serialize for Json {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() { self.0.serialize(s) } else { s.serialize_str(&self.0.to_string()) }
    }
}
impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        if d.is_human_readable() {
            return Value::deserialize(d).map(Self);
        }
        let text = String::deserialize(d)?;
        serde_json::from_str(&text).map(Self).map_err(de::Error::custom)
    }
}
