//! What providers have of our files.

use crate::{
    base::{ChannelId, Result},
    channels::model::Upload,
    platform::store::{Read, Tx, Write},
};

/// A provider was handed a file over.
pub fn note_upload(tx: &mut Tx<'_, '_>, upload: &Upload) -> Result<()> {
    tx.put(upload)
}

/// A provider does not know this file any more.
pub fn forget_upload(tx: &mut Tx<'_, '_>, channel: ChannelId, hash: String) -> Result<()> {
    let key = (channel, hash);
    match tx.get::<Upload>(&key)? {
        Some(_) => tx.delete::<Upload>(&key).map(drop),
        None => Ok(()),
    }
}
