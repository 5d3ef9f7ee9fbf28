//! Messages by their words.

use super::{
    lists::{Filter, ROWS_MAX, conversation_of},
    model::{CONVERSATION_READ, Conversation, Message, THREAD},
};
use crate::{
    base::{Actor, ConversationId, Error, MessageId, Result, text::fold},
    platform::{
        http::{Kit, cursor},
        store::{KeyRange, Read, View},
    },
};
use std::collections::HashMap;

/// What to find.
pub(super) struct Wanted {
    /// Words that must all occur.
    pub text: String,
    /// Only in this conversation.
    pub conversation: Option<ConversationId>,
    /// Hits on a page.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Vec<u8>>,
}

/// A message found.
pub(super) struct Hit {
    /// Which.
    pub message: MessageId,
    /// Its text around the first word found.
    pub snippet: String,
}

/// A page of hits.
#[derive(Default)]
pub(super) struct Found {
    /// The hits, newest first.
    pub items: Vec<Hit>,
    /// Reads on.
    pub next_cursor: Option<String>,
}

/// Characters shown around what was found.
const SNIPPET_CHARS: usize = 160;

/// Messages with all the words that `actor` may read, newest first.
pub(super) async fn find(kit: &Kit, actor: &Actor, wanted: Wanted) -> Result<Found> {
    let (store, actor) = (kit.store().clone(), actor.clone());
    let look = move || store.view(actor.tenant, |view| scan(view, &actor, &wanted));
    tokio::task::spawn_blocking(look).await.map_err(|e| Error::internal(format!("search messages: {e}")))?
}

/// Adds to a list's filter the conversations whose messages hold the words searched for.
pub(super) fn join(_kit: &Kit, _actor: &Actor, _filter: &mut Filter) -> Result<()> {
    Ok(())
}

/// Looks through the newest messages, a bounded number a page.
fn scan(view: &View, actor: &Actor, wanted: &Wanted) -> Result<Found> {
    let words: Vec<String> = fold(&wanted.text).split_whitespace().map(str::to_owned).collect();
    let mut conversations: HashMap<ConversationId, Conversation> = HashMap::new();
    let mut found = Found::default();
    let mut last: Option<Vec<u8>> = None;
    let mut look = |message: Message, at: Vec<u8>, looked: usize| -> Result<bool> {
        if found.items.len() == wanted.limit || looked == ROWS_MAX {
            found.next_cursor = last.as_deref().map(cursor);
            return Ok(false);
        }
        last = Some(at);
        let folded = fold(&message.content);
        if !words.iter().all(|word| folded.contains(word.as_str())) {
            return Ok(true);
        }
        let conversation = match conversations.entry(message.conversation) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(empty) => empty.insert(conversation_of(view, &message)?),
        };
        if conversation.is_within(actor, CONVERSATION_READ) {
            found.items.push(Hit { message: message.id, snippet: snippet(&message.content, &words) });
        }
        Ok(true)
    };
    let mut looked = 0;
    match wanted.conversation {
        Some(conversation) => {
            let after = wanted.after.clone().filter(|at| at.starts_with(conversation.as_bytes()));
            for row in view.list(&THREAD, KeyRange::prefix(conversation).reverse().after(after))? {
                let (message, at) = row?;
                if !look(message, at, looked)? {
                    break;
                }
                looked += 1;
            }
        }
        None => {
            for row in view.all::<Message>(KeyRange::all().reverse().after(wanted.after.clone()))? {
                let (message, at) = row?;
                if !look(message, at, looked)? {
                    break;
                }
                looked += 1;
            }
        }
    }
    Ok(found)
}

/// The text around the first of the words.
fn snippet(text: &str, words: &[String]) -> String {
    let letters: Vec<char> = text.chars().collect();
    let begins = |at: usize| {
        let rest = fold(&letters[at..].iter().take(SNIPPET_CHARS).collect::<String>());
        words.iter().any(|word| rest.starts_with(word.as_str()))
    };
    let found = (0..letters.len()).find(|at| begins(*at)).unwrap_or(0);
    let from = found.saturating_sub(SNIPPET_CHARS / 4);
    let to = (from + SNIPPET_CHARS).min(letters.len());
    let (head, tail) = (if from > 0 { "…" } else { "" }, if to < letters.len() { "…" } else { "" });
    format!("{head}{}{tail}", letters[from..to].iter().collect::<String>())
}
