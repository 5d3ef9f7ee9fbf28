//! Tokens: what proves a session to us.
//!
//! *Access*: a JWT, HS256 and nothing else, with the union of the sources' claims (CNF-12). It is only ever
//! half the proof: every request also asks the store whether session and token version still stand.
//! *Refresh*, *page* and *device* tokens are opaque: what they name, and a 256-bit tag under a key that lies
//! outside the store, so a copy of the store opens nothing. A refresh token names its session's generation,
//! so one that was used before is recognised however old it is.

use crate::base::{Error, Result, SessionId, TenantId, Timestamp, UserId, chance};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result as JwtResult},
    signature::{self, Signer, Verifier},
};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Who makes our tokens.
const ISSUER: &str = "farol";
/// Longer bearer values are nobody's token of ours.
const TOKEN_BYTES_MAX: usize = 4_096;
/// Access tokens remembered as rightly signed, about a kilobyte each.
const PROVEN_MAX: usize = 2_048;

/// What an access token says (CNF-12). Names of both sources, so that either's clients find theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(non_snake_case, reason = "the claims' names are the sources'")]
pub struct Claims {
    /// The user.
    pub sub: UserId,
    /// The user again.
    pub id: UserId,
    /// The user again.
    pub userId: UserId,
    /// Their e-mail.
    pub email: String,
    /// Key of their role.
    pub role: String,
    /// Their tenant.
    pub companyId: TenantId,
    /// Number of their role.
    pub tipo_id: u8,
    /// Their name.
    pub nome: String,
    /// Their token version.
    pub tv: u32,
    /// The session.
    pub sid: SessionId,
    /// When made, in seconds since 1970.
    pub iat: i64,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// Who made it.
    pub iss: String,
}

/// Makes and reads tokens.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    opaque: [u8; 32],
    /// Access tokens whose signature was found right: a screen sends the same one for a quarter of an hour.
    proven: Cache<Box<str>, Arc<Claims>>,
}

impl Tokens {
    /// With the secret of access tokens and that of all others.
    pub fn new(jwt_secret: &[u8], session_secret: &[u8]) -> Self {
        // A second installation in one process (tests) finds the same provider in place.
        let _ = PROVIDER.install_default();
        let mut validation = Validation::new(Algorithm::HS256);
        // The end of life is compared with the injected clock below.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        validation.set_issuer(&[ISSUER]);
        Self {
            encoding: EncodingKey::from_secret(jwt_secret),
            decoding: DecodingKey::from_secret(jwt_secret),
            validation,
            opaque: tag(session_secret, b"farol opaque tokens v1", &[]),
            proven: Cache::new(PROVEN_MAX),
        }
    }

    /// The access token of `claims`; `iss` is ours whatever they say.
    pub fn access(&self, mut claims: Claims) -> Result<String> {
        ISSUER.clone_into(&mut claims.iss);
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|e| Error::internal(format!("sign an access token: {e}")))
    }

    /// What an access token says, if it is ours and not yet over at `now`.
    ///
    /// # Errors
    /// `Unauthenticated` with `token_expired` or `token_invalid`.
    pub fn read_access(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Error::Unauthenticated("token_invalid"));
        }
        let claims = match self.proven.get(token) {
            Some(claims) => claims,
            None => {
                let data = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation);
                let claims = Arc::new(data.map_err(|_| Error::Unauthenticated("token_invalid"))?.claims);
                self.proven.insert(token.into(), claims.clone());
                claims
            }
        };
        if now >= Timestamp::from_secs(claims.exp) {
            return Err(Error::Unauthenticated("token_expired"));
        }
        Ok(claims)
    }

    /// A refresh token of this session's generation.
    pub fn refresh(&self, session: SessionId, generation: u32) -> String {
        let body = [session.as_bytes().as_slice(), &generation.to_be_bytes(), &chance::secret_bytes::<16>()].concat();
        self.write(b"refresh", body)
    }
    /// Session and generation of a refresh token that we made.
    pub fn read_refresh(&self, token: &str) -> Option<(SessionId, u32)> {
        let body = self.read(b"refresh", token)?;
        let (session, rest) = body.split_at_checked(16)?;
        let generation = rest.get(..4)?.try_into().ok()?;
        Some((SessionId(Uuid::from_slice(session).ok()?), u32::from_be_bytes(generation)))
    }

    /// What the page's cookie holds, for pictures and documents that are loaded without a header.
    pub fn page(&self, session: SessionId) -> String {
        self.write(b"page", session.as_bytes().to_vec())
    }
    /// The session of a page cookie.
    pub fn read_page(&self, token: &str) -> Option<SessionId> {
        Uuid::from_slice(&self.read(b"page", token)?).ok().map(SessionId)
    }

    /// What a device keeps to prove that this user has signed in on it before.
    pub fn device(&self, user: UserId) -> String {
        self.write(b"device", [user.as_bytes().as_slice(), &chance::secret_bytes::<16>()].concat())
    }
    /// User and number of a device.
    pub fn read_device(&self, token: &str) -> Option<(UserId, [u8; 16])> {
        let body = self.read(b"device", token)?;
        let (user, number) = body.split_at_checked(16)?;
        Some((UserId(Uuid::from_slice(user).ok()?), number.try_into().ok()?))
    }

    fn write(&self, kind: &[u8], mut body: Vec<u8>) -> String {
        let tag = tag(&self.opaque, kind, &body);
        body.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(body)
    }
    fn read(&self, kind: &[u8], token: &str) -> Option<Vec<u8>> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let told = bytes.split_off(bytes.len().checked_sub(32)?);
        let right = subtle::ConstantTimeEq::ct_eq(tag(&self.opaque, kind, &bytes).as_slice(), &told);
        bool::from(right).then_some(bytes)
    }
}

/// HMAC-SHA-256 of a body for one kind of token.
fn tag(key: &[u8], kind: &[u8], body: &[u8]) -> [u8; 32] {
    let mut mac = hmac(key);
    mac.update(kind);
    mac.update(&[0]);
    mac.update(body);
    mac.finalize().into_bytes().into()
}

fn hmac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// Reads how long access tokens live: `15m`, `24h`, `7d`, between a minute and 7 days.
pub fn parse_lifetime(text: &str) -> Option<Duration> {
    let text = text.trim();
    let at = text.len().checked_sub(1).filter(|at| text.is_char_boundary(*at))?;
    let (number, unit) = text.split_at(at);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let secs = number.parse::<u64>().ok()?.checked_mul(unit)?;
    (60..=7 * 86_400).contains(&secs).then(|| Duration::from_secs(secs))
}

/// HS256 over the crates the house uses anyway; every other algorithm is refused before any key is touched.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        only_hs256(*algorithm)?;
        Ok(Box::new(Hs256(hmac(key.as_bytes()))))
    },
    verifier_factory: |algorithm, key| {
        only_hs256(*algorithm)?;
        Ok(Box::new(Hs256(hmac(key.try_get_as_bytes()?))))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

fn only_hs256(algorithm: Algorithm) -> JwtResult<()> {
    if algorithm == Algorithm::HS256 { Ok(()) } else { Err(ErrorKind::InvalidAlgorithm.into()) }
}

struct Hs256(Hmac<Sha256>);

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let mut mac = self.0.clone();
        mac.update(message);
        Ok(mac.finalize().into_bytes().to_vec())
    }
}
impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let mut mac = self.0.clone();
        mac.update(message);
        mac.verify_slice(signature).map_err(signature::Error::from_source)
    }
}
impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}
impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_763_812_800_000);

    fn claims() -> Claims {
        let user = UserId(Uuid::from_u128(7));
        Claims {
            sub: user,
            id: user,
            userId: user,
            email: "ana@example.com".into(),
            role: "AGENT".into(),
            companyId: TenantId(Uuid::from_u128(8)),
            tipo_id: 2,
            nome: "Ana".into(),
            tv: 1,
            sid: SessionId(Uuid::from_u128(9)),
            iat: NOW.0 / 1_000,
            exp: NOW.0 / 1_000 + 900,
            iss: String::new(),
        }
    }

    #[test]
    fn an_access_token_carries_both_sources_claims_until_it_ends() {
        let tokens = Tokens::new(b"a secret", b"another");
        let token = tokens.access(claims()).unwrap();
        let parts: Vec<_> = token.split('.').collect();
        assert_eq!(URL_SAFE_NO_PAD.decode(parts[0]).unwrap(), br#"{"typ":"JWT","alg":"HS256"}"#);
        let json: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        let names = ["sub", "id", "userId", "email", "role", "companyId", "tipo_id", "nome", "tv", "sid", "iat", "exp", "iss"];
        assert_eq!(json.as_object().unwrap().len(), names.len());
        assert!(names.iter().all(|name| json.get(name).is_some()));

        let read = |now| tokens.read_access(&token, now);
        assert_eq!(read(NOW).unwrap().sid, claims().sid);
        assert!(read(NOW.plus(Duration::from_secs(899))).is_ok());
        assert_eq!(read(NOW.plus(Duration::from_secs(900))).unwrap_err().code(), "token_expired");
        assert_eq!(Tokens::new(b"else", b"another").read_access(&token, NOW).unwrap_err().code(), "token_invalid");
    }

    #[test]
    fn no_other_algorithm_and_no_changed_byte_passes() {
        let tokens = Tokens::new(b"a secret", b"another");
        let token = tokens.access(claims()).unwrap();
        let (_, rest) = token.split_once('.').unwrap();
        let payload = rest.split_once('.').unwrap().0;
        for header in
            [r#"{"alg":"none"}"#, r#"{"alg":"HS384"}"#, r#"{"alg":"HS512"}"#, r#"{"alg":"RS256"}"#, r#"{"alg":"EdDSA"}"#]
        {
            let forged = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
            assert!(tokens.read_access(&forged, NOW).is_err(), "{header}");
            assert!(tokens.read_access(&format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(header)), NOW).is_err(), "{header}");
        }
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            // The last character of a base64 text may hold bits that do not count.
            let same = tokens.read_access(&changed, NOW).is_ok_and(|read| *read == Claims { iss: ISSUER.into(), ..claims() });
            assert!(tokens.read_access(&changed, NOW).is_err() || same && at + 1 == token.len(), "byte {at}");
        }
        for nonsense in ["", ".", "..", "a.b.c", &"x".repeat(10_000)] {
            assert!(tokens.read_access(nonsense, NOW).is_err());
        }
    }

    #[test]
    fn opaque_tokens_open_only_what_they_were_made_for() {
        let tokens = Tokens::new(b"a secret", b"another");
        let (session, user) = (SessionId(Uuid::from_u128(9)), UserId(Uuid::from_u128(7)));
        let refresh = tokens.refresh(session, 3);
        assert_eq!(tokens.read_refresh(&refresh), Some((session, 3)));
        assert_ne!(refresh, tokens.refresh(session, 3));
        assert_eq!(tokens.read_page(&tokens.page(session)), Some(session));
        assert_eq!(tokens.read_device(&tokens.device(user)).unwrap().0, user);
        assert!(tokens.read_page(&refresh).is_none() && tokens.read_refresh(&tokens.page(session)).is_none());
        assert!(Tokens::new(b"a secret", b"changed").read_refresh(&refresh).is_none());
        let mut bytes = URL_SAFE_NO_PAD.decode(&refresh).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            assert!(tokens.read_refresh(&URL_SAFE_NO_PAD.encode(&bytes)).is_none(), "byte {at}");
            bytes[at] ^= 1;
        }
    }

    #[test]
    fn lifetimes_are_read_as_the_sources_write_them() {
        for (text, secs) in [("15m", Some(900)), ("24h", Some(86_400)), ("7d", Some(604_800)), ("90s", Some(90))] {
            assert_eq!(parse_lifetime(text).map(|d| d.as_secs()), secs, "{text}");
        }
        for text in ["", "m", "15", "30s", "8d", "-1h", "1w", "é", "99999999999999999999d"] {
            assert_eq!(parse_lifetime(text), None, "{text}");
        }
    }
}
