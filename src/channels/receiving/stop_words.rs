//! Words by which people say that they want no more messages, or want them again, in the languages of our markets.
//! Only a message that is nothing but such a word counts: who writes "stop by at five" wants to be answered.

/// Words that end it.
const STOP: [&str; 19] = [
    "stop",
    "stopall",
    "stop all",
    "unsubscribe",
    "optout",
    "opt out",
    "end",
    "quit",
    "sair",
    "parar",
    "pare",
    "remover",
    "descadastrar",
    "arret",
    "arreter",
    "desabonner",
    "desinscrire",
    "baja",
    "cancelar suscripcion",
];
/// Words that begin it again.
const START: [&str; 7] = ["start", "unstop", "subscribe", "voltar", "reprendre", "alta", "reactivar"];

/// `Some(true)`: wants messages again; `Some(false)`: wants no more; `None`: says something else.
pub fn wish(text: &str) -> Option<bool> {
    // A word is short; a letter folds to fewer letters than it has bytes.
    if text.len() > 64 {
        return None;
    }
    let folded = crate::base::text::fold(text);
    let word = folded.trim_matches(|c: char| !c.is_alphanumeric());
    if STOP.contains(&word) {
        Some(false)
    } else if START.contains(&word) {
        Some(true)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::wish;

    #[test]
    fn only_the_word_alone_counts() {
        for word in ["STOP", "Sair", "parar", " PARAR! ", "stop.", "Arrêt", "ARRETER", "Désabonner", "BAJA", "Unsubscribe"] {
            assert_eq!(wish(word), Some(false), "{word}");
        }
        for word in ["START", "Voltar", "reprendre", "alta"] {
            assert_eq!(wish(word), Some(true), "{word}");
        }
        for text in ["", "stop by at five", "não quero parar", "stopped", "🛑", "o carro vai parar aqui"] {
            assert_eq!(wish(text), None, "{text}");
        }
    }
}
