//! Frames of changed settings, so that a second window asks for them again.

use crate::{
    base::Result,
    platform::{
        journal::Event,
        realtime::{Class, Encoded, Encoder},
        store::View,
    },
};

/// Frames of `setting.changed`: key and level, never the value, which not everybody in the firm may see.
#[derive(Debug, Default)]
pub struct SettingFrames;

impl Encoder for SettingFrames {
    fn wants(&self, kind: &str) -> bool {
        kind == super::commands::CHANGED
    }
    fn speaks_to_all(&self) -> bool {
        true
    }
    fn encode(&self, _: &View, event: &Event, _: Class) -> Result<Option<Encoded>> {
        Ok(Some(Encoded { kind: event.kind.clone(), data: event.data.clone(), audience: None }))
    }
}
