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

#[cfg(test)]
mod tests {
    use super::*;

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
