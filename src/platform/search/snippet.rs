//! The piece of a text that shows why it was found.

use super::{
    analyse::{codes, reversed, words},
    parse::{Clause, parse},
};
use serde::Serialize;

/// Characters of a snippet.
const SNIPPET_CHARS: usize = 160;
/// Characters shown before the first match.
const BEFORE_CHARS: usize = 40;

/// A piece of a text with the places that matched. Plain text: whoever shows it escapes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Snippet {
    /// The piece, with `…` where it was cut.
    #[schema(example = "… o reboque chega às 10h30 …")]
    pub text: String,
    /// `[start, end)` of each match in UTF-16 units of `text`, as JavaScript counts.
    #[schema(example = json!([[4, 11]]))]
    pub ranges: Vec<[u32; 2]>,
}

/// The piece of `text` that shows best what `query` found in it.
pub fn snippet(text: &str, query: &str) -> Snippet {
    let clauses = parse(query);
    let mut marks: Vec<(usize, usize)> = Vec::new();
    for word in words(text) {
        if clauses.iter().any(|clause| has_word(clause, &word.text)) {
            marks.push((word.from, word.to));
        }
    }
    for code in codes(text) {
        let back = reversed(&code.text);
        if clauses.iter().any(|clause| has_code(clause, &back)) {
            marks.push((code.from, code.to));
        }
    }
    marks.sort_unstable();
    let (from, to) = window(text, marks.first().map_or(0, |first| first.0));
    let mut shown = String::new();
    if from > 0 {
        shown.push('…');
    }
    let before = shown.len();
    shown.push_str(&text[from..to]);
    if to < text.len() {
        shown.push('…');
    }
    let mut ranges: Vec<[u32; 2]> = Vec::new();
    let mut reached = 0;
    for (start, end) in marks {
        let (start, end) = (start.max(reached).max(from), end.min(to));
        if start >= end {
            continue;
        }
        reached = end;
        let at = |byte: usize| shown[..before + byte - from].encode_utf16().count() as u32;
        ranges.push([at(start), at(end)]);
    }
    Snippet { text: shown, ranges }
}

/// Around `at`, cut at white space where that is near.
fn window(text: &str, at: usize) -> (usize, usize) {
    let chars_before = text[..at].chars().count();
    let mut from = if chars_before <= BEFORE_CHARS {
        0
    } else {
        text[..at].char_indices().rev().nth(BEFORE_CHARS - 1).map_or(0, |(n, _)| n)
    };
    if from > 0 {
        from += text[from..at].find(char::is_whitespace).map_or(0, |n| n + 1);
        while !text.is_char_boundary(from) {
            from += 1;
        }
    }
    let mut to = text[from..].char_indices().nth(SNIPPET_CHARS).map_or(text.len(), |(n, _)| from + n);
    if to < text.len()
        && let Some(space) = text[from..to].rfind(char::is_whitespace)
        && space > SNIPPET_CHARS / 2
    {
        to = from + space;
    }
    (from, to)
}

fn has_word(clause: &Clause, word: &str) -> bool {
    match clause {
        Clause::Words { words, prefix } => {
            let last = words.len() - 1;
            words.iter().enumerate().any(|(n, w)| if *prefix && n == last { word.starts_with(w) } else { w == word })
        }
        Clause::Code(_) => false,
        Clause::All(each) | Clause::Any(each) => each.iter().any(|clause| has_word(clause, word)),
    }
}

fn has_code(clause: &Clause, back: &str) -> bool {
    match clause {
        Clause::Code(code) => back.starts_with(code),
        Clause::Words { .. } => false,
        Clause::All(each) | Clause::Any(each) => each.iter().any(|clause| has_code(clause, back)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_shows_the_match_and_where_it_is() {
        let long = format!("{} Olá João, a viatura AA-12-BC está 🚗 na estrada {}", "antes ".repeat(30), "depois ".repeat(60));
        for (text, query, marked) in [
            ("Bom dia João", "joao", vec!["João"]),
            ("Bom dia João", "\"bom dia\"", vec!["Bom", "dia"]),
            (&long, "joao aa12bc", vec!["João", "AA-12-BC"]),
            (&long, "estrada", vec!["estrada"]),
            ("nada", "outra", vec![]),
            ("", "x", vec![]),
            ("ligue 912 345 678 já", "345678", vec!["912 345 678"]),
        ] {
            let found = snippet(text, query);
            let units: Vec<u16> = found.text.encode_utf16().collect();
            let shown: Vec<String> =
                found.ranges.iter().map(|[a, b]| String::from_utf16(&units[*a as usize..*b as usize]).unwrap()).collect();
            assert_eq!(shown, marked, "{query} in {}", found.text);
            assert!(found.text.chars().count() <= SNIPPET_CHARS + 2);
        }
    }
}
