//! `X-Webhook-Hmac`: HMAC-SHA512 of the raw body under the session's key, compared in constant time.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;
use std::fmt;

/// The header that carries it, lower-case as HTTP/2 wants it.
pub const HEADER: &str = "x-webhook-hmac";
/// The header that names the algorithm.
pub const ALGORITHM_HEADER: &str = "x-webhook-hmac-algorithm";
/// The one algorithm that is believed.
pub const ALGORITHM: &str = "sha512";

/// The 64 bytes a header claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Reads 128 lower-case hex digits; anything else is no signature.
    pub fn parse(header: &[u8]) -> Option<Self> {
        if header.len() != 128 || header.iter().any(u8::is_ascii_uppercase) {
            return None;
        }
        let mut bytes = [0; 64];
        hex::decode_to_slice(header, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

/// A session's key, ready to check bodies with. Never shows itself.
#[derive(Clone)]
pub struct HmacKey {
    keyed: Hmac<Sha512>,
}

impl HmacKey {
    /// From the key as the session's webhook is given it.
    pub fn new(key: &str) -> Self {
        // HMAC takes keys of any length (RFC 2104), so this can't fail.
        let keyed = Hmac::<Sha512>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
        Self { keyed }
    }
    /// Did the holder of this key sign `body`?
    pub fn signed(&self, body: &[u8], signature: &Signature) -> bool {
        let mut mac = self.keyed.clone();
        mac.update(body);
        mac.verify_slice(&signature.0).is_ok()
    }
    /// The header value for `body`: what WAHA (and our simulator) sends.
    pub fn sign(&self, body: &[u8]) -> String {
        let mut mac = self.keyed.clone();
        mac.update(body);
        hex::encode(mac.finalize().into_bytes())
    }
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"event":"message","session":"default","engine":"WEBJS"}"#;

    #[test]
    fn the_published_vector_holds() {
        let value = HmacKey::new("my-secret-key").sign(BODY);
        assert!(value.starts_with("208f8a55dde9e055") && value.ends_with("076153fa89"), "{value}");
        let signature = Signature::parse(value.as_bytes()).unwrap();
        assert!(HmacKey::new("my-secret-key").signed(BODY, &signature));
        assert!(!HmacKey::new("my-secret-kez").signed(BODY, &signature));
        assert!(!HmacKey::new("my-secret-key").signed(&BODY[1..], &signature));
    }

    #[test]
    fn only_the_exact_form_is_a_signature() {
        let value = HmacKey::new("my-secret-key").sign(BODY);
        for header in ["", "sha512=", &value[1..], &format!("{value}0"), &value.to_uppercase(), &format!("sha512={value}")] {
            assert!(Signature::parse(header.as_bytes()).is_none(), "{header}");
        }
    }
}
