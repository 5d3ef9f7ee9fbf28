//! Several contacts made one, and taken apart again in whatever order.

use super::*;
use crate::{
    base::{Actor, ChannelId, ContactId, MergeId, Reach, Timestamp, testing::actor},
    platform::store::Read,
};
use proptest::prelude::*;
use uuid::Uuid;

impl Firm {
    fn merge(&self, into: ContactId, others: &[ContactId]) -> Result<Contact> {
        let others = others.to_vec();
        self.act(move |tx, actor| merge(tx, actor, into, &others))
    }
    fn unmerge(&self, contact: ContactId, id: MergeId) -> Result<Unmerged> {
        self.act(move |tx, actor| unmerge(tx, actor, contact, id))
    }
    fn merges(&self, contact: ContactId) -> Vec<Merge> {
        self.store.view(self.tenant, |view| merges_of(view, &current(view, contact)?)).unwrap()
    }
    fn now(&self, id: ContactId) -> Contact {
        self.store.view(self.tenant, |view| current(view, id)).unwrap()
    }
    fn refuses(&self, id: ContactId, channel: Option<ChannelId>, is_granted: bool, at: i64) {
        let (purpose, source) = (Purpose::Marketing, ConsentSource::Provider);
        let consent = Consent { channel, purpose, is_granted, at: Timestamp(at), source };
        self.act(move |tx, _| set_consent(tx, id, consent)).unwrap();
    }
}

/// What must be the same after a merge was taken back.
fn essence(mut contact: Contact) -> Contact {
    contact.rev = 0;
    contact.updated_at = Timestamp(0);
    contact.last_activity_at = Timestamp(0);
    contact
}

#[test]
fn one_contact_holds_what_several_said_and_gives_it_back() {
    let firm = firm();
    let a = firm.create("Ana Lima", Some("+33639980001"), None).unwrap();
    let b = firm.sees(&[(Bsuid, "FR.77")], Some("Aninha")).contact;
    let c = firm.create("A. Lima", None, Some("ana@example.com")).unwrap();
    let whole = firm.merge(a.id, &[b.id, c.id]).unwrap();
    assert_eq!(
        (whole.name.as_str(), whole.pushname.as_deref(), whole.email()),
        ("Ana Lima", Some("Aninha"), Some("ana@example.com"))
    );
    let seen = firm.sees(&[(Bsuid, "FR.77"), (Username, "ana.l")], Some("Aninha L."));
    assert_eq!((seen.contact.id, seen.home, seen.created), (a.id, b.id, false));
    assert_eq!(seen.contact.pushname.as_deref(), Some("Aninha"), "two profiles do not take turns");
    assert_eq!((firm.now(b.id).id, firm.now(c.id).id), (a.id, a.id));
    assert_eq!((firm.find("aninha"), firm.find("ana@ex")), (vec!["Ana Lima".to_owned()], vec!["Ana Lima".to_owned()]));
    assert_eq!(firm.merge(a.id, &[c.id, a.id]).unwrap().rev, seen.contact.rev, "who is part of it already changes nothing");
    assert_eq!(firm.create("Bea", None, Some("ana@example.com")).map(drop).unwrap_err().code(), "invalid");

    let done = firm.merges(a.id);
    assert_eq!((done.len(), done[0].parts.len(), done[0].by), (1, 2, firm.actor.user));
    let undone = firm.unmerge(b.id, done[0].id).unwrap();
    assert_eq!(essence(undone.contact), essence(a.clone()));
    assert_eq!(essence(undone.restored[1].clone()), essence(c));
    let back = &undone.restored[0];
    assert_eq!((back.id, back.identity(Username)), (b.id, Some("ana.l")), "what was learnt of them since is theirs");
    assert_eq!(back.identities.iter().filter(|i| i.home.is_some()).count(), 0);
    assert!(firm.unmerge(a.id, done[0].id).unwrap().restored.is_empty(), "taken back twice changes nothing");
    assert_eq!(firm.find("aninha"), ["Aninha"]);
    let told = firm.kinds();
    assert_eq!([CONTACT_MERGED, CONTACT_UNMERGED].map(|kind| told.iter().filter(|k| *k == kind).count()), [2, 2]);
}

#[test]
fn who_opted_out_or_is_blocked_anywhere_stays_so() {
    let firm = firm();
    let (one, two) = (ChannelId(Uuid::from_u128(1)), ChannelId(Uuid::from_u128(2)));
    let out = |contact: &Contact, channel| contact.opted_out_at(channel, Purpose::Marketing);
    let a = firm.create("Ana", None, None).unwrap();
    let b = firm.create("Bea", None, None).unwrap();
    firm.refuses(a.id, Some(one), true, 50);
    firm.refuses(b.id, None, false, 10);
    firm.act(move |tx, actor| set_blocked(tx, actor, b.id, true)).unwrap();
    let whole = firm.merge(a.id, &[b.id]).unwrap();
    assert!(whole.is_blocked);
    assert_eq!((out(&whole, one), out(&whole, two)), (Some(Timestamp(10)), Some(Timestamp(10))));
    // What they say later, of whichever address, is what the person says.
    firm.refuses(b.id, Some(one), true, 90);
    assert_eq!((out(&firm.now(a.id), one), out(&firm.now(a.id), two)), (None, Some(Timestamp(10))));
    firm.act(move |tx, actor| set_blocked(tx, actor, a.id, false)).unwrap();
    let merge = firm.merges(a.id)[0].id;
    let apart = firm.unmerge(a.id, merge).unwrap();
    let bea = &apart.restored[0];
    assert_eq!((out(&apart.contact, one), out(&apart.contact, two)), (None, None));
    assert_eq!((out(bea, one), out(bea, two)), (None, Some(Timestamp(10))));
    assert!(!apart.contact.is_blocked && !bea.is_blocked, "the person was let in again");
}

#[test]
fn an_opt_out_of_the_whole_outlives_the_merge_and_is_taken_back_as_a_whole() {
    let firm = firm();
    let channel = ChannelId(Uuid::from_u128(1));
    let a = firm.create("Ana", None, None).unwrap().id;
    let b = firm.create("Bea", None, None).unwrap().id;
    for (says, is_granted, at, expected) in [(a, false, 20, Some(Timestamp(20))), (b, true, 30, None)] {
        firm.merge(a, &[b]).unwrap();
        firm.refuses(says, Some(channel), is_granted, at);
        let merge = firm.merges(a).iter().find(|merge| merge.undone.is_none()).unwrap().id;
        let apart = firm.unmerge(a, merge).unwrap();
        for contact in [&apart.contact, &apart.restored[0]] {
            assert_eq!(contact.opted_out_at(channel, Purpose::Marketing), expected, "{}", contact.name);
        }
    }
}

#[test]
fn what_can_not_be_one_contact_is_refused() {
    let firm = firm();
    let a = firm.create("Ana", None, None).unwrap();
    let channel = ChannelId(Uuid::from_u128(1));
    let group = firm.act(move |tx, _| resolve_group(tx, channel, "g1@g.us", &GroupChange::default())).unwrap();
    assert_eq!(firm.merge(a.id, &[group.id]).unwrap_err().code(), "not_mergeable");
    assert_eq!(firm.merge(group.id, &[a.id]).unwrap_err().code(), "not_mergeable");
    assert_eq!(firm.merge(a.id, &[]).unwrap_err().code(), "invalid");
    assert_eq!(firm.merge(a.id, &[ContactId(Uuid::from_u128(9))]).unwrap_err().code(), "not_found");
    let many: Vec<_> = (0..FAMILY_MAX).map(|n| firm.create(&format!("N{n}"), None, None).unwrap().id).collect();
    for five in many[..FAMILY_MAX - 1].chunks(MERGED_AT_ONCE_MAX) {
        firm.merge(a.id, five).unwrap();
    }
    assert_eq!(firm.merge(a.id, &many[FAMILY_MAX - 1..]).unwrap_err().code(), "too_many");
    let may = |held: &[(&'static str, Reach)]| -> Actor { actor(firm.tenant, firm.actor.user, held) };
    let b = firm.create("Bea", None, None).unwrap().id;
    for held in [vec![("contact.read", Reach::Tenant)], vec![("contact.write", Reach::Queue)]] {
        let who = may(&held);
        assert_eq!(firm.act(move |tx, _| merge(tx, &who, b, &[a.id])).unwrap_err().code(), "forbidden");
    }
}

#[test]
fn full_contacts_are_joined_within_a_commands_budget() {
    let firm = firm();
    let a = firm.create("Ana Maria Beatriz Carolina de Sousa Lima", None, None).unwrap().id;
    let others: Vec<_> = (0..MERGED_AT_ONCE_MAX)
        .map(|n| {
            let seen: Vec<_> = (0..8).map(|m| (Email, format!("ana.maria.{n}.{m}.sousa.lima@example.com"))).collect();
            let seen: Vec<_> = seen.iter().map(|(kind, value)| (*kind, value.as_str())).collect();
            firm.sees(&seen, Some("Beatriz Carolina Duarte Esteves Ferreira Gomes")).contact.id
        })
        .collect();
    let whole = firm.merge(a, &others).unwrap();
    assert_eq!(whole.identities.len(), 40);
    let merge = firm.merges(a)[0].id;
    assert_eq!(firm.unmerge(a, merge).unwrap().restored.len(), MERGED_AT_ONCE_MAX);
}

/// What can happen to a handful of contacts; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Step {
    Merge(usize, usize),
    Undo(usize),
    Writes(usize),
}

const CONTACTS: usize = 5;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..CONTACTS, 0..CONTACTS).prop_map(|(a, b)| Step::Merge(a, b)),
        2 => (0..10usize).prop_map(Step::Undo),
        1 => (0..CONTACTS).prop_map(Step::Writes),
    ];
    proptest::collection::vec(step, 1..16)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_order_of_merges_is_taken_back_whole(steps in steps(), order in any::<u64>()) {
        let firm = firm();
        let at = |n: usize| format!("3363998000{n}");
        let first: Vec<Contact> = (0..CONTACTS)
            .map(|n| {
                let one = firm.sees(&[(Whatsapp, &at(n)), (Bsuid, &format!("FR.{n}"))], (n % 2 == 0).then_some("Ana")).contact;
                if n == 3 {
                    firm.act(move |tx, actor| set_blocked(tx, actor, one.id, true)).unwrap();
                }
                if n == 1 {
                    firm.refuses(one.id, None, false, 10);
                }
                firm.now(one.id)
            })
            .collect();
        // Whom each is part of, and which merge made it so.
        let mut into: [Option<(usize, MergeId)>; CONTACTS] = [None; CONTACTS];
        let root = |into: &[Option<(usize, MergeId)>; CONTACTS], mut n: usize| {
            while let Some((up, _)) = into[n] {
                n = up;
            }
            n
        };
        for step in steps {
            match step {
                Step::Merge(a, b) => {
                    let (up, down) = (root(&into, a), root(&into, b));
                    firm.merge(first[a].id, &[first[b].id]).unwrap();
                    if up != down {
                        let live = |m: &&Merge| m.undone.is_none() && m.parts[0].contact == first[down].id;
                        into[down] = Some((up, firm.merges(first[a].id).iter().find(live).unwrap().id));
                    }
                }
                Step::Undo(n) => {
                    let live: Vec<usize> = (0..CONTACTS).filter(|n| into[*n].is_some()).collect();
                    if let Some(part) = (!live.is_empty()).then(|| live[n % live.len()]) {
                        firm.unmerge(first[part].id, into[part].unwrap().1).unwrap();
                        into[part] = None;
                    }
                }
                Step::Writes(n) => {
                    let seen = firm.sees(&[(Whatsapp, &at(n))], None);
                    prop_assert_eq!((seen.home, seen.contact.id), (first[n].id, first[root(&into, n)].id));
                }
            }
            for n in 0..CONTACTS {
                let whole = firm.now(first[n].id);
                prop_assert_eq!(whole.id, first[root(&into, n)].id);
                let members: Vec<usize> = (0..CONTACTS).filter(|m| root(&into, *m) == root(&into, n)).collect();
                prop_assert_eq!(whole.is_blocked, members.contains(&3));
                prop_assert_eq!(whole.consents.len(), usize::from(members.contains(&1)));
                prop_assert_eq!(whole.identities.len(), members.iter().map(|m| first[*m].identities.len()).sum::<usize>());
            }
        }
        let mut live: Vec<usize> = (0..CONTACTS).filter(|n| into[*n].is_some()).collect();
        live.sort_by_key(|n| order.rotate_left(*n as u32 * 7));
        for part in live {
            firm.unmerge(first[part].id, into[part].unwrap().1).unwrap();
        }
        for before in first {
            let after = firm.store.view(firm.tenant, |view| view.require::<Contact>(&before.id)).unwrap();
            prop_assert_eq!(essence(after), essence(before));
        }
    }
}
