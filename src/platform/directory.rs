//! The directory: which tenant an outside name belongs to. A provider's account id, a host name or an
//! inbox address arrives before anybody knows whose it is; this leads from it to the tenant.
//!
//! Invariant: one name of one kind belongs to at most one tenant, and only its holder can give it up.

use super::store::{PlatformTx, PlatformView, TableId, Tx, keys};
use crate::base::{Error, Result, TenantId};
use serde_json::Value;

/// (kind, key) → sixteen bytes of tenant, then the claim's JSON.
const NAME_TO_TENANT: TableId = TableId(0x0020);

fn pack(tenant: TenantId, value: &Value) -> Vec<u8> {
    let mut out = tenant.as_bytes().to_vec();
    out.extend(value.to_string().into_bytes());
    out
}

fn unpack(bytes: &[u8]) -> Result<(TenantId, Value)> {
    let broken = || Error::internal("read the directory");
    let (tenant, json) = bytes.split_at_checked(16).ok_or_else(broken)?;
    let tenant = <TenantId as keys::Key>::read(tenant).ok_or_else(broken)?;
    Ok((tenant, serde_json::from_slice(json).map_err(|_| broken())?))
}

impl Tx<'_, '_> {
    /// Takes the name `key` of `kind` for this tenant, with what a door needs to know before it opens the
    /// tenant. Taking it again replaces the value.
    ///
    /// # Errors
    /// Conflict `taken` where another tenant holds it.
    pub fn claim(&mut self, kind: &str, key: &str, value: Value) -> Result<()> {
        let at = keys::bytes(&(kind, key));
        if let Some(held) = self.raw_get(0, NAME_TO_TENANT, &at)?
            && unpack(&held)?.0 != self.tenant
        {
            return Err(Error::conflict("taken", format!("this {kind} belongs to another organisation on this server")));
        }
        let packed = pack(self.tenant, &value);
        self.core.put_raw(0, NAME_TO_TENANT, at, Some(packed))
    }

    /// Gives the name up, if this tenant holds it; says whether it did.
    pub fn release(&mut self, kind: &str, key: &str) -> Result<bool> {
        let at = keys::bytes(&(kind, key));
        match self.raw_get(0, NAME_TO_TENANT, &at)? {
            Some(held) if unpack(&held)?.0 == self.tenant => {
                self.core.put_raw(0, NAME_TO_TENANT, at, None)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

impl PlatformView {
    /// Who holds the name `key` of `kind`, and what they left with it.
    pub fn lookup(&self, kind: &str, key: &str) -> Result<Option<(TenantId, Value)>> {
        self.raw_get(0, NAME_TO_TENANT, &keys::bytes(&(kind, key)))?.map(|bytes| unpack(&bytes)).transpose()
    }
}

impl PlatformTx<'_, '_> {
    /// As [`PlatformView::lookup`], inside a command.
    pub fn lookup(&self, kind: &str, key: &str) -> Result<Option<(TenantId, Value)>> {
        self.raw_get(0, NAME_TO_TENANT, &keys::bytes(&(kind, key)))?.map(|bytes| unpack(&bytes)).transpose()
    }
}

#[cfg(test)]
mod tests;
