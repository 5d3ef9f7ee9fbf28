//! Who is who: addresses, names, conflicts between them.

mod merging;

use super::{model::words, *};
use crate::{
    base::{Error, Result},
    platform::{journal, store::testing::Firm},
};

fn firm() -> Firm {
    Firm::of_one_who_may(&[CONTACT_READ, CONTACT_WRITE])
}

impl Firm {
    fn sees(&self, addresses: &[(IdentityKind, &str)], name: Option<&str>) -> Resolved {
        let observed: Vec<Observed> = addresses.iter().map(|(kind, value)| Observed::new(*kind, *value)).collect();
        let name = name.map(str::to_owned);
        self.act(move |tx, _| resolve(tx, &observed, name.as_deref())).unwrap()
    }
    fn create(&self, name: &str, phone: Option<&str>, email: Option<&str>) -> Result<Contact> {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let new = NewContact {
            name: name.into(),
            phone_number: own(phone),
            email: own(email),
            country: Some("FR".into()),
            ..NewContact::default()
        };
        self.act(move |tx, actor| create(tx, actor, new)).map(|(contact, _)| contact)
    }
    fn find(&self, typed: &str) -> Vec<String> {
        let found = self.store.view(self.tenant, |view| find(view, typed, 50, None)).unwrap();
        found.items.into_iter().map(|c| c.name).collect()
    }
    fn kinds(&self) -> Vec<String> {
        let events = journal::read_tenant_after(&self.store, self.tenant, 0, 1_000).unwrap();
        events.into_iter().map(|e| e.kind.into_owned()).collect()
    }
}

use IdentityKind::{Bsuid, Email, Phone, Username, Whatsapp};

#[test]
fn second_addresses_are_attached_to_the_contact_of_the_first() {
    let firm = firm();
    let first = firm.sees(&[(Whatsapp, "33639980001")], None);
    assert!(first.created);
    assert_eq!(first.contact.name, "+33639980001");
    assert_eq!(first.contact.phone_number(), Some("+33639980001"));
    let named = firm.sees(&[(Whatsapp, "33639980001"), (Bsuid, "FR.1234567890")], Some("Ana"));
    assert_eq!(named.contact.id, first.contact.id);
    assert_eq!(named.contact.name, "Ana");
    let hidden = firm.sees(&[(Bsuid, "FR.1234567890"), (Username, "@Ana.L")], None);
    assert!(!hidden.created && hidden.contact.id == first.contact.id);
    assert_eq!(hidden.contact.identity(Username), Some("ana.l"));
    let events = firm.kinds().len();
    firm.sees(&[(Bsuid, "FR.1234567890"), (Username, "@Ana.L")], Some("Ana"));
    assert_eq!(firm.kinds().len(), events, "nothing new, nothing told");
}

#[test]
fn what_a_person_typed_stands() {
    let firm = firm();
    let typed = firm.create("Mme Lima", Some("06 39 98 00 01"), Some("ANA@Example.com")).unwrap();
    assert_eq!(typed.phone_number(), Some("+33639980001"));
    assert_eq!(typed.email(), Some("ana@example.com"));
    let wrote = firm.sees(&[(Whatsapp, "33639980001")], Some("Ana"));
    assert_eq!(wrote.contact.id, typed.id);
    assert_eq!((wrote.contact.name.as_str(), wrote.contact.pushname.as_deref()), ("Mme Lima", Some("Ana")));
    assert!(wrote.contact.is_on_whatsapp());
}

#[test]
fn a_taken_address_names_its_field() {
    let firm = firm();
    firm.create("Ana", Some("+33639980001"), Some("ana@example.com")).unwrap();
    let Err(Error::Invalid(fields)) = firm.create("Bea", Some("+33 6 39 98 00 01"), Some("Ana@example.com")) else {
        panic!("taken twice")
    };
    let told: Vec<(&str, &str)> = fields.iter().map(|f| (&*f.field, &*f.code)).collect();
    assert_eq!(told, [("phoneNumber", "taken"), ("email", "taken")]);
    let Err(Error::Invalid(fields)) = firm.create("", Some("12"), Some("nobody")) else { panic!("accepted") };
    assert_eq!(fields.iter().map(|f| &*f.field).collect::<Vec<_>>(), ["name", "phoneNumber", "email"]);
}

#[test]
fn two_contacts_in_one_message_are_suggested_once_and_stay_two() {
    let firm = firm();
    let by_id = firm.sees(&[(Bsuid, "FR.1")], Some("Ana")).contact;
    let by_phone = firm.sees(&[(Whatsapp, "33639980001")], Some("A. Lima")).contact;
    let both = firm.sees(&[(Whatsapp, "33639980001"), (Bsuid, "FR.1")], None).contact;
    assert_eq!((both.id, both.perhaps_same.as_slice()), (by_id.id, [by_phone.id].as_slice()));
    firm.sees(&[(Whatsapp, "33639980001"), (Bsuid, "FR.1")], None);
    assert_eq!(firm.kinds().iter().filter(|kind| *kind == CONTACT_DUPLICATE_SUGGESTED).count(), 1);
}

#[test]
fn a_new_number_follows_its_owner_and_the_old_one_is_free() {
    let firm = firm();
    let ana = firm.sees(&[(Whatsapp, "33639980001")], Some("Ana")).contact;
    let moved =
        firm.act(|tx, _| relink(tx, &[Observed::new(Whatsapp, "33639980001")], &[Observed::new(Whatsapp, "33639980002")]));
    let moved = moved.unwrap().unwrap();
    assert_eq!((moved.id, moved.phone_number()), (ana.id, Some("+33639980002")));
    assert_ne!(firm.sees(&[(Whatsapp, "33639980001")], None).contact.id, ana.id, "whoever has the number now is new");
    assert_eq!(firm.sees(&[(Whatsapp, "33639980002")], None).contact.id, ana.id);
}

#[test]
fn a_new_number_leaves_what_the_change_says_nothing_of() {
    let firm = firm();
    let ana = firm.sees(&[(Whatsapp, "33639980001"), (Bsuid, "FR.1"), (Username, "ana")], None).contact;
    let known = [Observed::new(Whatsapp, "33639980001"), Observed::new(Bsuid, "FR.1"), Observed::new(Username, "ana")];
    let moved = firm.act(move |tx, _| relink(tx, &known, &[Observed::new(Whatsapp, "33639980002")])).unwrap().unwrap();
    let held = [Bsuid, Username, Whatsapp, Phone].map(|kind| moved.identity(kind).unwrap_or_default());
    assert_eq!((moved.id, held), (ana.id, ["FR.1", "ana", "33639980002", "+33639980002"]));
}

#[test]
fn a_user_name_that_changed_hands_makes_nobody_somebody_else() {
    let firm = firm();
    let ana = firm.sees(&[(Bsuid, "FR.1"), (Username, "lima")], Some("Ana")).contact;
    assert_eq!(firm.sees(&[(Username, "lima")], None).contact.id, ana.id, "alone it is all there is");
    let bea = firm.sees(&[(Bsuid, "FR.2"), (Username, "lima")], Some("Bea")).contact;
    assert_ne!(bea.id, ana.id);
    assert_eq!((bea.identity(Username), bea.name.as_str(), bea.perhaps_same.len()), (Some("lima"), "Bea", 0));
    let ana = firm.sees(&[(Bsuid, "FR.1")], None).contact;
    assert_eq!((ana.identity(Username), ana.name.as_str()), (None, "Ana"));
    // It comes back to her while Bea is known too.
    let ana = firm.sees(&[(Bsuid, "FR.1"), (Username, "lima")], None).contact;
    assert_eq!((ana.identity(Username), ana.perhaps_same.len()), (Some("lima"), 0));
    assert_eq!(firm.sees(&[(Bsuid, "FR.2")], None).contact.identity(Username), None);
}

#[test]
fn a_brazilian_mobile_is_known_with_and_without_its_ninth_digit() {
    let firm = firm();
    let typed = firm.create("Bia", Some("+55 11 96123-4567"), None).unwrap();
    let wrote = firm.sees(&[(Whatsapp, "551161234567")], None).contact;
    assert_eq!(wrote.id, typed.id);
    assert_eq!(wrote.phone_number(), Some("+5511961234567"), "the number as typed stays the one shown");
}

#[test]
fn contacts_are_found_by_the_beginnings_of_what_people_type() {
    let firm = firm();
    firm.create("Ângela Conceição", Some("+33639981234"), Some("angela@example.com")).unwrap();
    firm.create("Angelo Bianchi", Some("+33639980002"), None).unwrap();
    for (typed, expected) in [
        ("ang", vec!["Ângela Conceição", "Angelo Bianchi"]),
        ("conceicao ange", vec!["Ângela Conceição"]),
        ("06 39 98 00 02", vec!["Angelo Bianchi"]),
        ("+33 6 39", vec!["Angelo Bianchi", "Ângela Conceição"]),
        ("1234", vec!["Ângela Conceição"]),
        ("angela@ex", vec!["Ângela Conceição"]),
        ("zoe", vec![]),
    ] {
        assert_eq!(firm.find(typed), expected, "{typed}");
    }
}

#[test]
fn pages_of_a_search_show_everybody_once() {
    let firm = firm();
    for n in 0..9 {
        firm.create(&format!("Ana Anabela {n}"), None, None).unwrap();
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = firm.store.view(firm.tenant, |view| find(view, "ana", 4, after.clone())).unwrap();
        seen.extend(page.items.iter().map(|c| c.number));
        let Some(next) = page.next_cursor else { break };
        let query = crate::platform::http::PageQuery { limit: None, cursor: Some(next) };
        after = query.after().unwrap();
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=9).collect::<Vec<_>>());
    let contact = firm.sees(&[(Email, "x@example.com"), (Phone, "+33639980009")], None).contact;
    assert!(words(&contact).contains(&"639980009".to_owned()));
}
