//! Customers of the demo firm: they write, wait for an answer, read it, and go on with their story.

pub use super::roads::Road;
use super::{
    asides,
    roads::Arrival,
    stories::{Side, Telling, Trade, person_name},
    wire::Person,
};
use crate::base::{Env, chance::Chance, locale::Language};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// People of whom some are writing at any time.
#[derive(Clone)]
pub struct Crowd {
    inner: Arc<Inner>,
}

struct Inner {
    road: Road,
    env: Env,
    options: CrowdOptions,
    people: Vec<(Person, Language)>,
    /// Who is in a conversation now, and where the firm's words reach them.
    awake: Mutex<HashMap<String, mpsc::UnboundedSender<Arrival>>>,
    /// Whose turn at the desk it is, and what would be a good answer.
    calls: mpsc::UnboundedSender<Call>,
}

/// Who writes, and how fast.
#[derive(Debug, Clone)]
pub struct CrowdOptions {
    /// What the firm does.
    pub trade: Trade,
    /// Divides every waiting time.
    pub speed: f64,
    /// A new conversation begins about this often (at speed 1).
    pub every: Duration,
    /// Conversations at the same time, at most.
    pub active_max: usize,
    /// Of a hundred things they write, so many come with a picture, a place or a voice note.
    pub asides_percent: u64,
    /// Agents' names, for the words of a story.
    pub agents: Vec<String>,
}

/// The customer waits for the firm.
#[derive(Debug, Clone)]
pub struct Call {
    /// Number or scoped id of who waits.
    pub person: String,
    /// Their profile name.
    pub name: String,
    /// Which agent the answer names, if it names one.
    pub agent: String,
    /// What a good agent would answer.
    pub line: String,
    /// Is the story told with this answer?
    pub last: bool,
}

/// How long a customer waits before asking again (at speed 1).
const PATIENCE: Duration = Duration::from_secs(150);

impl Crowd {
    /// `people` writing over `road`, and the calls for the desk they make.
    pub fn new(
        road: Road,
        env: Env,
        people: Vec<(Person, Language)>,
        options: CrowdOptions,
    ) -> (Self, mpsc::UnboundedReceiver<Call>) {
        let (calls, heard) = mpsc::unbounded_channel();
        let inner = Inner { road, env, options, people, awake: Mutex::default(), calls };
        (Self { inner: Arc::new(inner) }, heard)
    }

    /// Writes and answers until the task is dropped.
    pub async fn run(self) {
        let mut arrivals = self.inner.road.arrivals();
        let ears = self.inner.clone();
        let listening = async move {
            while let Some(arrived) = arrivals.recv().await {
                let listener = ears.awake.lock().get(&arrived.to).cloned();
                match listener {
                    // A conversation that has just ended no longer reads.
                    Some(listener) => drop(listener.send(arrived)),
                    None => ears.road.reads(&arrived),
                }
            }
        };
        let beginning = async {
            loop {
                if self.inner.awake.lock().len() < self.inner.options.active_max {
                    self.begin();
                }
                let wait = self.inner.options.every.mul_f64(0.5 + self.inner.env.chance.unit());
                self.inner.pause(wait).await;
            }
        };
        tokio::join!(listening, beginning);
    }

    /// Somebody who is not writing already begins to.
    fn begin(&self) {
        let inner = &self.inner;
        let (person, language) = inner.people[inner.env.chance.below(inner.people.len() as u64) as usize].clone();
        let (tell, told) = mpsc::unbounded_channel();
        {
            let mut awake = inner.awake.lock();
            if awake.contains_key(person.key()) {
                return;
            }
            awake.insert(person.key().to_owned(), tell);
        }
        let inner = inner.clone();
        tokio::spawn(async move {
            let key = person.key().to_owned();
            inner.converse(person, language, told).await;
            inner.awake.lock().remove(&key);
        });
    }
}

impl Inner {
    async fn pause(&self, wait: Duration) {
        let wait = wait.div_f64(self.options.speed.max(0.01));
        self.env.clock.sleep_until(self.env.now().plus(wait)).await;
    }

    async fn converse(&self, person: Person, language: Language, mut told: mpsc::UnboundedReceiver<Arrival>) {
        let agents = &self.options.agents;
        let agent = agents.get(self.env.chance.below(agents.len().max(1) as u64) as usize).map_or("Marina", String::as_str);
        let telling = Telling::draw(self.options.trade, language, agent, self.env.chance.as_ref());
        let turns = telling.turns.len();
        for (index, (side, text)) in telling.turns.into_iter().enumerate() {
            match side {
                Side::Customer => {
                    self.pause(typing(&text, self.env.chance.as_ref())).await;
                    let id = self.road.writes(&person, &text);
                    if self.env.chance.below(100) < self.options.asides_percent {
                        self.pause(Duration::from_millis(1_500 + self.env.chance.below(4_000))).await;
                        asides::customer(&self.road, &person, &id, &text, self.env.chance.as_ref());
                    }
                }
                Side::Desk => {
                    // Nobody may be listening at the desk; then a person answers, or nobody.
                    let last = index + 2 >= turns;
                    let (person_key, name) = (person.key().to_owned(), person.name.clone());
                    let _ = self.calls.send(Call { person: person_key, name, agent: agent.to_owned(), line: text, last });
                    if !self.answered(&person, language, &mut told).await {
                        return;
                    }
                }
            }
        }
    }

    /// Waits for the firm's next word, asks once more, and gives up.
    async fn answered(&self, person: &Person, language: Language, told: &mut mpsc::UnboundedReceiver<Arrival>) -> bool {
        for nudge in [Some(still_there(language)), None] {
            tokio::select! {
                arrived = told.recv() => {
                    let Some(arrived) = arrived else { return false };
                    self.pause(Duration::from_millis(900 + self.env.chance.below(2_500))).await;
                    self.road.reads(&arrived);
                    if self.env.chance.below(100) < self.options.asides_percent / 2 {
                        self.road.reacts(person, &arrived, asides::emoji(self.env.chance.as_ref()));
                    }
                    return true;
                }
                () = self.pause(PATIENCE.mul_f64(0.7 + self.env.chance.unit())) => {
                    if let Some(text) = nudge {
                        self.road.writes(person, text);
                    }
                }
            }
        }
        false
    }
}

/// People type about five characters a second, and think first.
fn typing(text: &str, chance: &dyn Chance) -> Duration {
    Duration::from_millis(1_200 + chance.below(2_500) + text.chars().count() as u64 * 90)
}

fn still_there(language: Language) -> &'static str {
    match language {
        Language::PtBr => "Olá? Alguém aí?",
        Language::Fr => "Vous êtes là ?",
        Language::Es => "¿Hola? ¿Hay alguien?",
        Language::En => "Hello, anyone there?",
    }
}

/// Numbers no network assigns, one range per language: the firm's country first.
fn fictional_digits(language: Language, index: usize) -> String {
    match language {
        // Area code 00 is never assigned in Brazil.
        Language::PtBr => format!("5500900{index:06}"),
        // Reserved for fiction by Arcep: 06 39 98 00 00 and up.
        Language::Fr => format!("336399{:05}", 80_000 + index % 10_000),
        // Area code 00 is never assigned in Argentina.
        Language::Es => format!("549001500{index:04}"),
        // 555-0100 to 555-0199 are reserved for fiction; the area code makes them more.
        Language::En => format!("1{}5550{:03}", 201 + (index / 100) % 700, 100 + index % 100),
    }
}

/// `count` made-up people: mostly from the firm's own country, some hiding their number.
pub fn people(count: usize, chance: &dyn Chance) -> Vec<(Person, Language)> {
    (0..count)
        .map(|index| {
            let language = match chance.below(100) {
                0..80 => Language::PtBr,
                80..92 => Language::Es,
                92..97 => Language::En,
                _ => Language::Fr,
            };
            let hidden = chance.below(50) == 0;
            let person = Person {
                wa_id: (!hidden).then(|| fictional_digits(language, index)),
                user_id: hidden.then(|| format!("BR.{:013}", 4_000_000_000_000 + index as u64)),
                name: person_name(language, chance),
            };
            (person, language)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::chance::Seeded;
    use std::collections::HashSet;

    #[test]
    fn made_up_people_are_all_different_and_the_same_for_a_seed() {
        let crowd = people(3_000, &Seeded::new(1));
        let keys: HashSet<_> = crowd.iter().map(|(p, _)| p.key().to_owned()).collect();
        assert_eq!(keys.len(), crowd.len());
        let again = people(3_000, &Seeded::new(1));
        assert!(crowd.iter().zip(&again).all(|(a, b)| a.0.key() == b.0.key() && a.0.name == b.0.name));
        assert!(crowd.iter().any(|(p, _)| p.wa_id.is_none()));
    }
}
