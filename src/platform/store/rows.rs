//! Rows that many read again and again, kept decoded and with what was made of them.
//!
//! A kept row counts only while the store still holds the very bytes it was decoded from; they are read and
//! compared each time. So nothing need ever be invalidated, and whoever could not read the bytes gets nothing.

use super::{
    keys,
    table::{self, Record, TenantScope},
    tx::Read,
};
use crate::base::{Error, Result, TenantId};
use quick_cache::sync::Cache;
use std::{hash::Hash, ops::Deref, sync::Arc};

/// A decoded record, the bytes it came from, and a place for what is made of it.
#[derive(Debug)]
pub struct Row<R, F> {
    bytes: Vec<u8>,
    record: R,
    /// Whatever is dear to make of the record again.
    pub made: F,
}

impl<R, F> Deref for Row<R, F> {
    type Target = R;
    fn deref(&self) -> &R {
        &self.record
    }
}

/// The rows of one table that were read last, of all tenants.
pub struct Rows<R: Record, F>
where
    R::Key: Hash + Eq + Clone,
{
    kept: Cache<(TenantId, R::Key), Arc<Row<R, F>>>,
}

impl<R, F: Default> Rows<R, F>
where
    R: Record<Scope = TenantScope>,
    R::Key: Hash + Eq + Clone,
{
    /// Keeps about `count` of them.
    pub fn new(count: usize) -> Self {
        Self { kept: Cache::new(count) }
    }

    /// The record under `key` as `source`, a reader of `tenant`, sees it now.
    ///
    /// # Errors
    /// Where the store can't be read, or the bytes are no such record.
    pub fn get(&self, source: &impl Read<Scope = TenantScope>, tenant: TenantId, key: &R::Key) -> Result<Option<Arc<Row<R, F>>>> {
        let kept = self.kept.get(&(tenant, key.clone()));
        let mut found = Ok(None);
        source.source().look_raw(R::TABLE, &keys::bytes(key), &mut |bytes| {
            found = match &kept {
                Some(row) if row.bytes == bytes => Ok(Some((row.clone(), false))),
                _ => table::decode(bytes)
                    .map(|record| Some((Arc::new(Row { bytes: bytes.to_vec(), record, made: F::default() }), true)))
                    .map_err(|e| Error::internal(format!("read a {}: {e}", R::NAME))),
            };
        })?;
        Ok(found?.map(|(row, new)| {
            if new {
                self.kept.insert((tenant, key.clone()), row.clone());
            }
            row
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::store::{
        Write,
        testing::{Line, World},
    };
    use std::sync::OnceLock;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_kept_row_counts_while_the_store_holds_its_bytes() {
        let world = World::new().await;
        let rows: Rows<Line, OnceLock<String>> = Rows::new(8);
        let id = Uuid::from_u128(1);
        let put = |text: &str| {
            let line = Line { id, text: text.into() };
            world.write(move |tx| tx.put(&line))
        };
        let read = || rows.get(&world.store.read(world.tenant).unwrap(), world.tenant, &id).unwrap();
        assert!(read().is_none());
        put("one").await.unwrap();
        let first = read().unwrap();
        assert_eq!((first.text.as_str(), first.made.get_or_init(|| "made".into()).as_str()), ("one", "made"));
        assert!(Arc::ptr_eq(&first, &read().unwrap()));
        put("two").await.unwrap();
        let second = read().unwrap();
        assert_eq!((second.text.as_str(), second.made.get()), ("two", None));
        // Written back as it was: what was made of it before may be made anew, never mistaken.
        put("one").await.unwrap();
        assert_eq!(read().unwrap().text, "one");
        world.write(move |tx| tx.delete::<Line>(&id)).await.unwrap();
        assert!(read().is_none());
    }
}
