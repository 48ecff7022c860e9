//! sled against the model: any sequence of commits is answered alike, and leaves alike, also after reopening.

use super::*;
use proptest::prelude::*;
use testamur::log::Checkpoint;
use testamur::store::WitnessedHead;
use testamur::store::{Filing, FilingErasure, Register, TrustKind, TrustVersion};

#[derive(Debug, Clone)]
enum Step {
    Commit(Vec<Fact>),
    Reopen,
}

/// A fact over few names, so that they collide.
#[derive(Debug, Clone)]
enum Fact {
    Found(u8),
    AddKey(u8, u8),
    RetireKey(u8, u8, bool),
    AddToken(u8),
    RevokeToken(u8),
    Issue { id: u8, institution: u8, claimed: u8, request: Option<u8>, slots: Vec<(bool, u8)>, erased: bool },
    SetStatus { id: u8, revocation: bool, expect: bool, value: bool },
    Publish { institution: u8, version: u8, mirror: bool },
    Close(u8, u8),
    Erase(u8),
    Saw { log: u8, expect: u8, size: u8 },
    PublishTrust { institution: u8, root: bool, number: u8 },
    File { institution: u8, file: u8, version: u8 },
    EraseFile { institution: u8, file: u8 },
}

const NAMES: [&str; 3] = ["ha", "ha-noi", "vientiane"];

fn facts() -> impl Strategy<Value = Fact> {
    let issue = (0..12u8, 0..3u8, 0..10u8, prop::option::of(0..6u8), slots(), prop::bool::weighted(0.1));
    prop_oneof![
        2 => (0..3u8).prop_map(Fact::Found),
        1 => (0..3u8, 0..3u8).prop_map(|(institution, key)| Fact::AddKey(institution, key)),
        1 => (0..3u8, 0..3u8, any::<bool>()).prop_map(|(institution, key, on)| Fact::RetireKey(institution, key, on)),
        1 => (0..3u8).prop_map(Fact::AddToken),
        1 => (0..3u8).prop_map(Fact::RevokeToken),
        8 => issue.prop_map(|(id, institution, claimed, request, slots, erased)| {
            Fact::Issue { id, institution, claimed, request, slots, erased }
        }),
        6 => (0..12u8, any::<bool>(), prop::bool::weighted(0.3), any::<bool>())
            .prop_map(|(id, revocation, expect, value)| Fact::SetStatus { id, revocation, expect, value }),
        2 => (0..3u8, 1..4u8, prop::bool::weighted(0.3))
            .prop_map(|(institution, version, mirror)| Fact::Publish { institution, version, mirror }),
        1 => (0..3u8, 0..3u8).prop_map(|(institution, successor)| Fact::Close(institution, successor)),
        1 => (0..12u8).prop_map(Fact::Erase),
        2 => (0..2u8, 0..4u8, 0..4u8).prop_map(|(log, expect, size)| Fact::Saw { log, expect, size }),
        2 => (0..3u8, any::<bool>(), 0..4u8)
            .prop_map(|(institution, root, number)| Fact::PublishTrust { institution, root, number }),
        5 => (0..3u8, 0..4u8, 0..4u8)
            .prop_map(|(institution, file, version)| Fact::File { institution, file, version }),
        1 => (0..3u8, 0..4u8).prop_map(|(institution, file)| Fact::EraseFile { institution, file }),
    ]
}

fn slots() -> impl Strategy<Value = Vec<(bool, u8)>> {
    prop::collection::vec((any::<bool>(), 0..12u8), 0..3)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => prop::collection::vec(facts(), 1..4).prop_map(Step::Commit),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..40)
}

fn change(fact: &Fact) -> Change {
    let name = |number: &u8| slug(NAMES[*number as usize]);
    let purpose = |revocation: &bool| if *revocation { Purpose::Revocation } else { Purpose::Suspension };
    match fact {
        Fact::Found(number) => Change::InstitutionFounded(institution(NAMES[*number as usize])),
        Fact::AddKey(number, which) => {
            Change::KeyAdded { institution: name(number), key: key(&format!("z6Mk{which}")) }
        }
        Fact::RetireKey(number, which, on) => {
            let key = KeyRecord { retired: on.then(|| later(5)), ..key(&format!("z6Mk{which}")) };
            Change::KeyChanged { institution: name(number), key }
        }
        Fact::AddToken(number) => Change::TokenAdded(token(&number.to_string())),
        Fact::RevokeToken(number) => Change::TokenRevoked { hash: number.to_string(), at: later(1) },
        Fact::Issue { id: number, institution, claimed, request, slots, erased } => {
            let slots = slots.iter().map(|(revocation, index)| slot(purpose(revocation), u32::from(*index)));
            let full = record(u64::from(*number));
            issued(CredentialRecord {
                institution: name(institution),
                claimed_id: format!("urn:{claimed}"),
                idempotency: request.map(|request| (request.to_string(), [request; 32])),
                slots: slots.collect(),
                body: full.body.clone().filter(|_| !erased),
                ..full
            })
        }
        Fact::SetStatus { id, revocation, expect, value } => {
            status(u64::from(*id), purpose(revocation), *expect, *value)
        }
        Fact::Close(institution, successor) => {
            Change::InstitutionClosed { institution: name(institution), closing: closing(&name(successor)) }
        }
        Fact::Publish { institution, version: number, mirror } => {
            let mut version = version(Purpose::Revocation, u64::from(*number));
            version.key.mirror = *mirror;
            version.key.institution = name(institution);
            Change::ListPublished(version)
        }
        Fact::PublishTrust { institution, root, number } => Change::TrustPublished(TrustVersion {
            institution: name(institution),
            kind: if *root { TrustKind::Root } else { TrustKind::List },
            number: u64::from(*number),
            at: later(6),
            body: vec![*number; 40],
        }),
        Fact::File { institution, file, version } => {
            let (register, id) = file_of(*file);
            Change::Filed(Box::new(Filing {
                institution: name(institution),
                register,
                id: id.to_owned(),
                version: u64::from(*version),
                at: later(i64::from(*version)),
                actor: "an officer".to_owned(),
                body: Some(
                    format!("{{\"applicant\":\"Nguyễn Thị Hoa\",\"version\":{version}}}").into_bytes(),
                ),
            }))
        }
        Fact::EraseFile { institution, file } => {
            let (register, id) = file_of(*file);
            let (institution, id, actor, reason) =
                (name(institution), id.to_owned(), "an officer".to_owned(), "asked for".to_owned());
            Change::FilingErased(FilingErasure { institution, register, id, at: later(7), actor, reason })
        }
        Fact::Erase(number) => Change::Erased(erasure(u64::from(*number), 4)),
        Fact::Saw { log, expect, size } => {
            Change::WitnessSaw { expect: u64::from(*expect), head: Box::new(seen(*log, *size)) }
        }
    }
}

/// Few files: two of one id in two registers, one without an id, which is refused.
fn file_of(number: u8) -> (Register, &'static str) {
    match number {
        0 => (Register::Agreement, "VN-LA/2026 ຂໍ້ຕົກລົງ"),
        1 => (Register::Application, "VN-LA/2026 ຂໍ້ຕົກລົງ"),
        2 => (Register::Application, ""),
        _ => (Register::Application, "another"),
    }
}

/// The head of another's log with a checkpoint that nobody signed: the store asks only for its form.
fn seen(log: u8, size: u8) -> WitnessedHead {
    let origin = format!("log.{log}.example/2026");
    let (size, root) = (u64::from(size), [size; 32]);
    let head = Checkpoint { origin: origin.clone(), size, root, extensions: vec![] };
    let checkpoint = format!("{head}\n\u{2014} {origin} AAAAAAA=\n").into_bytes();
    WitnessedHead { origin, size, root, at: later(6), checkpoint }
}

async fn assert_alike(model: &dyn Store, store: &dyn Store) {
    assert_eq!(model.institutions().await, store.institutions().await);
    assert_eq!(model.tokens().await, store.tokens().await);
    for log in 0..2 {
        let origin = seen(log, 1).origin;
        assert_eq!(model.witness_seen(&origin).await, store.witness_seen(&origin).await);
    }
    assert_eq!(model.changes(None, 1000).await, store.changes(None, 1000).await);
    for number in 0..12 {
        let id = id(number);
        assert_eq!(model.credential(id).await, store.credential(id).await);
        assert_eq!(model.status_events(id).await, store.status_events(id).await);
    }
    for name in NAMES {
        let name = slug(name);
        assert_eq!(model.credentials(&name, None, 5).await, store.credentials(&name, None, 5).await);
        for kind in [TrustKind::Root, TrustKind::List] {
            for number in [None, Some(0), Some(1), Some(3)] {
                let told = model.trust_version(&name, kind, number).await;
                assert_eq!(told, store.trust_version(&name, kind, number).await);
            }
        }
        for register in Register::ALL {
            let page = model.filings(&name, register, None, 1).await.unwrap();
            assert_eq!(store.filings(&name, register, None, 1).await.as_ref(), Ok(&page));
            let rest = model.filings(&name, register, page.next, 9).await;
            assert_eq!(store.filings(&name, register, page.next, 9).await, rest);
        }
        for (register, id) in (0..4).map(file_of) {
            for version in [None, Some(0), Some(1), Some(2), Some(9)] {
                let told = model.filing(&name, register, id, version).await;
                assert_eq!(store.filing(&name, register, id, version).await, told);
            }
            let erased = model.filing_erasure(&name, register, id).await;
            assert_eq!(store.filing_erasure(&name, register, id).await, erased);
        }
        let lists = model.lists(&name).await.unwrap();
        assert_eq!(Ok(&lists), store.lists(&name).await.as_ref());
        for list in lists {
            assert_eq!(model.list(&list).await, store.list(&list).await);
            assert_eq!(model.list_version(&list, 1).await, store.list_version(&list, 1).await);
        }
        for number in 0..10 {
            let (claimed, request) = (format!("urn:{number}"), number.to_string());
            assert_eq!(
                model.by_claimed_id(&name, &claimed).await,
                store.by_claimed_id(&name, &claimed).await
            );
            assert_eq!(model.receipt(&name, &request).await, store.receipt(&name, &request).await);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn sled_does_as_the_model(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (model, mut bed) = (Memory::new(), Bed::sled());
            for step in &steps {
                match step {
                    Step::Reopen => bed.reopen(),
                    Step::Commit(facts) => {
                        let changes: Vec<Change> = facts.iter().map(change).collect();
                        let expected = model.commit(changes.clone()).await;
                        assert_eq!(bed.store().commit(changes).await, expected);
                    }
                }
                assert_alike(&model, bed.store()).await;
            }
            bed.reopen();
            assert_alike(&model, bed.store()).await;
            bed.assert_clean().await;
        });
    }
}
