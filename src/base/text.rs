//! Folding of text for finding: case and accents do not matter.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower-case without accents: `Ação` and `acao` fold to the same text.
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
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
        for (a, b) in [("Ação", "acao"), ("ÉTÉ", "été"), ("Straße", "straße"), ("Ｆａｒｏｌ", "farol")] {
            assert_eq!(fold(a), fold(b));
        }
    }
}
