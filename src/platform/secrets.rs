//! Secrets at rest: sealed with AES-256-GCM under a key that is named beside each value.
//!
//! Keys lie outside the store, in `DATA/keys/secrets.key` or in a file of the owner's choosing, so that
//! a copy of the store alone gives nothing away. A value is bound to its tenant and its field: moved
//! elsewhere it does not open. Over the API secrets are write-only and show their last four characters.

use super::{
    private,
    store::{Lane, Store},
};
use crate::base::{Error, Origin, Result, TenantId, chance};
use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

/// Under this name the store remembers by which keys it is sealed.
const KEYS_FACT: &str = "keys";
/// Enough to tell keys apart.
const MARK_BYTES: usize = 16;
/// Name of the key file in `DATA/keys`.
const KEY_FILE: &str = "secrets.key";
/// Secrets shorter than this show nothing of themselves: four of few characters would be too many.
const SHOWN_FROM_CHARS: usize = 12;

/// A secret as it is stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    key: u32,
    nonce: [u8; 12],
    bytes: Vec<u8>,
    last4: String,
}

/// A secret as the API shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SecretView {
    /// Is there one?
    pub set: bool,
    /// Its last four characters, if it is long enough to show them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "x7Qz")]
    pub last4: Option<String>,
}

impl From<Option<&Sealed>> for SecretView {
    fn from(sealed: Option<&Sealed>) -> Self {
        match sealed {
            None => Self::default(),
            Some(sealed) => Self { set: true, last4: (!sealed.last4.is_empty()).then(|| sealed.last4.clone()) },
        }
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed(key {}, …{})", self.key, self.last4)
    }
}

/// The keys of this installation. The one with the highest number seals; all of them open.
#[derive(Clone)]
pub struct Keyring {
    keys: BTreeMap<u32, [u8; 32]>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.keys.len())
    }
}

impl Keyring {
    /// The keys in `key_file`, or those in `DATA/keys`, which are made at the first start.
    ///
    /// # Errors
    /// When a file can't be read or written, or holds no keys; a given `key_file` is never made.
    pub fn open(data: &Path, key_file: Option<&Path>) -> Result<Self> {
        let path = Self::file(data, key_file);
        if key_file.is_none() && !path.exists() {
            let folder = data.join("keys");
            private::make_folder(&folder).map_err(|e| Error::internal(format!("make the folder {}: {e}", folder.display())))?;
            private::write(&path, format!("1 {}\n", STANDARD.encode(chance::secret_bytes::<32>())))?;
        }
        Self::read(&path)
    }

    /// The file that [`Keyring::open`] reads.
    pub fn file(data: &Path, key_file: Option<&Path>) -> PathBuf {
        key_file.map_or_else(|| data.join("keys").join(KEY_FILE), Path::to_owned)
    }

    /// Keys that live as long as the process; for tests and for the demo's throw-away data.
    pub fn ephemeral() -> Self {
        Self { keys: BTreeMap::from([(1, chance::secret_bytes())]) }
    }

    /// Why secrets in `store` would not open with the key file as it is, and what helps; `None` where they
    /// would, or where there is none yet. Makes and changes nothing.
    ///
    /// # Errors
    /// When store or file can't be read.
    pub fn trouble(store: &Store, data: &Path, key_file: Option<&Path>) -> Result<Option<String>> {
        let noted = noted(store)?;
        if noted.is_empty() || store.tenants().is_empty() {
            return Ok(None);
        }
        let path = Self::file(data, key_file);
        let found = if path.exists() { Self::read(&path)?.marks() } else { BTreeMap::new() };
        let file = path.display();
        let what = match noted.iter().find(|(key, mark)| found.get(key) != Some(mark)) {
            None => return Ok(None),
            Some(_) if found.is_empty() => format!("{file} is missing, and secrets in the data were sealed with it"),
            Some((key, _)) if found.contains_key(key) => {
                format!("{file} holds another key {key} than the one that secrets in the data were sealed with")
            }
            Some((key, _)) => format!("{file} no longer holds key {key}, and secrets in the data were sealed with it"),
        };
        Ok(Some(format!(
            "{what}: put the right file there, from the old box or a sealed backup; if it is lost for good, `farol new-keys` \
             goes on without those secrets, and channels need their tokens again"
        )))
    }

    /// Notes in `store` by which keys it is sealed, so that [`Keyring::trouble`] can tell. Writes only what is new.
    ///
    /// # Errors
    /// When the store can't be read or written.
    pub async fn note(&self, store: &Store) -> Result<()> {
        let marks = self.marks();
        if noted(store)? == marks {
            return Ok(());
        }
        let bytes = marks.iter().flat_map(|(key, mark)| key.to_le_bytes().into_iter().chain(*mark)).collect();
        store.write_platform(Lane::People, Origin::system(), move |tx| tx.set_fact(KEYS_FACT, bytes)).await
    }

    /// What tells each key from another and gives nothing of it away.
    fn marks(&self) -> BTreeMap<u32, [u8; MARK_BYTES]> {
        let mark = |key: &[u8; 32]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
            mac.update(b"farol key mark v1");
            let bytes = mac.finalize().into_bytes();
            std::array::from_fn(|i| bytes[i])
        };
        self.keys.iter().map(|(number, key)| (*number, mark(key))).collect()
    }

    fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|e| Error::internal(format!("read the key file {}: {e}", path.display())))?;
        Self::parse(&text)
            .ok_or_else(|| Error::internal(format!("{} must hold lines of a number and 32 bytes in base64", path.display())))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut keys = BTreeMap::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (number, key) = line.split_once(char::is_whitespace)?;
            keys.insert(number.parse().ok()?, STANDARD.decode(key.trim()).ok()?.try_into().ok()?);
        }
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// A key of its own for `purpose` (signing tokens, say), stable as long as the oldest key is kept.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let (_, oldest) = self.keys.first_key_value().expect("a keyring is never empty");
        let mut mac = Hmac::<Sha256>::new_from_slice(oldest).expect("HMAC takes keys of any length");
        mac.update(b"farol derived key v1\0");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Seals `clear` for `field` of `tenant`.
    pub fn seal(&self, tenant: TenantId, field: &str, clear: &str) -> Result<Sealed> {
        let (&key, bytes) = self.keys.last_key_value().expect("a keyring is never empty");
        let nonce: [u8; 12] = chance::secret_bytes();
        let payload = Payload { msg: clear.as_bytes(), aad: &bound_to(tenant, field) };
        let sealed = Aes256Gcm::new(&(*bytes).into()).encrypt(&nonce.into(), payload);
        let bytes = sealed.map_err(|_| Error::internal(format!("seal {field}")))?;
        let chars = clear.chars().count();
        let last4 = if chars >= SHOWN_FROM_CHARS { clear.chars().skip(chars - 4).collect() } else { String::new() };
        Ok(Sealed { key, nonce, bytes, last4 })
    }

    /// Opens what was sealed for `field` of `tenant`.
    ///
    /// # Errors
    /// When the key is gone, or the value was sealed for something else or changed since.
    pub fn unseal(&self, tenant: TenantId, field: &str, sealed: &Sealed) -> Result<String> {
        let failed = |why: &str| Error::internal(format!("open the secret {field} of tenant {tenant}: {why}"));
        let key = self.keys.get(&sealed.key).ok_or_else(|| failed(&format!("key {} is not in the key file", sealed.key)))?;
        let payload = Payload { msg: &sealed.bytes, aad: &bound_to(tenant, field) };
        let clear = Aes256Gcm::new(&(*key).into()).decrypt(&sealed.nonce.into(), payload);
        let clear = clear.map_err(|_| failed("it was sealed for something else or has changed"))?;
        String::from_utf8(clear).map_err(|_| failed("it is no text"))
    }
}

/// By which keys the store was sealed when it last started well.
fn noted(store: &Store) -> Result<BTreeMap<u32, [u8; MARK_BYTES]>> {
    let bytes = store.view_platform(|view| view.fact(KEYS_FACT))?.unwrap_or_default();
    let marks = bytes.chunks_exact(4 + MARK_BYTES).map(|entry| {
        let (key, mark) = entry.split_at(4);
        (u32::from_le_bytes(std::array::from_fn(|i| key[i])), std::array::from_fn(|i| mark[i]))
    });
    Ok(marks.collect())
}

fn bound_to(tenant: TenantId, field: &str) -> Vec<u8> {
    [b"farol secret v1\0", tenant.as_bytes().as_slice(), field.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const TENANT: TenantId = TenantId(Uuid::from_u128(1));

    #[test]
    fn a_secret_opens_only_where_it_was_sealed() {
        let ring = Keyring::ephemeral();
        let sealed = ring.seal(TENANT, "channel.accessToken", "EAAG-0123456789-x7Qz").unwrap();
        assert_eq!(ring.unseal(TENANT, "channel.accessToken", &sealed).unwrap(), "EAAG-0123456789-x7Qz");
        assert!(ring.unseal(TENANT, "channel.appSecret", &sealed).is_err());
        assert!(ring.unseal(TenantId(Uuid::from_u128(2)), "channel.accessToken", &sealed).is_err());
        assert!(Keyring::ephemeral().unseal(TENANT, "channel.accessToken", &sealed).is_err());
        let mut changed = sealed.clone();
        changed.bytes[0] ^= 1;
        assert!(ring.unseal(TENANT, "channel.accessToken", &changed).is_err());
        assert_ne!(ring.seal(TENANT, "a", "same").unwrap().bytes, ring.seal(TENANT, "a", "same").unwrap().bytes);
    }

    #[test]
    fn the_api_sees_four_characters_of_a_long_secret_and_none_of_a_short_one() {
        let ring = Keyring::ephemeral();
        let view = |clear| SecretView::from(Some(&ring.seal(TENANT, "f", clear).unwrap()));
        assert_eq!(view("0123456789abcdéf"), SecretView { set: true, last4: Some("cdéf".into()) });
        assert_eq!(view("hunter2"), SecretView { set: true, last4: None });
        assert_eq!(SecretView::from(None), SecretView { set: false, last4: None });
        assert!(!format!("{:?}", ring.seal(TENANT, "f", "hunter2").unwrap()).contains("hunter2"));
    }

    #[test]
    fn keys_are_made_once_and_older_ones_still_open() {
        let data = tempfile::tempdir().unwrap();
        let first = Keyring::open(data.path(), None).unwrap();
        let sealed = first.seal(TENANT, "f", "secret").unwrap();
        let path = data.path().join("keys").join(KEY_FILE);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let more = format!("{}2 {}\n", fs::read_to_string(&path).unwrap(), STANDARD.encode([7; 32]));
        fs::write(&path, more).unwrap();
        let second = Keyring::open(data.path(), Some(&path)).unwrap();
        assert_eq!(second.unseal(TENANT, "f", &sealed).unwrap(), "secret");
        assert_eq!(second.seal(TENANT, "f", "x").unwrap().key, 2);
        assert_eq!(first.derive("tokens"), second.derive("tokens"));
        assert_ne!(first.derive("tokens"), first.derive("other"));
        assert!(Keyring::open(data.path(), Some(&data.path().join("absent"))).is_err());
    }

    #[tokio::test]
    async fn a_missing_or_foreign_key_file_is_told_before_anything_is_sealed_anew() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::in_memory(crate::base::Env::simulated(crate::base::Timestamp(0), 1).0);
        let trouble = || Keyring::trouble(&store, data.path(), None).unwrap();
        assert_eq!(trouble(), None);
        Keyring::open(data.path(), None).unwrap().note(&store).await.unwrap();
        let path = data.path().join("keys").join(KEY_FILE);
        let right = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("1 {}\n", STANDARD.encode([9; 32]))).unwrap();
        assert_eq!(trouble(), None, "nothing is sealed yet");
        store.write_platform(Lane::People, Origin::system(), |tx| tx.register_tenant(TENANT)).await.unwrap();
        assert!(trouble().unwrap().contains("another key 1"));
        fs::remove_file(&path).unwrap();
        assert!(trouble().unwrap().contains("is missing"));
        assert!(!path.exists(), "no other key is made in its place");
        fs::write(&path, right.replace("1 ", "2 ")).unwrap();
        assert!(trouble().unwrap().contains("no longer holds key 1"));
        fs::write(&path, format!("{right}2 {}\n", STANDARD.encode([7; 32]))).unwrap();
        assert_eq!(trouble(), None);
        Keyring::open(data.path(), None).unwrap().note(&store).await.unwrap();
        fs::write(&path, &right).unwrap();
        assert!(trouble().unwrap().contains("no longer holds key 2"), "the newer key may have sealed something");
        Keyring::open(data.path(), None).unwrap().note(&store).await.unwrap();
        assert_eq!(trouble(), None, "whoever says so goes on");
    }

    #[test]
    fn what_is_stored_reads_back() {
        let sealed = Keyring::ephemeral().seal(TENANT, "f", "0123456789abcdef").unwrap();
        let bytes = crate::platform::store::codec::encode(1, &sealed).unwrap();
        let (_, fields) = crate::platform::store::codec::split(&bytes).unwrap();
        assert_eq!(crate::platform::store::codec::decode_fields::<Sealed>(fields).unwrap(), sealed);
    }
}
