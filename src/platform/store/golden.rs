//! Golden bytes: what each stored record looks like on disk, kept in `tests/golden` for ever.
//!
//! A record's samples are fabricated from its type alone, every enum variant and both states of every
//! option among them, so no field can be forgotten. The bytes of the version written today must equal the
//! file; bytes of older versions must still be read. `FAROL_GOLDEN=write` writes files that are missing and,
//! until a version is sealed by a release, may replace one after its file was deleted.

use super::{Record, codec, table};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};
use std::{cell::Cell, fs, path::PathBuf};

/// Checks the bytes of `R` against its files.
///
/// # Panics
/// Where they differ, are missing, or can't be read back.
pub(crate) fn check<R: Record>() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let name = file_name(R::NAME, R::TABLE.0);
    let path = folder.join(format!("{name}.v{}.hex", R::VERSION));
    let lines: Vec<String> = samples::<R>().iter().map(|sample| hex::encode(bytes(sample))).collect();
    let now = lines.join("\n") + "\n";
    if !path.exists() && std::env::var("FAROL_GOLDEN").is_ok_and(|word| word == "write") {
        fs::create_dir_all(&folder).unwrap();
        fs::write(&path, &now).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}; see store/golden.rs", path.display()));
    assert_eq!(kept, now, "the stored bytes of a {} changed: freeze the old struct, raise VERSION and write `upgrade`", R::NAME);
    for version in 1..=R::VERSION {
        let text = fs::read_to_string(folder.join(format!("{name}.v{version}.hex"))).expect("every version keeps its file");
        for line in text.lines() {
            let old = hex::decode(line).unwrap();
            let record = table::decode::<R>(&old).unwrap_or_else(|e| panic!("read a {} of version {version}: {e}", R::NAME));
            if version == R::VERSION {
                assert_eq!(bytes(&record), old, "a {} is not written back as it was read", R::NAME);
            }
        }
    }
}

/// Two tables may hold the same noun (a person above tenants and in one), so the table is named too.
fn file_name(noun: &str, table: u16) -> String {
    format!("{table:04x}-{}", noun.replace(' ', "-"))
}

fn bytes<R: Record>(record: &R) -> Vec<u8> {
    codec::encode(R::VERSION, record).unwrap()
}

fn samples<R: Record>() -> Vec<R> {
    let variants = Cell::new(0);
    let fabricate = |round| {
        let next = Cell::new(0);
        match R::deserialize(Fabricated { round, next: &next, variants: &variants }) {
            Ok(sample) => Option::Some(sample),
            // serde counts the aliases of a variant's name among the variants.
            Err(e) if e.to_string().contains("variant index") => None,
            Err(e) => panic!("fabricate a {}: {e}", R::NAME),
        }
    };
    let mut samples = Vec::new();
    let mut round = 0;
    while round <= variants.get().max(1) {
        samples.extend(fabricate(round));
        round += 1;
    }
    samples
}

/// Gives any type a value: plain and empty in round 0, else filled, with enum variant number `round`.
#[derive(Clone, Copy)]
struct Fabricated<'a> {
    round: usize,
    next: &'a Cell<u64>,
    variants: &'a Cell<usize>,
}

impl Fabricated<'_> {
    fn number(&self) -> u64 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }
    fn length(&self) -> usize {
        if self.round == 0 { 0 } else { 2 }
    }
}

macro_rules! numbers { ($($method:ident $visit:ident $t:ty),*) => { $(
    fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, de::value::Error> {
        visitor.$visit(self.number() as $t)
    }
)* } }

impl<'de> Deserializer<'de> for Fabricated<'_> {
    type Error = de::value::Error;

    numbers!(
        deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16, deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u128 u128, deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_i128 visit_i128 i128, deserialize_f32 visit_f32 f32, deserialize_f64 visit_f64 f64
    );

    fn is_human_readable(&self) -> bool {
        false
    }
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("a stored type must know its own shape"))
    }
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_bool(self.round % 2 == 1)
    }
    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_char('ç')
    }
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_string(visitor)
    }
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        // Also valid as JSON, for fields that hold JSON as text.
        visitor.visit_string(if self.round == 0 { "\"\"".into() } else { format!("\"ação {}\"", self.number()) })
    }
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_byte_buf(visitor)
    }
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        // Sixteen, so that an id can be made of them.
        visitor.visit_byte_buf([[0, 0xFF, 7, self.number() as u8]; 4].concat())
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.round == 0 { visitor.visit_none() } else { visitor.visit_some(self) }
    }
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }
    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_seq(Some { of: self, left: self.length() })
    }
    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_seq(Some { of: self, left: len })
    }
    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, len: usize, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_tuple(len, visitor)
    }
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_map(Some { of: self, left: self.length() })
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.deserialize_tuple(fields.len(), visitor)
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.variants.set(self.variants.get().max(variants.len()));
        visitor.visit_enum(Variant { of: self, number: (self.round % variants.len().max(1)) as u32 })
    }
    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("names of fields are not stored"))
    }
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }
}

/// So many fabricated elements or pairs.
struct Some<'a> {
    of: Fabricated<'a>,
    left: usize,
}

impl<'de> de::SeqAccess<'de> for Some<'_> {
    type Error = de::value::Error;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Self::Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(self.of).map(Option::Some)
    }
}
impl<'de> de::MapAccess<'de> for Some<'_> {
    type Error = de::value::Error;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        de::SeqAccess::next_element_seed(self, seed)
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        seed.deserialize(self.of)
    }
}

struct Variant<'a> {
    of: Fabricated<'a>,
    number: u32,
}

impl<'de, 'a> de::EnumAccess<'de> for Variant<'a> {
    type Error = de::value::Error;
    type Variant = Fabricated<'a>;
    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Self::Error> {
        let number: de::value::U32Deserializer<Self::Error> = self.number.into_deserializer();
        Ok((seed.deserialize(number)?, self.of))
    }
}
impl<'de> de::VariantAccess<'de> for Fabricated<'_> {
    type Error = de::value::Error;
    fn unit_variant(self) -> Result<(), Self::Error> {
        Ok(())
    }
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Self::Error> {
        seed.deserialize(self)
    }
    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_tuple(len, visitor)
    }
    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_tuple(fields.len(), visitor)
    }
}

#[test]
fn the_machinerys_own_records() {
    check::<crate::platform::deadletters::DeadLetter>();
    check::<crate::platform::jobs::Job>();
    check::<crate::platform::outbox::Delivery>();
    check::<crate::platform::timers::Timer>();
}

/// A record nobody checks would change its bytes unnoticed.
#[test]
fn every_record_has_its_golden_bytes() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src")];
    let mut missing = Vec::new();
    while let Option::Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.components().any(|part| part.as_os_str() == "tests") || name.starts_with("test") || !name.ends_with(".rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for record in text.split("impl Record for ").skip(1) {
                let Option::Some(noun) = record.split("const NAME: &'static str = \"").nth(1).and_then(|r| r.split('"').next())
                else {
                    continue;
                };
                let table = record.split("TableId(0x").nth(1).and_then(|r| u16::from_str_radix(r.split(')').next()?, 16).ok());
                let Option::Some(table) = table else { panic!("{noun}: no table id beside its name") };
                if !root.join(format!("tests/golden/{}.v1.hex", file_name(noun, table))).exists() {
                    missing.push(format!("{noun} in {}", path.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "call golden::check for: {missing:#?}");
}
