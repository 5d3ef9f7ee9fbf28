//! Reading what people type into a search box. Everything is a query; nothing is an error.

use super::analyse::{is_number_group, sought_codes, words};

/// Characters read of a query; nobody types more, and each word costs a look into the index.
const QUERY_CHARS_MAX: usize = 500;
/// Words sought at once.
const QUERY_WORDS_MAX: usize = 32;

/// What a document must contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clause {
    /// These words in a row; the last one may go on where `prefix`.
    Words { words: Vec<String>, prefix: bool },
    /// A code ending so; given back to front.
    Code(String),
    /// Each of these.
    All(Vec<Clause>),
    /// One of these.
    Any(Vec<Clause>),
}

/// The clauses of a query, all of which must hold; empty where there is nothing to seek.
pub fn parse(text: &str) -> Vec<Clause> {
    let text: String =
        text.chars().take(QUERY_CHARS_MAX).map(|c| if matches!(c, '“' | '”' | '«' | '»') { '"' } else { c }).collect();
    let mut clauses = Vec::new();
    let mut budget = QUERY_WORDS_MAX;
    let parts: Vec<&str> = text.split('"').collect();
    let last_part = parts.len() - 1;
    for (n, part) in parts.iter().enumerate() {
        // Odd parts stand between quotation marks, unless the last mark was never closed.
        if n % 2 == 1 && n != last_part {
            clauses.extend(in_a_row(part, false, &mut budget));
        } else {
            let goes_on = n == last_part && part.ends_with(|c: char| !c.is_whitespace());
            loose(part, goes_on, &mut budget, &mut clauses);
        }
    }
    clauses
}

fn in_a_row(text: &str, prefix: bool, budget: &mut usize) -> Option<Clause> {
    let words: Vec<String> = words(text).take(*budget).map(|word| word.text).collect();
    *budget -= words.len();
    (!words.is_empty()).then_some(Clause::Words { words, prefix })
}

fn loose(text: &str, goes_on: bool, budget: &mut usize, clauses: &mut Vec<Clause>) {
    let pieces: Vec<&str> = text.split_whitespace().collect();
    let mut at = 0;
    while at < pieces.len() && *budget > 0 {
        // `912 345 678` is one number, but may also be three.
        let run = pieces[at..].iter().take_while(|piece| is_number_group(piece)).count().max(1);
        let group = &pieces[at..at + run];
        at += run;
        let goes_on = goes_on && at == pieces.len();
        let each: Vec<Clause> = group
            .iter()
            .enumerate()
            .filter_map(|(n, piece)| in_a_row(piece, goes_on && n + 1 == run && narrows(piece), budget))
            .collect();
        let codes = sought_codes(&group.concat());
        if codes.is_empty() {
            clauses.extend(each);
        } else {
            let mut ways: Vec<Clause> = codes.into_iter().map(Clause::Code).collect();
            if !each.is_empty() {
                ways.push(if each.len() == 1 { each.into_iter().next().expect("one") } else { Clause::All(each) });
            }
            clauses.push(Clause::Any(ways));
        }
    }
}

/// One letter begins too many words to narrow anything: it is sought as it stands.
fn narrows(piece: &str) -> bool {
    words(piece).last().is_some_and(|word| word.text.chars().count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(clause: &Clause) -> String {
        let list = |all: &[Clause], between: &str| all.iter().map(say).collect::<Vec<_>>().join(between);
        match clause {
            Clause::Words { words, prefix } => format!("{}{}", words.join("_"), if *prefix { "*" } else { "" }),
            Clause::Code(code) => format!("#{}", code.chars().rev().collect::<String>()),
            Clause::All(all) => format!("({})", list(all, " ")),
            Clause::Any(any) => format!("({})", list(any, "|")),
        }
    }

    #[test]
    fn everything_typed_is_a_query() {
        let rows: &[(&str, &str)] = &[
            ("", ""),
            ("   ", ""),
            ("!!! ??? 🚗", ""),
            ("bom dia", "bom dia*"),
            ("bom dia ", "bom dia"),
            ("Bom D", "bom d"),
            ("\"Bom Dia\" João", "bom_dia joao*"),
            ("\"bom dia", "bom dia*"),
            ("«bom dia» x", "bom_dia x"),
            ("d'accord", "d_accord*"),
            ("ana@example.com", "ana_example_com*"),
            ("912 345 678", "(#912345678|(912 345 678*))"),
            ("0033 6 12 34 56 78 ok", "(#0033612345678|#33612345678|(0033 6 12 34 56 78)) ok*"),
            ("AA-12-BC", "(#aa12bc|aa_12_bc*)"),
            ("4711", "(#4711|4711*)"),
            ("12", "12*"),
            ("\"\"\"\"", ""),
            ("a AND b -d +e field:x [1 TO 2] ~ *", "a and b d e field_x 1 to 2"),
        ];
        for (text, expected) in rows {
            assert_eq!(parse(text).iter().map(say).collect::<Vec<_>>().join(" "), *expected, "{text}");
        }
    }

    #[test]
    fn long_queries_are_cut() {
        assert_eq!(parse(&"a ".repeat(10_000)).len(), QUERY_WORDS_MAX);
        assert!(parse(&"\"".repeat(10_000)).is_empty());
    }
}
