//! The fields of the index, and documents and clauses in its terms.

use super::{
    analyse::{WordTokenizer, codes, reversed},
    document::{DocKind, Document},
    parse::Clause,
    prefix::PrefixQuery,
};
use crate::base::TenantId;
use tantivy::{
    Index, IndexSettings, IndexSortByField, Order, TantivyDocument, Term,
    query::{BooleanQuery, Occur, PhrasePrefixQuery, PhraseQuery, Query, TermQuery},
    schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{RawTokenizer, TextAnalyzer},
};
use uuid::Uuid;

/// Raised with every change of the fields or of how text is cut: the index is then built anew.
pub const SCHEMA_VERSION: u32 = 1;

/// Continuations of a word in a row that are looked at.
const PHRASE_CONTINUATIONS_MAX: u32 = 256;

/// Names of the columns read at query time.
pub const AT: &str = "at";
/// Upper half of the id.
pub const ID_HIGH: &str = "id_high";
/// Lower half of the id.
pub const ID_LOW: &str = "id_low";
/// Kind of document.
pub const KIND: &str = "kind";

/// Handles of the fields.
#[derive(Debug, Clone)]
pub struct Fields {
    pub schema: Schema,
    id: Field,
    id_high: Field,
    id_low: Field,
    kind: Field,
    at: Field,
    /// Tenant and kind in one term: the filter every query begins with.
    scope: Field,
    /// Conversation, contact and channel, each behind a byte that says which.
    belongs: Field,
    label: Field,
    text: Field,
    code: Field,
}

impl Fields {
    pub fn new() -> Self {
        let mut builder = Schema::builder();
        let words = TextFieldIndexing::default()
            .set_tokenizer("farol")
            .set_fieldnorms(true)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let terms = || {
            let indexing = TextFieldIndexing::default().set_tokenizer("raw").set_fieldnorms(false);
            TextOptions::default().set_indexing_options(indexing.set_index_option(IndexRecordOption::Basic))
        };
        let id = builder.add_bytes_field("id", INDEXED);
        let id_high = builder.add_u64_field(ID_HIGH, FAST);
        let id_low = builder.add_u64_field(ID_LOW, FAST);
        let kind = builder.add_u64_field(KIND, FAST);
        let at = builder.add_i64_field(AT, FAST);
        let scope = builder.add_bytes_field("scope", INDEXED);
        let belongs = builder.add_bytes_field("belongs", INDEXED);
        let label = builder.add_text_field("label", terms());
        let text = builder.add_text_field("text", TextOptions::default().set_indexing_options(words));
        let code = builder.add_text_field("code", terms());
        Self { schema: builder.build(), id, id_high, id_low, kind, at, scope, belongs, label, text, code }
    }

    /// Newest documents first inside each segment, so that a page of them ends early.
    pub fn settings() -> IndexSettings {
        let newest_first = IndexSortByField { field: AT.to_owned(), order: Order::Desc };
        IndexSettings { sort_by_field: Some(newest_first), ..IndexSettings::default() }
    }

    /// Tells an opened index how text is cut.
    pub fn teach(index: &Index) {
        index.tokenizers().register("farol", TextAnalyzer::from(WordTokenizer));
        index.tokenizers().register("raw", TextAnalyzer::from(RawTokenizer::default()));
    }

    /// The one term of a document.
    pub fn id_term(&self, id: Uuid) -> Term {
        Term::from_field_bytes(self.id, id.as_bytes())
    }

    pub fn document(&self, tenant: TenantId, doc: &Document) -> TantivyDocument {
        let mut out = TantivyDocument::new();
        let (high, low) = doc.id.as_u64_pair();
        out.add_bytes(self.id, doc.id.as_bytes());
        out.add_u64(self.id_high, high);
        out.add_u64(self.id_low, low);
        out.add_u64(self.kind, doc.kind as u64);
        out.add_i64(self.at, doc.at.as_millis());
        out.add_bytes(self.scope, &scope(tenant, doc.kind));
        for (which, id) in belongings(doc.conversation, doc.contact, doc.channel) {
            out.add_bytes(self.belongs, &belonging(which, id));
        }
        for label in &doc.labels {
            out.add_text(self.label, label);
        }
        out.add_text(self.text, &doc.text);
        for code in codes(&doc.text) {
            out.add_text(self.code, reversed(&code.text));
        }
        out
    }

    /// All of `clauses`, within a tenant and the filters.
    pub fn query(&self, tenant: TenantId, filter: &Filter, clauses: &[Clause], scored: bool) -> Box<dyn Query> {
        let option = IndexRecordOption::Basic;
        let term = |term: Term| Box::new(TermQuery::new(term, option)) as Box<dyn Query>;
        let scopes: Vec<Box<dyn Query>> =
            filter.kinds.iter().map(|kind| term(Term::from_field_bytes(self.scope, &scope(tenant, *kind)))).collect();
        // Filters choose, they don't score.
        let unscored = |query| Box::new(tantivy::query::ConstScoreQuery::new(query, 0.0)) as Box<dyn Query>;
        let mut must: Vec<Box<dyn Query>> = vec![unscored(any(scopes))];
        let belongs = |(which, id)| term(Term::from_field_bytes(self.belongs, &belonging(which, id)));
        must.extend(belongings(filter.conversation, None, filter.channel).map(|one| unscored(belongs(one))));
        if !filter.contacts.is_empty() {
            let each = filter.contacts.iter().flat_map(|contact| belongings(None, Some(*contact), None));
            must.push(unscored(any(each.map(belongs).collect())));
        }
        for label in &filter.labels {
            must.push(unscored(term(Term::from_field_text(self.label, label))));
        }
        must.extend(clauses.iter().map(|clause| self.clause(clause, scored)));
        all(must)
    }

    fn clause(&self, clause: &Clause, scored: bool) -> Box<dyn Query> {
        let term = |word: &String| Term::from_field_text(self.text, word);
        match clause {
            Clause::Code(code) => Box::new(PrefixQuery::new(self.code, code)),
            Clause::All(each) => all(each.iter().map(|clause| self.clause(clause, scored)).collect()),
            Clause::Any(each) => any(each.iter().map(|clause| self.clause(clause, scored)).collect()),
            Clause::Words { words, prefix } => match (words.as_slice(), prefix) {
                ([word], true) => Box::new(PrefixQuery::new(self.text, word)),
                ([word], false) => {
                    let option = if scored { IndexRecordOption::WithFreqs } else { IndexRecordOption::Basic };
                    Box::new(TermQuery::new(term(word), option))
                }
                (words, true) => {
                    let mut query = PhrasePrefixQuery::new(words.iter().map(term).collect());
                    query.set_max_expansions(PHRASE_CONTINUATIONS_MAX);
                    Box::new(query)
                }
                (words, false) => Box::new(PhraseQuery::new(words.iter().map(term).collect())),
            },
        }
    }
}

fn all(queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(queries.into_iter().map(|query| (Occur::Must, query)).collect()))
}

fn any(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.pop() {
        Some(only) if queries.is_empty() => only,
        Some(last) => {
            queries.push(last);
            Box::new(BooleanQuery::new(queries.into_iter().map(|query| (Occur::Should, query)).collect()))
        }
        None => Box::new(tantivy::query::EmptyQuery),
    }
}

/// What a hit must belong to, whatever it says.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub kinds: Vec<DocKind>,
    pub conversation: Option<Uuid>,
    pub contacts: Vec<Uuid>,
    pub channel: Option<Uuid>,
    pub labels: Vec<String>,
}

fn scope(tenant: TenantId, kind: DocKind) -> [u8; 17] {
    let mut bytes = [kind as u8; 17];
    bytes[..16].copy_from_slice(tenant.as_bytes());
    bytes
}

fn belongings(conversation: Option<Uuid>, contact: Option<Uuid>, channel: Option<Uuid>) -> impl Iterator<Item = (u8, Uuid)> {
    [(1, conversation), (2, contact), (3, channel)].into_iter().filter_map(|(which, id)| id.map(|id| (which, id)))
}

fn belonging(which: u8, id: Uuid) -> [u8; 17] {
    let mut bytes = [which; 17];
    bytes[1..].copy_from_slice(id.as_bytes());
    bytes
}
