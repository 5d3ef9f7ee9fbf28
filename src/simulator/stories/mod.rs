//! What customers of a tow firm and of a clinic write, and what the desk answers, in four languages.
//!
//! A story is a list of turns; each turn has variants, and words in braces are drawn once per telling,
//! so that ten thousand conversations do not read like ten. All people, plates and places are made up.

mod en;
mod es;
mod fr;
mod pt;

use crate::base::{chance::Chance, locale::Language};

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The customer writes.
    Customer,
    /// The firm answers.
    Desk,
}

/// One turn: who, and one of these texts.
pub type Turn = (Side, &'static [&'static str]);

/// What a business does; picks the stories its customers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trade {
    /// Roadside assistance.
    Roadside,
    /// A medical practice.
    Clinic,
}

/// A way a conversation may go.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    /// Whose customers tell it.
    pub trade: Trade,
    /// Whose turn, and what is said.
    pub turns: &'static [Turn],
}

/// Words that fill the braces.
#[derive(Debug)]
pub(super) struct Words {
    names: &'static [&'static str],
    surnames: &'static [&'static str],
    places: &'static [&'static str],
    cars: &'static [&'static str],
    doctors: &'static [&'static str],
}

fn stories(language: Language) -> &'static [Story] {
    match language {
        Language::PtBr => pt::STORIES,
        Language::Fr => fr::STORIES,
        Language::Es => es::STORIES,
        Language::En => en::STORIES,
    }
}

fn words(language: Language) -> &'static Words {
    match language {
        Language::PtBr => &pt::WORDS,
        Language::Fr => &fr::WORDS,
        Language::Es => &es::WORDS,
        Language::En => &en::WORDS,
    }
}

fn pick<T: Copy>(items: &[T], chance: &dyn Chance) -> T {
    items[chance.below(items.len() as u64) as usize]
}

/// A full name as that language's speakers bear it.
pub fn person_name(language: Language, chance: &dyn Chance) -> String {
    let words = words(language);
    format!("{} {}", pick(words.names, chance), pick(words.surnames, chance))
}

/// A story as it is told this time.
#[derive(Debug, Clone)]
pub struct Telling {
    /// Whose turn, and what they write.
    pub turns: Vec<(Side, String)>,
}

impl Telling {
    /// Draws a story of `trade` in `language` and fills its words.
    pub fn draw(trade: Trade, language: Language, agent: &str, chance: &dyn Chance) -> Self {
        let fitting: Vec<&Story> = stories(language).iter().filter(|s| s.trade == trade).collect();
        let story = pick(&fitting, chance);
        let words = words(language);
        let plate = plate(chance);
        let price = format!("{}", 120 + 10 * chance.below(40));
        let minutes = format!("{}", 20 + 5 * chance.below(10));
        let hour = format!("{}:{}", 8 + chance.below(10), pick(&["00", "15", "30", "45"], chance));
        let (place, other) = (pick(words.places, chance), pick(words.places, chance));
        let (car, doctor) = (pick(words.cars, chance), pick(words.doctors, chance));
        let order = format!("{}", 10_000 + chance.below(80_000));
        let first = agent.split(' ').next().unwrap_or(agent);
        let fill = |text: &str| {
            let pairs = [
                ("{plate}", plate.as_str()),
                ("{price}", &price),
                ("{minutes}", &minutes),
                ("{hour}", &hour),
                ("{place}", place),
                ("{other}", other),
                ("{car}", car),
                ("{doctor}", doctor),
                ("{order}", &order),
                ("{agent}", first),
            ];
            pairs.iter().fold(text.to_owned(), |text, (hole, word)| text.replace(hole, word))
        };
        Self { turns: story.turns.iter().map(|(side, texts)| (*side, fill(pick(texts, chance)))).collect() }
    }
}

/// Letters and digits in the pattern of no country in particular.
fn plate(chance: &dyn Chance) -> String {
    let letter = |chance: &dyn Chance| char::from(b'A' + chance.below(26) as u8);
    let (a, b, c, d) = (letter(chance), letter(chance), letter(chance), letter(chance));
    format!("{a}{b}{c}-{}{d}{:02}", chance.below(10), chance.below(100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::chance::Seeded;

    #[test]
    fn every_hole_is_filled_and_the_seed_decides() {
        for language in Language::ALL {
            for trade in [Trade::Roadside, Trade::Clinic] {
                let tell = |seed| Telling::draw(trade, language, "Marina Prado", &Seeded::new(seed));
                for seed in 0..60 {
                    let told = tell(seed);
                    assert_eq!(told.turns, tell(seed).turns);
                    assert_eq!(told.turns[0].0, Side::Customer);
                    for (_, text) in &told.turns {
                        assert!(!text.contains(['{', '}']) && !text.is_empty(), "{language:?}: {text}");
                    }
                }
            }
        }
    }
}
