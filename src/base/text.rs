//! Folding of text for finding: case and accents do not matter.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower-case without accents: `Ação` and `acao` fold to the same text, and so do `cœur` and `coeur`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        // Letters that Unicode does not take apart, but people without them on their keyboard do.
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            c => folded.push(c),
        }
    }
    folded
}

/// At most `max` characters of `text`, cut at a character and marked with an ellipsis where cut.
pub fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Does this character leave no mark on a page? Controls, zero-width and direction marks, fillers: a name of
/// nothing else looks like no name at all.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_seen_is_no_name() {
        let refused = |text: &str| crate::base::Check::new().length("name", text, 1, 10).done().is_err();
        for text in ["", " ", "\0", "\u{200b}", "\u{202e}\u{2066}", "\u{feff} \u{3164}", "Ana\0"] {
            assert!(refused(text), "{text:?}");
        }
        for text in ["Ana", "é", "李", "\u{200f}علي", "👩\u{200d}🔧"] {
            assert!(!refused(text), "{text:?}");
        }
    }

    #[test]
    fn folding_ignores_case_and_accents() {
        for (a, b) in [
            ("Ação", "acao"),
            ("ÉTÉ", "été"),
            ("Straße", "STRASSE"),
            ("Cœur", "coeur"),
            ("Łódź", "lodz"),
            ("Ｆａｒｏｌ", "farol"),
        ] {
            assert_eq!(fold(a), fold(b));
        }
    }
}
