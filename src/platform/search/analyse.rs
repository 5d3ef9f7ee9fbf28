//! Cutting text into what is indexed and sought: folded words, and codes (numbers, plates, protocols).

use crate::base::text::fold;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::char::is_combining_mark;

/// Longer words are cut: what is longer is no word, and a cut one is still found by its beginning.
const WORD_CHARS_MAX: usize = 64;
/// A code has at least so many letters and digits; shorter ones are words like any other.
const CODE_CHARS_MIN: usize = 5;
/// … and at most so many: phone numbers have 15, longer ones are addresses of web pages.
const CODE_CHARS_MAX: usize = 24;
/// Digits of a number written in groups, e.g. `912 345 678`.
const GROUPED_DIGITS_MIN: usize = 6;

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Folded.
    pub text: String,
    /// Byte range in the text.
    pub from: usize,
    /// End of the range.
    pub to: usize,
}

/// The words of a text in their order.
pub fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = &text[at..];
            let from = at + rest.find(char::is_alphanumeric)?;
            let to = text[from..].find(|c: char| !c.is_alphanumeric() && !is_combining_mark(c)).map_or(text.len(), |n| from + n);
            at = to;
            let word = fold_word(&text[from..to]);
            // Folding may leave nothing of a stray mark.
            if !word.is_empty() {
                return Some(Word { text: word, from, to });
            }
        }
    })
}

fn fold_word(word: &str) -> String {
    if word.is_ascii() {
        return word[..word.len().min(WORD_CHARS_MAX)].to_ascii_lowercase();
    }
    let folded = fold(word);
    if folded.chars().count() > WORD_CHARS_MAX { folded.chars().take(WORD_CHARS_MAX).collect() } else { folded }
}

/// Letters and digits of a piece of text without what stands between them.
fn joined(piece: &str) -> String {
    fold(piece).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

/// Is this a group of a number written in groups: digits and what people put around them?
pub fn is_number_group(piece: &str) -> bool {
    has_digit(piece) && piece.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | '.' | '-' | '/'))
}

/// A code found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Letters and digits, folded.
    pub text: String,
    /// Byte range in the text.
    pub from: usize,
    /// End of the range.
    pub to: usize,
}

/// Numbers, plates, protocols of a text, as one word each, however they are written.
pub fn codes(text: &str) -> Vec<Code> {
    let mut found = Vec::new();
    if !has_digit(text) {
        return found;
    }
    // Pieces between white space; a run of number groups is one number more.
    let mut run: Option<(usize, usize, usize)> = None;
    let close = |run: &mut Option<(usize, usize, usize)>, found: &mut Vec<Code>| {
        if let Some((from, to, groups)) = run.take() {
            let number = joined(&text[from..to]);
            if groups > 1 && (GROUPED_DIGITS_MIN..=CODE_CHARS_MAX).contains(&number.len()) {
                found.push(Code { text: number, from, to });
            }
        }
    };
    for piece in text.split_whitespace() {
        // `split_whitespace` gives slices of the text itself.
        let from = piece.as_ptr() as usize - text.as_ptr() as usize;
        let to = from + piece.len();
        if is_number_group(piece) {
            run = Some(run.map_or((from, to, 1), |(start, _, groups)| (start, to, groups + 1)));
        } else {
            close(&mut run, &mut found);
        }
        if has_digit(piece) && piece.len() <= 4 * CODE_CHARS_MAX {
            let code = joined(piece);
            if (CODE_CHARS_MIN..=CODE_CHARS_MAX).contains(&code.chars().count()) {
                found.push(Code { text: code, from, to });
            }
        }
    }
    close(&mut run, &mut found);
    found
}

/// As indexed: sought by its end, so stored back to front.
pub fn reversed(code: &str) -> String {
    code.chars().rev().collect()
}

/// What a piece of a query may be the end of, if it can be a code at all: as it is, and without the zeros that
/// stand for "abroad" and "long distance".
pub fn sought_codes(piece: &str) -> Vec<String> {
    let code = joined(piece);
    let digits = code.bytes().all(|b| b.is_ascii_digit());
    // The last four digits of a phone number are what people read out.
    if !has_digit(&code) || !(4..=CODE_CHARS_MAX).contains(&code.chars().count()) {
        return Vec::new();
    }
    let mut sought = vec![reversed(&code)];
    let bare = code.trim_start_matches('0');
    if digits && bare.len() < code.len() && bare.len() >= GROUPED_DIGITS_MIN {
        sought.push(reversed(bare));
    }
    sought
}

/// The same words for the index.
#[derive(Clone, Default)]
pub struct WordTokenizer;

pub struct WordStream {
    words: std::vec::IntoIter<Word>,
    token: Token,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream {
        WordStream { words: words(text).collect::<Vec<_>>().into_iter(), token: Token::default() }
    }
}

impl TokenStream for WordStream {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else { return false };
        self.token.position = self.token.position.wrapping_add(1);
        self.token.offset_from = word.from;
        self.token.offset_to = word.to;
        self.token.text = word.text;
        true
    }
    fn token(&self) -> &Token {
        &self.token
    }
    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_know_where_they_stand() {
        let rows: &[(&str, &str)] = &[
            ("Olá, João! A ação é às 10h30.", "ola joao a acao e as 10h30"),
            ("L’ambulance n'est pas là : cœur, NOËL", "l ambulance n est pas la coeur noel"),
            ("¿Dónde está el señor Muñoz?", "donde esta el senor munoz"),
            ("Straße  e\u{301}te\u{301} ŁÓDŹ", "strasse ete lodz"),
            ("a_b-c ana@example.com", "a b c ana example com"),
            ("🚗💨 \u{301} … —", ""),
            ("", ""),
        ];
        for (text, expected) in rows {
            let found: Vec<_> = words(text).collect();
            assert_eq!(found.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" "), *expected, "{text}");
            for word in found {
                assert!(!text[word.from..word.to].contains(' '));
            }
        }
    }

    #[test]
    fn codes_are_found_however_they_are_written() {
        let rows: &[(&str, &str)] = &[
            ("ligue +351 912 345 678 já", "351912345678"),
            ("ligue 912345678", "912345678"),
            ("a viatura AA-12-BC avariou", "aa12bc"),
            ("protocolo 20261122-0042.", "202611220042"),
            ("às 10:30 com 3 pessoas em 2026", ""),
            ("sem números", ""),
            ("06 12 34 56 78", "0612345678"),
        ];
        for (text, expected) in rows {
            let found = codes(text);
            assert_eq!(found.iter().map(|c| c.text.as_str()).collect::<Vec<_>>().join(" "), *expected, "{text}");
        }
    }
}
