//! The index over a tiny room of notes, against a plain reading of all of them.

use super::*;
use crate::{
    base::*,
    platform::{
        journal::{Audience, Event, NewEvent},
        store::{KeyRange, Lane, Read, Record, Store, TableId, TenantScope, Tx, View, Write, testing::founded},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeSet, path::Path, sync::Arc, sync::atomic::Ordering::SeqCst, time::Duration};
use uuid::Uuid;

#[derive(Clone, Serialize, Deserialize)]
struct Note {
    id: Uuid,
    thread: Uuid,
    at: Timestamp,
    text: String,
    inbound: bool,
}
impl Record for Note {
    type Key = Uuid;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0xF001);
    const NAME: &'static str = "note";
    fn key(&self) -> Uuid {
        self.id
    }
}

struct Notes;
impl Notes {
    fn document(note: &Note) -> Document {
        Document {
            kind: DocKind::Message,
            id: note.id,
            at: note.at,
            conversation: Some(note.thread),
            contact: None,
            channel: None,
            labels: vec![if note.inbound { "direction:INBOUND" } else { "direction:OUTBOUND" }.into()],
            text: note.text.clone(),
        }
    }
}
impl Extractor for Notes {
    fn wants(&self, kind: &str) -> bool {
        kind.starts_with("note.")
    }
    fn documents(&self, view: &View, event: &Event) -> Result<Vec<DocChange>> {
        assert!(event.kind != "note.poisoned", "an extractor with a mistake in it");
        Ok(vec![match view.get::<Note>(&event.subject)? {
            Some(note) => DocChange::Put(Self::document(&note)),
            None => DocChange::Remove(event.subject),
        }])
    }
    fn rebuild(&self, view: &View, after: Option<Vec<u8>>, max: usize) -> Result<(Vec<Document>, Option<Vec<u8>>)> {
        slice_of(view, after, max, |note: &Note| Ok(Self::document(note)))
    }
}

struct House {
    store: Store,
    tenants: Vec<TenantId>,
    folder: tempfile::TempDir,
    search: Search,
    env: Env,
}

fn start(store: &Store, folder: &Path) -> Search {
    let extractors: Vec<Box<dyn Extractor>> = vec![Box::new(Notes)];
    Search::start(SearchParts { store: store.clone(), folder: folder.join("search"), extractors }).unwrap()
}

fn ask(text: &str) -> Query {
    Query { text: text.into(), limit: 200, ..Query::default() }
}

impl House {
    async fn build(seed: u64) -> House {
        let env = Env { chance: Arc::new(chance::Seeded::new(seed)), ..Env::system() };
        let (store, tenants) = founded(&env, 2).await;
        let folder = tempfile::tempdir().unwrap();
        let search = start(&store, folder.path());
        House { store, tenants, folder, search, env }
    }
    fn note(&self, at: i64, text: &str) -> Note {
        Note { id: self.env.new_id(), thread: Uuid::from_u128(1), at: Timestamp(at), text: text.into(), inbound: true }
    }
    async fn save(&self, tenant: TenantId, note: Note) {
        let change = move |tx: &mut Tx<'_, '_>| {
            tx.put(&note)?;
            emit(tx, "note.saved", note.id)
        };
        self.store.write(tenant, Lane::Jobs, Origin::system(), change).await.unwrap();
    }
    async fn delete(&self, tenant: TenantId, id: Uuid) {
        let change = move |tx: &mut Tx<'_, '_>| {
            tx.delete::<Note>(&id)?;
            emit(tx, "note.deleted", id)
        };
        self.store.write(tenant, Lane::Jobs, Origin::system(), change).await.unwrap();
    }
    async fn settled(&self) {
        assert!(self.search.reached(self.store.head(), Duration::from_secs(30)).await, "{:?}", self.search.trouble());
    }
    /// Waits until all is committed too.
    async fn sealed(&self) {
        self.settled().await;
        let waiting = async {
            while !self.search.shared().visible().1.is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("a commit within 30 s");
    }
    fn texts(&self, tenant: TenantId, query: &str) -> Vec<String> {
        texts(&self.store, &self.search, tenant, &ask(query))
    }
}

fn emit(tx: &mut Tx<'_, '_>, kind: &'static str, subject: Uuid) -> Result<()> {
    let (before, after) = (Audience::nobody(), Audience::nobody());
    tx.emit(NewEvent { kind, subject, before, after, data: Value::Null }).map(drop)
}

fn texts(store: &Store, search: &Search, tenant: TenantId, query: &Query) -> Vec<String> {
    let page = search.query(tenant, query, |_| Ok(true)).unwrap();
    let read = |hit: &Hit| store.view(tenant, |view| view.require::<Note>(&hit.id)).unwrap().text;
    page.hits.iter().map(read).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_phrases_beginnings_and_numbers_in_four_languages() {
    let house = House::build(1).await;
    let tenant = house.tenants[0];
    let notes = [
        "Bom dia, a minha viatura avariou na A1 perto de Santarém",
        "O reboque chega às 10h30, João",
        "Bonjour, ma voiture est tombée en panne près de Saint-Étienne. C'est l'été !",
        "Nœud autoroutier, n'oubliez pas la dépanneuse",
        "¿Dónde está la grúa? Mañana no puedo, señor Muñoz",
        "Good morning, the car won't start; plate AA-12-BC",
        "Ligue para +351 912 345 678 ou 0033 6 12 34 56 78",
        "Protocolo 20261122-0042 aberto",
        "STRASSE und Straße",
        "dia bom não é bom dia",
    ];
    for (n, text) in notes.iter().enumerate() {
        house.save(tenant, house.note(n as i64, text)).await;
    }
    // Newest first, so by falling number.
    let rows: &[(&str, &[usize])] = &[
        ("bom", &[9, 0]),
        ("BOM DIA", &[9, 0]),
        ("\"dia bom\"", &[9]),
        ("\"bom dia\" viatura", &[0]),
        ("santarem", &[0]),
        ("Santarém", &[0]),
        ("sant", &[0]),
        ("joao", &[1]),
        ("as 10h30", &[1]),
        ("10h", &[1]),
        ("ete", &[2]),
        ("l'été", &[2]),
        ("saint-etienne", &[2]),
        ("saint etienne ", &[2]),
        ("etienne-saint", &[]),
        ("noeud", &[3]),
        ("NŒUD", &[3]),
        ("depanneuse", &[3]),
        ("d", &[]),
        ("grua", &[4]),
        ("manana munoz", &[4]),
        ("won't", &[5]),
        ("wont", &[]),
        ("aa-12-bc", &[5]),
        ("AA12BC", &[5]),
        ("aa 12 bc", &[5]),
        ("912345678", &[6]),
        ("912 345 678", &[6]),
        ("+351912345678", &[6]),
        ("45678", &[6]),
        ("345 678", &[6]),
        ("0612345678", &[6]),
        ("06 12 34 56 78", &[6]),
        ("12345", &[]),
        ("20261122-0042", &[7]),
        ("0042", &[7]),
        ("strasse", &[8]),
        ("straße und", &[8]),
        ("die das", &[]),
        ("não e bom", &[9]),
        ("nao", &[9]),
    ];
    for sealed in [false, true] {
        if sealed {
            house.sealed().await;
        } else {
            house.settled().await;
        }
        for (query, expected) in rows {
            let expected: Vec<_> = expected.iter().map(|n| notes[*n]).collect();
            assert_eq!(house.texts(tenant, query), expected, "{query} (sealed: {sealed})");
        }
        assert_eq!(house.texts(house.tenants[1], "bom"), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_typed_makes_it_stumble() {
    let house = House::build(2).await;
    let tenant = house.tenants[0];
    house.save(tenant, house.note(1, "\u{0}\u{301}\u{202e}🚗 \u{fdfa} ½ ２０２６ مرحبا 你好 ok")).await;
    house.sealed().await;
    let long = "x".repeat(100_000);
    let odd = [
        "",
        " ",
        "\"",
        "\"\"\"",
        "*",
        "?",
        "a*b",
        "AND OR NOT",
        "(((",
        "field:x",
        "[1 TO 2]",
        "\\",
        "\u{0}",
        "\u{301}",
        "🚗",
        "\u{fdfa}",
        "½",
        "../../etc/passwd",
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "%00",
        "{\"a\":1}",
        "\u{202e}abc",
        "''''",
        "-",
        "- -",
        "+",
        "00000",
        "0000 0000 0000",
        "１２３４５",
        &long,
    ];
    for text in odd {
        for order in [Order::Newest, Order::Relevance] {
            let query = Query { order, ..ask(text) };
            house.search.query(tenant, &query, |_| Ok(true)).unwrap();
        }
        snippet("Ola 🚗 \u{301} 12345 ok", text);
    }
    for cursor in [vec![], vec![1], vec![0; 23], vec![255; 24], vec![0; 25], vec![255; 4]] {
        for order in [Order::Newest, Order::Relevance] {
            let query = Query { order, after: Some(cursor.clone()), ..ask("ok") };
            match house.search.query(tenant, &query, |_| Ok(true)) {
                Ok(_) | Err(Error::Invalid(_)) => {}
                Err(other) => panic!("{cursor:?}: {other}"),
            }
        }
    }
}

/// Words of a small language, so that queries find things.
const WORDS: [&str; 14] =
    ["bom", "dia", "reboque", "viatura", "à", "já", "João", "ação", "panne", "été", "grua", "912345678", "AA-12-BC", "bomba"];

fn random_text(chance: &dyn chance::Chance) -> String {
    (0..=chance.below(6)).map(|_| WORDS[chance.below(14) as usize]).collect::<Vec<_>>().join(" ")
}

/// What a reader of all notes would find, newest first.
fn by_reading(store: &Store, tenant: TenantId, word: &str) -> Vec<(Timestamp, Uuid)> {
    let sought = text::fold(word);
    let all = |view: &View| view.all::<Note>(KeyRange::all())?.map(|pair| pair.map(|(note, _)| note)).collect::<Result<Vec<_>>>();
    let notes = store.view(tenant, all).unwrap().into_iter();
    let holds = |note: &Note| text::fold(&note.text).split(' ').any(|w| w.starts_with(&sought));
    let mut found: Vec<_> = notes.filter(holds).map(|note| (note.at, note.id)).collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found
}

fn all_pages(search: &Search, tenant: TenantId, query: &Query) -> Vec<(Timestamp, Uuid)> {
    let (mut found, mut query) = (Vec::new(), query.clone());
    loop {
        let page = search.query(tenant, &query, |_| Ok(true)).unwrap();
        found.extend(page.hits.iter().map(|hit| (hit.at, hit.id)));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return found,
        }
    }
}

async fn live_a_while(house: &House, steps: usize, known: &mut Vec<(TenantId, Uuid)>) {
    let chance = house.env.chance.clone();
    for _ in 0..steps {
        let tenant = house.tenants[chance.below(2) as usize];
        match chance.below(10) {
            0 if !known.is_empty() => {
                let (tenant, id) = known.swap_remove(chance.below(known.len() as u64) as usize);
                house.delete(tenant, id).await;
            }
            1 if !known.is_empty() => {
                let (tenant, id) = known[chance.below(known.len() as u64) as usize];
                let note = Note { id, ..house.note(chance.below(50) as i64, &random_text(chance.as_ref())) };
                house.save(tenant, note).await;
            }
            _ => {
                // Few moments for many notes: pages must end between notes of one moment.
                let note = house.note(chance.below(50) as i64, &random_text(chance.as_ref()));
                known.push((tenant, note.id));
                house.save(tenant, note).await;
            }
        }
    }
}

fn compare(house: &House, search: &Search, when: &str) {
    for tenant in &house.tenants {
        for word in ["bom", "joao", "acao", "ete", "912345678", "bo", "re"] {
            let read = by_reading(&house.store, *tenant, word);
            for limit in [3, 200] {
                let query = Query { limit, ..ask(word) };
                assert_eq!(all_pages(search, *tenant, &query), read, "{word} by {limit}, {when}");
            }
            let best = all_pages(search, *tenant, &Query { order: Order::Relevance, ..ask(word) });
            let (best, read): (BTreeSet<_>, BTreeSet<_>) = (best.into_iter().collect(), read.into_iter().collect());
            assert_eq!(best, read, "{word} best first, {when}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_the_hits_are_those_of_a_plain_reading() {
    let house = House::build(3).await;
    let mut known = Vec::new();
    live_a_while(&house, 150, &mut known).await;
    house.settled().await;
    compare(&house, &house.search, "unsealed");
    house.sealed().await;
    compare(&house, &house.search, "sealed");
    for round in 0..4 {
        live_a_while(&house, 60, &mut known).await;
        house.settled().await;
        compare(&house, &house.search, &format!("in round {round}"));
        if round % 2 == 0 {
            house.sealed().await;
        }
    }
    // A kill: what lies on the disk at this moment, without a farewell.
    live_a_while(&house, 40, &mut known).await;
    let killed = tempfile::tempdir().unwrap();
    copy(&house.folder.path().join("search"), &killed.path().join("search"));
    let again = start(&house.store, killed.path());
    assert!(again.reached(house.store.head(), Duration::from_secs(30)).await);
    compare(&house, &again, "after a kill");
    // A rebuild, with life going on beside it.
    again.rebuild();
    live_a_while(&house, 60, &mut known).await;
    assert!(again.reached(house.store.head(), Duration::from_secs(30)).await);
    compare(&house, &again, "after a rebuild");
    again.stop();
    let again = start(&house.store, killed.path());
    assert!(again.reached(house.store.head(), Duration::from_secs(30)).await);
    compare(&house, &again, "after a restart");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else if !entry.file_name().to_string_lossy().ends_with(".lock") {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_or_foreign_index_is_built_anew() {
    let house = House::build(4).await;
    let mut known = Vec::new();
    live_a_while(&house, 80, &mut known).await;
    house.sealed().await;
    house.search.stop();
    let whole = house.folder.path().join("search");
    let meta = |folder: &Path| {
        let inside = std::fs::read_dir(folder).unwrap().flatten().map(|e| e.path().join("meta.json"));
        inside.filter(|path| path.exists()).collect::<Vec<_>>()
    };
    let damages: [(&str, &dyn Fn(&Path)); 5] = [
        ("meta.json cut short", &|f| meta(f).iter().for_each(|m| std::fs::write(m, "{\"seg").unwrap())),
        ("meta.json gone", &|f| meta(f).iter().for_each(|m| std::fs::remove_file(m).unwrap())),
        ("a segment cut short", &|f| {
            for file in std::fs::read_dir(meta(f)[0].parent().unwrap()).unwrap().flatten().map(|e| e.path()) {
                if file.extension().is_some_and(|ext| ext == "idx" || ext == "fast") {
                    let bytes = std::fs::read(&file).unwrap();
                    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
                }
            }
        }),
        ("of another store", &|f| {
            for m in meta(f) {
                let other = format!("epoch\\\":{}", house.store.epoch() ^ 1);
                let text = std::fs::read_to_string(&m).unwrap().replace(&format!("epoch\\\":{}", house.store.epoch()), &other);
                std::fs::write(m, text).unwrap();
            }
        }),
        ("of another schema", &|f| {
            let old = meta(f)[0].parent().unwrap().to_owned();
            std::fs::rename(&old, f.join("v0-000001")).unwrap();
        }),
    ];
    for (name, damage) in damages {
        let copied = tempfile::tempdir().unwrap();
        let folder = copied.path().join("search");
        copy(&whole, &folder);
        damage(&folder);
        let search = start(&house.store, copied.path());
        assert!(search.reached(house.store.head(), Duration::from_secs(30)).await, "{name}: {:?}", search.trouble());
        compare(&house, &search, name);
        let left: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().map(|e| e.file_name()).collect();
        assert!(left.len() <= 2, "{name} left {left:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_pauses_and_loses_nothing() {
    let house = House::build(5).await;
    let mut known = Vec::new();
    live_a_while(&house, 30, &mut known).await;
    house.sealed().await;
    house.search.shared().failing_commits.store(1, SeqCst);
    live_a_while(&house, 30, &mut known).await;
    while house.search.trouble().is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // What is committed and what is known already stays findable meanwhile.
    assert!(!house.texts(house.tenants[0], "bom").is_empty());
    live_a_while(&house, 30, &mut known).await;
    house.sealed().await;
    assert_eq!(house.search.trouble(), None);
    compare(&house, &house.search, "after a full disk");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_see_few_gets_short_pages_that_go_on_and_never_more() {
    let house = House::build(6).await;
    let tenant = house.tenants[0];
    for n in 0..500 {
        house.save(tenant, house.note(n, if n % 100 == 7 { "bom meu" } else { "bom" })).await;
    }
    house.sealed().await;
    let mine = |hit: &Hit| Ok(hit.at.as_millis() % 100 == 7);
    let (mut query, mut seen, mut looked) = (Query { limit: 2, ..ask("bom") }, Vec::new(), 0);
    loop {
        let before = looked;
        let page = house.search.query(tenant, &query, |hit| {
            looked += 1;
            mine(hit)
        });
        let page = page.unwrap();
        assert!(looked - before <= 101, "{} hits were looked at for one page", looked - before);
        let shown = page.hits.last().map(|hit| [&hit.at.as_millis().to_be_bytes()[..], hit.id.as_bytes()].concat());
        assert!(page.next.is_none() || page.next == shown, "a cursor names a hit that was not shown");
        seen.extend(page.hits.iter().map(|hit| hit.at.as_millis()));
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, [407, 307, 207, 107, 7]);
    for order in [Order::Newest, Order::Relevance] {
        let query = Query { order, limit: 5, ..ask("bom") };
        let page = house.search.query(tenant, &query, |_| Ok(false)).unwrap();
        assert!(page.hits.is_empty() && page.next.is_none(), "who may read nothing learns nothing");
        let (mut seen, mut query) = (0, Query { limit: 2, ..query });
        loop {
            let page = house.search.query(tenant, &query, mine).unwrap();
            seen += page.hits.len();
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, 5);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_narrow_and_a_poisoned_event_is_passed_over() {
    let house = House::build(7).await;
    let tenant = house.tenants[0];
    for n in 0..20i64 {
        let thread = Uuid::from_u128(1 + (n % 2) as u128);
        house.save(tenant, Note { thread, inbound: n % 4 < 2, ..house.note(n * 10, "bom") }).await;
    }
    let poison = |tx: &mut Tx<'_, '_>| emit(tx, "note.poisoned", Uuid::nil());
    house.store.write(tenant, Lane::Jobs, Origin::system(), poison).await.unwrap();
    house.save(tenant, house.note(1_000, "bom fim")).await;
    for sealed in [false, true] {
        if sealed {
            house.sealed().await;
        } else {
            house.settled().await;
        }
        assert_eq!(house.texts(tenant, "fim").len(), 1);
        let count = |query: Query| house.search.query(tenant, &query, |_| Ok(true)).unwrap().hits.len();
        for order in [Order::Newest, Order::Relevance] {
            let base = Query { order, ..ask("bom") };
            assert_eq!(count(base.clone()), 21);
            assert_eq!(count(Query { conversation: Some(ConversationId(Uuid::from_u128(2))), ..base.clone() }), 10);
            assert_eq!(count(Query { labels: vec!["direction:OUTBOUND".into()], ..base.clone() }), 10);
            assert_eq!(count(Query { from: Some(Timestamp(50)), until: Some(Timestamp(100)), ..base.clone() }), 6);
            assert_eq!(count(Query { kinds: vec![DocKind::Contact], ..base.clone() }), 0);
            assert_eq!(count(Query { contacts: vec![ContactId(Uuid::from_u128(2))], ..base.clone() }), 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn best_first_pages_of_what_was_just_written_come_once_each() {
    let house = House::build(11).await;
    house.sealed().await;
    for n in 0..7 {
        house.save(house.tenants[0], house.note(1_000 + n, "guincho urgente")).await;
    }
    let seq = house.store.head();
    assert!(house.search.reached(seq, Duration::from_secs(10)).await);
    let mut query = Query { text: "guincho".into(), limit: 2, order: Order::Relevance, ..Query::default() };
    let mut seen = Vec::new();
    for _ in 0..10 {
        let page = house.search.query(house.tenants[0], &query, |_| Ok(true)).unwrap();
        seen.extend(page.hits.iter().map(|hit| hit.id));
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    let different: BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), different.len(), query.after), (7, 7, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_s_panic_is_no_damage_of_the_index() {
    let house = House::build(12).await;
    house.save(house.tenants[0], house.note(1_000, "guincho")).await;
    assert!(house.search.reached(house.store.head(), Duration::from_secs(10)).await);
    let error = house.search.query(house.tenants[0], &ask("guincho"), |_| panic!("on purpose")).unwrap_err();
    assert_eq!(error.code(), "internal");
    assert!(!house.search.is_rebuilding());
    assert_eq!(house.texts(house.tenants[0], "guincho").len(), 1);
}
