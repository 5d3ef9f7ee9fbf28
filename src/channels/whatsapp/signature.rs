//! `X-Hub-Signature-256`: HMAC-SHA256 of the raw body under the app secret, compared in constant time.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// The header's name, lower-case as HTTP/2 wants it.
pub const HEADER: &str = "x-hub-signature-256";

/// The 32 bytes a header claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 32]);

impl Signature {
    /// Reads `sha256=` and 64 lower-case hex digits; anything else is no signature. Upper-case digits are
    /// refused so that one body has one header and no bit of it may differ.
    pub fn parse(header: &[u8]) -> Option<Self> {
        let digits = header.strip_prefix(b"sha256=")?;
        if digits.len() != 64 || digits.iter().any(u8::is_ascii_uppercase) {
            return None;
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

/// An app secret, ready to check bodies with. Never shows itself.
#[derive(Clone)]
pub struct AppSecret {
    keyed: Hmac<Sha256>,
}

impl AppSecret {
    /// From the secret as Meta's app dashboard shows it.
    pub fn new(secret: &str) -> Self {
        // HMAC takes keys of any length (RFC 2104), so this can't fail.
        let keyed = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
        Self { keyed }
    }
    /// Did the holder of this secret sign `body`?
    pub fn signed(&self, body: &[u8], signature: &Signature) -> bool {
        let mut mac = self.keyed.clone();
        mac.update(body);
        mac.verify_slice(&signature.0).is_ok()
    }
    /// The header value for `body`: what Meta (and our simulator) sends.
    pub fn sign(&self, body: &[u8]) -> String {
        let mut mac = self.keyed.clone();
        mac.update(body);
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for AppSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"Hello, World!";
    const HEADER_VALUE: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn accepts(secret: &str, body: &[u8], header: &[u8]) -> bool {
        Signature::parse(header).is_some_and(|signature| AppSecret::new(secret).signed(body, &signature))
    }

    #[test]
    fn the_published_vector_holds() {
        assert_eq!(AppSecret::new("It's a Secret to Everybody").sign(BODY), HEADER_VALUE);
        assert!(accepts("It's a Secret to Everybody", BODY, HEADER_VALUE.as_bytes()));
        assert!(!accepts("It's a secret to everybody", BODY, HEADER_VALUE.as_bytes()));
    }

    #[test]
    fn no_single_bit_may_differ() {
        let secret = "It's a Secret to Everybody";
        for bit in 0..BODY.len() * 8 {
            let mut body = BODY.to_vec();
            body[bit / 8] ^= 1 << (bit % 8);
            assert!(!accepts(secret, &body, HEADER_VALUE.as_bytes()), "body bit {bit}");
        }
        for bit in 0..HEADER_VALUE.len() * 8 {
            let mut header = HEADER_VALUE.as_bytes().to_vec();
            header[bit / 8] ^= 1 << (bit % 8);
            assert!(!accepts(secret, BODY, &header), "header bit {bit}");
        }
    }

    #[test]
    fn only_the_exact_form_is_a_signature() {
        let digits = &HEADER_VALUE[7..];
        for header in ["", "sha256=", digits, &HEADER_VALUE[..70], &format!("{HEADER_VALUE}0"), &format!("sha1={digits}")] {
            assert!(Signature::parse(header.as_bytes()).is_none(), "{header}");
        }
        assert!(Signature::parse(HEADER_VALUE.to_uppercase().as_bytes()).is_none());
        assert!(Signature::parse(format!(" {HEADER_VALUE}").as_bytes()).is_none());
    }
}
