//! Settings of the box as a whole. All of them global; each takes effect at once.

use super::{AnySetting, Level, Setting};
use crate::{base::Error, platform::disk::FULL_BYTES_MIN};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const GLOBAL: &[Level] = &[Level::Global];

/// How much room must stay free, in megabytes of 2^20 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DiskReserve {
    /// Below this files are refused and the owner is warned.
    pub low_mb: u32,
    /// Below this only messages and sign-in are taken.
    pub full_mb: u32,
}

/// Free room that is kept on the disk of the data folder.
pub static DISK: Setting<DiskReserve> =
    Setting::new("system.disk", "Room that must stay free on the disk, in megabytes", GLOBAL, || DiskReserve {
        low_mb: 1_024,
        full_mb: 256,
    })
    .checked(|disk| {
        let least = (FULL_BYTES_MIN >> 20) as u32;
        if disk.full_mb >= least && disk.low_mb >= disk.full_mb {
            return Ok(());
        }
        Err(Error::invalid("value", "out_of_range", format!("give at least {least} MB, and no less for low than for full")))
    });

/// All keys of the box.
pub fn keys() -> [&'static dyn AnySetting; 1] {
    [&DISK]
}
