//! Properties: keys keep order, layers merge like one map, indexes follow their records.

use crate::base::{Env, Error, Origin, TenantId, Timestamp};
use crate::platform::store::{
    Engine, Index, KeyRange, Lane, Read, Record, RedbEngine, Snapshot, Store, TableId, TenantScope, Write,
    engine::{Batch, Durability},
    keys::{self, Key, bytes},
    layers::Layers,
    log::LogSize,
    testing::MemoryFile,
};
use proptest::prelude::*;
use redb::StorageBackend;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

fn text() -> impl Strategy<Value = String> {
    // Zero bytes, prefixes of each other and characters beyond ASCII are where string keys go wrong.
    proptest::collection::vec(prop_oneof![Just('\0'), Just('a'), Just('b'), Just('ÿ'), any::<char>()], 0..6)
        .prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn keys_compare_as_their_values(
        a in (any::<i64>(), text(), any::<Option<u32>>(), any::<u16>()),
        b in (any::<i64>(), text(), any::<Option<u32>>(), any::<u16>()),
        same_head in any::<bool>(),
    ) {
        let b = if same_head { (a.0, b.1, b.2, b.3) } else { b };
        prop_assert_eq!(bytes(&a).cmp(&bytes(&b)), a.cmp(&b));
        prop_assert_eq!(bytes(&(&a.1, Timestamp(a.0))).cmp(&bytes(&(&b.1, Timestamp(b.0)))), (&a.1, a.0).cmp(&(&b.1, b.0)));
    }

    #[test]
    fn keys_read_back(text in text(), number in any::<u64>(), id in any::<u128>()) {
        let id = Uuid::from_u128(id);
        prop_assert_eq!(<String as Key>::read(&bytes(&text)), Some(text.clone()));
        prop_assert_eq!(<(u64, Uuid) as Key>::read(&bytes(&(number, id))), Some((number, id)));
        prop_assert_eq!(<(String, Uuid) as Key>::read(&bytes(&(&text, id))), Some((text.clone(), id)));
    }

    #[test]
    fn reading_keys_never_panics(junk in proptest::collection::vec(any::<u8>(), 0..40)) {
        let _ = <String as Key>::read(&junk);
        let _ = <(String, Uuid) as Key>::read(&junk);
        let _ = <(Uuid, u64) as Key>::read(&junk);
        let _ = <TenantId as Key>::read(&junk);
    }

    #[test]
    fn layers_read_like_one_map(
        bottom in changes(), batch in changes(), command in changes(),
        start in key(), end in key(), reverse in any::<bool>(),
    ) {
        let engine = RedbEngine::in_memory();
        engine.commit(bottom.clone(), Durability::Relaxed).unwrap();
        let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        for layer in [&bottom, &batch, &command] {
            for (key, value) in layer {
                match value {
                    Some(value) => model.insert(key.clone(), value.clone()),
                    None => model.remove(key),
                };
            }
        }
        let snapshot = engine.snapshot().unwrap();
        let layers = Layers { command: Some(&command), batch: Some(&batch), snapshot: snapshot.as_ref() };
        let seen: Vec<_> = layers.range(&start, &end, reverse).unwrap().collect::<Result<_, Error>>().unwrap();
        let mut expected: Vec<_> = if start < end {
            model.range(start.clone()..end.clone()).map(|(k, v)| (k.clone(), v.clone())).collect()
        } else {
            Vec::new()
        };
        if reverse {
            expected.reverse();
        }
        prop_assert_eq!(seen, expected);
        prop_assert_eq!(layers.get(&start).unwrap(), model.get(&start).cloned());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever waits ahead of the tree, is on its way into it or already there: every snapshot shows exactly the
    /// commits before it, and goes on doing so. So does the engine that opens next.
    #[test]
    fn an_engine_with_logs_reads_like_one_map(
        commits in proptest::collection::vec((changes(), 0usize..9_000), 1..40), start in key(), end in key(),
    ) {
        let files = [(); 3].map(|()| MemoryFile::default());
        let open = || {
            let [file, logs @ ..] = files.clone();
            let size = LogSize { max: 24 << 10, step: 8 << 10 };
            RedbEngine::over(file, Some((logs.map(|log| Box::new(log) as Box<dyn StorageBackend>), size)), 1 << 20).unwrap()
        };
        let all = |snapshot: &dyn Snapshot, reverse| snapshot.range(&[0], &[9], reverse).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
        let engine = open();
        let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        let mut taken = Vec::new();
        for (n, (mut batch, filling)) in commits.into_iter().enumerate() {
            // Of various lengths, so that logs fill up and some batches fit into none.
            batch.insert(vec![3, 3, 3, 3], Some(vec![n as u8; filling * (1 + 2 * (n % 3))]));
            for (key, value) in &batch {
                match value {
                    Some(value) => model.insert(key.clone(), value.clone()),
                    None => model.remove(key),
                };
            }
            engine.commit(batch, Durability::Durable).unwrap();
            taken.push((engine.snapshot().unwrap(), model.clone()));
        }
        for (snapshot, model) in &taken {
            let mut expected: Vec<_> = model.clone().into_iter().collect();
            prop_assert_eq!(&all(snapshot.as_ref(), false), &expected);
            expected.reverse();
            prop_assert_eq!(&all(snapshot.as_ref(), true), &expected);
            prop_assert_eq!(snapshot.get(&start).unwrap(), model.get(&start).cloned());
            let within = if start < end { model.range(start.clone()..end.clone()).count() } else { 0 };
            prop_assert_eq!(snapshot.range(&start, &end, false).unwrap().count(), within);
        }
        taken.clear();
        drop(engine);
        let expected: Vec<_> = model.into_iter().collect();
        prop_assert_eq!(all(open().snapshot().unwrap().as_ref(), false), expected);
    }
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(0u8..4, 1..4)
}

fn changes() -> impl Strategy<Value = Batch> {
    proptest::collection::btree_map(key(), proptest::option::of(proptest::collection::vec(any::<u8>(), 0..3)), 0..12)
}

/// A record with every kind of index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Card {
    id: Uuid,
    code: Option<String>,
    tags: Vec<u8>,
}

static BY_CODE: Index<Card> = Index::unique(0x0FE1, "card code", |card, entries| {
    if let Some(code) = &card.code {
        entries.add(code);
    }
});
static BY_TAG: Index<Card> =
    Index::ordered(0x0FE2, "cards by tag", |card, entries| card.tags.iter().for_each(|tag| entries.add(*tag)));

impl Record for Card {
    type Key = Uuid;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x0FE0);
    const NAME: &'static str = "card";
    const INDEXES: &'static [&'static Index<Self>] = &[&BY_CODE, &BY_TAG];
    fn key(&self) -> Uuid {
        self.id
    }
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8, Option<u8>, Vec<u8>),
    Delete(u8),
}

fn steps() -> impl Strategy<Value = Vec<(Vec<Step>, bool)>> {
    let step = prop_oneof![
        3 => (0u8..6, proptest::option::of(0u8..4), proptest::collection::vec(0u8..4, 0..3)).prop_map(|(id, code, tags)| Step::Put(id, code, tags)),
        1 => (0u8..6).prop_map(Step::Delete),
    ];
    proptest::collection::vec((proptest::collection::vec(step, 1..6), any::<bool>()), 1..12)
}

fn id(n: u8) -> Uuid {
    Uuid::from_u128(u128::from(n) + 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Commands of several steps, some of which fail at their end: what is left is what a map would hold, a
    /// taken code undoes the whole command, and each index lists exactly what the records say.
    #[test]
    fn indexes_follow_their_records(commands in steps()) {
        let (env, _) = Env::simulated(Timestamp::from_secs(1), 1);
        let store = Store::in_memory(env.clone());
        let tenant: TenantId = env.new_id();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let model = runtime.block_on(async {
            store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(tenant)).await.unwrap();
            let mut model: BTreeMap<Uuid, Card> = BTreeMap::new();
            for (steps, fails) in commands {
                let mut trial = model.clone();
                let mut expected = Ok(());
                for step in &steps {
                    match step {
                        Step::Delete(n) => { trial.remove(&id(*n)); }
                        Step::Put(n, code, tags) => {
                            let code = code.map(|c| c.to_string());
                            if code.is_some() && trial.values().any(|c| c.id != id(*n) && c.code == code) {
                                expected = Err("taken");
                                break;
                            }
                            trial.insert(id(*n), Card { id: id(*n), code, tags: tags.clone() });
                        }
                    }
                }
                if expected.is_ok() && fails {
                    expected = Err("told to");
                }
                let outcome = store.write(tenant, Lane::People, Origin::system(), move |tx| {
                    for step in steps {
                        match step {
                            Step::Delete(n) => { tx.delete::<Card>(&id(n))?; }
                            Step::Put(n, code, tags) => tx.put(&Card { id: id(n), code: code.map(|c| c.to_string()), tags })?,
                        }
                    }
                    if fails { Err(Error::conflict("told to", "fails at its end")) } else { Ok(()) }
                }).await;
                assert_eq!(outcome.map_err(|e| e.code()), expected);
                if expected.is_ok() {
                    model = trial;
                }
            }
            model
        });
        let view = store.read(tenant).unwrap();
        let all: Vec<Card> = view.all(KeyRange::all()).unwrap().map(|row| row.unwrap().0).collect();
        prop_assert_eq!(all, model.values().cloned().collect::<Vec<_>>());
        for code in 0..4u8 {
            let code = code.to_string();
            let found = view.find(&BY_CODE, &code).unwrap();
            prop_assert_eq!(found.as_ref(), model.values().find(|card| card.code.as_ref() == Some(&code)));
        }
        let listed: Vec<(Vec<u8>, Uuid)> = view.scan(&BY_TAG, KeyRange::all()).unwrap().map(|hit| hit.unwrap()).map(|hit| (hit.cursor, hit.key)).collect();
        let mut expected: Vec<(Vec<u8>, Uuid)> = model
            .values()
            .flat_map(|card| card.tags.iter().collect::<std::collections::BTreeSet<_>>().into_iter().map(|tag| (keys::bytes(&(*tag, card.id)), card.id)))
            .collect();
        expected.sort();
        prop_assert_eq!(&listed, &expected);
        // Pages of any size, either way, give the same list.
        for reverse in [false, true] {
            let mut paged = Vec::new();
            let mut cursor = None;
            loop {
                let range = if reverse { KeyRange::all().reverse() } else { KeyRange::all() };
                let page: Vec<_> = view.scan(&BY_TAG, range.after(cursor.clone())).unwrap().take(2).map(|hit| hit.unwrap()).collect();
                let Some(last) = page.last() else { break };
                cursor = Some(last.cursor.clone());
                paged.extend(page.into_iter().map(|hit| (hit.cursor, hit.key)));
            }
            if reverse {
                paged.reverse();
            }
            prop_assert_eq!(&paged, &expected);
        }
    }
}
