//! Words of the catalogues, for the few places where the server itself speaks to somebody: a client that knows fewer kinds
//! of messages than there are reads what it is shown in its firm's language. Anything a screen words for itself is none
//! of the server's business.

use crate::base::locale::Language;
use std::{collections::HashMap, sync::LazyLock};

/// Ids with their words, one map per language. Entries with placeholders or over several lines are left out: whoever
/// needs those needs a renderer.
type Catalogue = HashMap<&'static str, &'static str>;

static EN: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../assets/i18n/en.po")));
static PT_BR: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../assets/i18n/pt-BR.po")));
static FR: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../assets/i18n/fr.po")));
static ES: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../assets/i18n/es.po")));

/// The words of `id` in `language`; the id itself where no catalogue has it.
pub fn word(language: Language, id: &'static str) -> &'static str {
    let catalogue = match language {
        Language::En => &EN,
        Language::PtBr => &PT_BR,
        Language::Fr => &FR,
        Language::Es => &ES,
    };
    catalogue.get(id).copied().unwrap_or(id)
}

fn read(text: &'static str) -> Catalogue {
    let quoted = |line: &'static str, key: &str| line.strip_prefix(key)?.strip_prefix(" \"")?.strip_suffix('"');
    let mut id = None;
    let mut all = Catalogue::new();
    for line in text.lines() {
        if let Some(named) = quoted(line, "msgid") {
            id = Some(named);
        } else if let (Some(id), Some(words)) = (id, quoted(line, "msgstr"))
            && !words.is_empty()
            && !words.contains(['\\', '{'])
        {
            all.insert(id, words);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_every_language() {
        for (language, expected) in
            [(Language::En, "Location"), (Language::PtBr, "Localização"), (Language::Fr, "Position"), (Language::Es, "Ubicación")]
        {
            assert_eq!(word(language, "messageType.LOCATION"), expected);
        }
        assert_eq!(word(Language::Fr, "no.such.id"), "no.such.id");
    }
}
