//! Order-preserving key bytes: comparing the bytes compares the values.

use crate::base::{Id, Timestamp};
use uuid::Uuid;

/// Something that can stand in a key.
pub trait KeyPart {
    /// Appends the order-preserving bytes.
    fn put(&self, out: &mut Vec<u8>);
}

/// A whole primary key: can also be read back.
pub trait Key: KeyPart + Clone + Send + Sync + 'static {
    /// Number of bytes where it is always the same, else 0.
    const WIDTH: usize;
    /// Reads what `put` wrote; `None` if the bytes are none of ours.
    fn read(bytes: &[u8]) -> Option<Self>;
}

/// The bytes of a key part.
pub fn bytes(part: &(impl KeyPart + ?Sized)) -> Vec<u8> {
    let mut out = Vec::with_capacity(32);
    part.put(&mut out);
    out
}

macro_rules! unsigned { ($($t:ty),*) => { $(
    impl KeyPart for $t { fn put(&self, out: &mut Vec<u8>) { out.extend_from_slice(&self.to_be_bytes()) } }
    impl Key for $t {
        const WIDTH: usize = size_of::<$t>();
        fn read(bytes: &[u8]) -> Option<Self> { bytes.try_into().ok().map(Self::from_be_bytes) }
    }
)* } }
unsigned!(u8, u16, u32, u64);

impl KeyPart for i64 {
    // Flipping the sign bit puts negative numbers before positive ones.
    fn put(&self, out: &mut Vec<u8>) {
        ((*self as u64) ^ (1 << 63)).put(out)
    }
}
impl KeyPart for Timestamp {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out)
    }
}
impl Key for Timestamp {
    const WIDTH: usize = 8;
    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self((u64::read(bytes)? ^ (1 << 63)) as i64))
    }
}
impl KeyPart for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self))
    }
}
impl KeyPart for Uuid {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes())
    }
}
impl Key for Uuid {
    const WIDTH: usize = 16;
    fn read(bytes: &[u8]) -> Option<Self> {
        Uuid::from_slice(bytes).ok()
    }
}
impl KeyPart for () {
    fn put(&self, _: &mut Vec<u8>) {}
}
/// The record of a table that holds one.
impl Key for () {
    const WIDTH: usize = 0;
    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.is_empty().then_some(())
    }
}
impl KeyPart for str {
    // 0x00 inside becomes 0x00 0xFF and the end is 0x00 0x00, so "a" sorts before "ab" in tuples too.
    fn put(&self, out: &mut Vec<u8>) {
        for byte in self.bytes() {
            out.push(byte);
            if byte == 0 {
                out.push(0xFF);
            }
        }
        out.extend_from_slice(&[0, 0]);
    }
}
impl KeyPart for String {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_str().put(out)
    }
}
impl Key for String {
    const WIDTH: usize = 0;
    fn read(bytes: &[u8]) -> Option<Self> {
        let body = bytes.strip_suffix(&[0, 0])?;
        let mut out = Vec::with_capacity(body.len());
        let mut rest = body.iter();
        while let Some(&byte) = rest.next() {
            if byte == 0 && rest.next() != Some(&0xFF) {
                return None;
            }
            out.push(byte);
        }
        String::from_utf8(out).ok()
    }
}
impl<T: KeyPart> KeyPart for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            None => out.push(0),
            Some(value) => {
                out.push(1);
                value.put(out);
            }
        }
    }
}
// Not for any `&T`: the compiler could not tell that from an id.
impl KeyPart for &str {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out)
    }
}
impl KeyPart for &String {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out)
    }
}
/// Bytes that are a key already, e.g. a page's cursor. Only sensible as the last part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw(pub Vec<u8>);
impl KeyPart for Raw {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0)
    }
}

macro_rules! tuple { ($($name:ident $index:tt),*) => {
    impl<$($name: KeyPart),*> KeyPart for ($($name,)*) {
        fn put(&self, out: &mut Vec<u8>) { $(self.$index.put(out);)* }
    }
} }
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);

/// Two fixed-width keys in a row.
impl<A: Key, B: Key> Key for (A, B) {
    const WIDTH: usize = if A::WIDTH > 0 && B::WIDTH > 0 { A::WIDTH + B::WIDTH } else { 0 };
    fn read(bytes: &[u8]) -> Option<Self> {
        if A::WIDTH > 0 {
            let (a, b) = bytes.split_at_checked(A::WIDTH)?;
            Some((A::read(a)?, B::read(b)?))
        } else {
            let (a, b) = bytes.split_at_checked(bytes.len().checked_sub(B::WIDTH)?)?;
            Some((A::read(a)?, B::read(b)?))
        }
    }
}

impl<I: Id> KeyPart for I {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice((*self).into().as_bytes())
    }
}
impl<I: Id + Send + Sync + 'static> Key for I {
    const WIDTH: usize = 16;
    fn read(bytes: &[u8]) -> Option<Self> {
        Uuid::from_slice(bytes).ok().map(Self::from)
    }
}
