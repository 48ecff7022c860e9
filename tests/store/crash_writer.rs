//! One life of a store that will be killed, and the judgement after: the driver of tests/stages/30-crash.
//!
//! `crash_writer fill FOLDER`: issues until nothing has gone through for two seconds, says `refused`, goes on reading
//! and trying, and ends when a write goes through again.
//!
//! `crash_writer write FOLDER`: issues, suspends, restores and revokes with 16 writers at once, printing one line for
//! each act *after* it was acknowledged, until killed. `crash_writer judge FOLDER LEDGER`: opens what is left and holds
//! it against those lines; exit 0 when nothing acknowledged is lost or changed, no index is given twice and the store
//! is sound.
#![expect(clippy::unwrap_used, reason = "a test driver that cannot go on should stop")]

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sha2::{Digest, Sha256};
use testamur::codec::{jcs, json};
use testamur::credential::id::CredentialId;
use testamur::did::Did;
use testamur::institution::{Institution, Slug};
use testamur::log::Checkpoint;
use testamur::status::allocate::Allocator;
use testamur::store::{
    Change, Conflict, CredentialRecord, Filing, FilingErasure, ListKey, Purpose, Register, Slot, StatusEvent,
    Store, StoreError, Visibility, WitnessedHead, open,
};
use testamur::text::LocalizedText;

/// When the disk is full: nothing has gone through for so long.
const FOR_GOOD: Duration = Duration::from_secs(2);
/// The log that is witnessed.
const WITNESSED: &str = "log.example.org/2026";
const PURPOSES: [Purpose; 2] = [Purpose::Revocation, Purpose::Suspension];

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", folder] => write(folder).await,
        ["fill", folder] => return fill(folder).await,
        ["judge", folder, ledger] => return judge(folder, &std::fs::read_to_string(ledger).unwrap()).await,
        _ => eprintln!(
            "usage: crash_writer write FOLDER | crash_writer fill FOLDER | crash_writer judge FOLDER LEDGER"
        ),
    }
    ExitCode::from(2)
}

async fn write(folder: &str) {
    let store = open(folder, [9; 32]).unwrap();
    let founded = store.commit(vec![Change::InstitutionFounded(institution())]).await;
    assert!(matches!(founded, Ok(_) | Err(StoreError::Conflict(Conflict::Institution(_)))), "{founded:?}");
    let mut allocators = Vec::new();
    for purpose in PURPOSES {
        allocators.push(Allocator::new(131_072, store.list(&list(purpose)).await.unwrap().taken));
    }
    let allocators = Arc::new(Mutex::new(allocators));
    let mut writers: Vec<_> =
        (0..16).map(|_| tokio::spawn(live(Arc::clone(&store), Arc::clone(&allocators)))).collect();
    writers.push(tokio::spawn(witness(Arc::clone(&store))));
    writers.push(tokio::spawn(file(Arc::clone(&store))));
    for writer in writers {
        writer.await.unwrap();
    }
}

/// Issues until it is refused; from then on everything acknowledged must be readable, and nothing refused may be.
///
/// The first refusal is not the end: the engine, opened again, finds room in what it had not cleaned, and may write on
/// for a while. Only when nothing has gone through for [`FOR_GOOD`] is the disk full.
async fn fill(folder: &str) -> ExitCode {
    let store = open(folder, [9; 32]).unwrap();
    store.commit(vec![Change::InstitutionFounded(institution())]).await.unwrap();
    let mut allocators = PURPOSES.map(|_| Allocator::new(131_072, []));
    let (mut known, mut refusals) = (Vec::new(), Vec::new());
    let (mut written, mut full, mut told) = (Instant::now(), false, false);
    loop {
        // Several at once, of bytes that do not compress: the disk is to fill soon.
        let records: Vec<_> = (0..16)
            .map(|_| record(&mut allocators, &random::<1500>().map(|byte| format!("{byte:02x}")).concat()))
            .collect();
        let commits =
            records.iter().map(|record| store.commit(vec![Change::Issued(Box::new(record.clone()))]));
        let outcomes = join_all(commits).await;
        let mut refused = None;
        for (record, outcome) in records.iter().zip(outcomes) {
            match outcome {
                Ok(_) => {
                    say(&format!("issued {} {} {}", record.id, record.slots[0].index, record.slots[1].index));
                    known.push(record.id);
                    written = Instant::now();
                }
                Err(StoreError::Unwritable(because)) => {
                    refusals.push(record.id);
                    refused = Some(because);
                }
                Err(other) => unreachable!("{other:?}"),
            }
        }
        for id in refusals.iter().rev().take(50) {
            assert_eq!(store.credential(*id).await, Ok(None), "{id} was refused");
        }
        let Some(because) = refused else {
            if full {
                break;
            }
            continue;
        };
        told |= store.writable().await.is_err();
        for id in known.iter().rev().take(50).chain(known.iter().take(50)) {
            let record = store.credential(*id).await.unwrap();
            assert!(record.is_some_and(|record| record.body.is_some()), "{id} is not there any more");
        }
        if !full && written.elapsed() > FOR_GOOD {
            full = true;
            eprintln!("refused for good after {} went through: {because}", known.len());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for id in &refusals {
        assert_eq!(store.credential(*id).await, Ok(None), "{id} was refused");
    }
    assert!(told, "the store never said that it is not writable");
    eprintln!("{} refused, then more went through", refusals.len());
    ExitCode::SUCCESS
}

/// Issues credentials and changes what becomes of them, forever.
async fn live(store: Arc<dyn Store>, allocators: Arc<Mutex<Vec<Allocator>>>) {
    loop {
        let record = record(&mut allocators.lock().unwrap()[..], &"Cao đẳng nghề ".repeat(150));
        let (id, indices) = (record.id, [record.slots[0].index, record.slots[1].index]);
        store.commit(vec![Change::Issued(Box::new(record))]).await.unwrap();
        say(&format!("issued {id} {} {}", indices[0], indices[1]));
        let fate = random::<1>()[0];
        if fate < 100 {
            set(&*store, id, Purpose::Suspension, true).await;
            if fate < 50 {
                set(&*store, id, Purpose::Suspension, false).await;
            }
        }
        if fate.is_multiple_of(3) {
            set(&*store, id, Purpose::Revocation, true).await;
        }
    }
}

/// Cosigns the log of others as it grows, forever.
async fn witness(store: Arc<dyn Store>) {
    let mut expect = store.witness_seen(WITNESSED).await.unwrap().map_or(0, |head| head.size);
    loop {
        let (origin, size, root) = (WITNESSED.to_owned(), expect + 1, random());
        let head = Checkpoint { origin: origin.clone(), size, root, extensions: vec![] };
        let checkpoint = format!("{head}\n\u{2014} {origin} AAAAAAA=\n").into_bytes();
        let head = WitnessedHead { origin, size, root, at: jiff::Timestamp::UNIX_EPOCH, checkpoint };
        store.commit(vec![Change::WitnessSaw { expect, head: Box::new(head) }]).await.unwrap();
        expect = size;
        say(&format!("saw {size} {}", root.map(|byte| format!("{byte:02x}")).concat()));
    }
}

/// Files one case after the other, in a few versions each, and erases every second of them, forever.
async fn file(store: Arc<dyn Store>) {
    loop {
        let (id, versions) =
            (CredentialId::from_bytes(random()).to_string(), u64::from(random::<1>()[0] % 5) + 1);
        for version in 1..=versions {
            let body = format!("{{\"says\":\"{id} {version}\"}}").into_bytes();
            let filing = Filing {
                institution: slug(),
                register: Register::Application,
                id: id.clone(),
                version,
                at: jiff::Timestamp::UNIX_EPOCH,
                actor: "driver".to_owned(),
                body: Some(body),
            };
            store.commit(vec![Change::Filed(Box::new(filing))]).await.unwrap();
            say(&format!("filed {id} {version}"));
        }
        if random::<1>()[0].is_multiple_of(2) {
            let (register, at) = (Register::Application, jiff::Timestamp::UNIX_EPOCH);
            let (actor, reason) = ("driver".to_owned(), "asked for".to_owned());
            let erasure = FilingErasure { institution: slug(), register, id: id.clone(), at, actor, reason };
            store.commit(vec![Change::FilingErased(erasure)]).await.unwrap();
            say(&format!("erased {id} {versions}"));
        }
    }
}

/// Whether every version told is there and says what it said, or, erased, nothing.
async fn kept(store: &dyn Store, id: &str, told: u64, erased: bool) -> Result<(), String> {
    let gone =
        store.filing_erasure(&slug(), Register::Application, id).await.map_err(|error| error.to_string())?;
    if erased && gone.is_none() {
        return Err("erased, and there again".to_owned());
    }
    for version in 1..=told {
        let filing = store.filing(&slug(), Register::Application, id, Some(version)).await;
        let body =
            filing.map_err(|error| error.to_string())?.ok_or_else(|| format!("{version} is lost"))?.body;
        let said = format!("{{\"says\":\"{id} {version}\"}}").into_bytes();
        if body != Some(said).filter(|_| gone.is_none()) {
            return Err(format!("{version} says something else"));
        }
    }
    Ok(())
}

/// A new credential in two places of the lists.
fn record(allocators: &mut [Allocator], noise: &str) -> CredentialRecord {
    let id = CredentialId::from_bytes(random());
    let take = |(allocator, purpose): (&mut Allocator, Purpose)| {
        let index = allocator.take(|| u32::from_be_bytes(random())).unwrap();
        Slot { purpose, list: 1, index }
    };
    let body = format!("{{\"id\":\"urn:{id}\",\"noise\":\"{noise}\"}}").into_bytes();
    let digest: [u8; 32] = Sha256::digest(jcs::canonicalize(&json::parse(&body).unwrap())).into();
    CredentialRecord {
        id,
        institution: slug(),
        claimed_id: format!("urn:{id}"),
        kind: "diploma".to_owned(),
        issued: jiff::Timestamp::UNIX_EPOCH,
        visibility: Visibility::Public,
        slots: allocators.iter_mut().zip(PURPOSES).map(take).collect(),
        digest,
        salt: Some(random()),
        body: Some(body),
        idempotency: Some((id.to_string(), digest)),
        actor: "driver".to_owned(),
    }
}

async fn set(store: &dyn Store, id: CredentialId, purpose: Purpose, value: bool) {
    let event = StatusEvent {
        credential: id,
        purpose,
        value,
        at: jiff::Timestamp::UNIX_EPOCH,
        actor: "driver".to_owned(),
        reason: "to be remembered".to_owned(),
        successor: None,
    };
    store.commit(vec![Change::StatusSet { event, expect: !value }]).await.unwrap();
    say(&format!("set {id} {purpose} {value}"));
}

/// One write call a line: a line is in the file whole or not at all.
fn say(line: &str) {
    std::io::stdout().write_all(format!("{line}\n").as_bytes()).unwrap();
}

async fn judge(folder: &str, ledger: &str) -> ExitCode {
    let store = open(folder, [9; 32]).unwrap();
    let mut faults = Vec::new();
    if let Err(error) = store.writable().await {
        faults.push(error.to_string());
    }
    let mut events: HashMap<CredentialId, Vec<(String, bool)>> = HashMap::new();
    let mut files: HashMap<String, (u64, bool)> = HashMap::new();
    let (mut told, mut cosigned) = (0, None);
    for line in ledger.lines() {
        told += 1;
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["issued", id, revocation, suspension] => {
                let id = CredentialId::parse(id).unwrap();
                match store.credential(id).await {
                    Ok(Some(record)) => {
                        let body = record.body.unwrap_or_default();
                        let same = format!("{{\"id\":\"urn:{id}\"");
                        let indices: Vec<String> =
                            record.slots.iter().map(|slot| slot.index.to_string()).collect();
                        if !body.starts_with(same.as_bytes()) || indices != [revocation, suspension] {
                            faults.push(format!("changed: {line}"));
                        }
                    }
                    Ok(None) => faults.push(format!("lost: {line}")),
                    Err(error) => faults.push(format!("{error}: {line}")),
                }
            }
            ["set", id, purpose, value] => {
                let id = CredentialId::parse(id).unwrap();
                events.entry(id).or_default().push((purpose.to_owned(), value == "true"));
            }
            ["filed", id, version] => {
                files.insert(id.to_owned(), (version.parse::<u64>().unwrap(), false));
            }
            ["erased", id, version] => {
                files.insert(id.to_owned(), (version.parse::<u64>().unwrap(), true));
            }
            ["saw", size, root] => cosigned = Some((size.parse::<u64>().unwrap(), root.to_owned())),
            _ => faults.push(format!("not a line of the ledger: {line}")),
        }
    }
    if let Some((size, root)) = cosigned {
        let known = store.witness_seen(WITNESSED).await.unwrap();
        // What was recorded and not told any more is beyond it; never before it, and never another tree.
        let known = known.map(|head| (head.size, head.root.map(|byte| format!("{byte:02x}")).concat()));
        let kept = known.as_ref().is_some_and(|known| known.0 > size || *known == (size, root));
        if !kept {
            faults.push(format!("cosigned up to {size}, known {known:?}"));
        }
    }
    for (id, (version, erased)) in files {
        if let Err(fault) = kept(&*store, &id, version, erased).await {
            faults.push(format!("file {id}: {fault}"));
        }
    }
    let mut set = HashSet::new();
    let mut taken = 0;
    for purpose in PURPOSES {
        let state = store.list(&list(purpose)).await.unwrap();
        taken = state.taken.len();
        set.extend(state.set.into_iter().map(|index| (purpose, index)));
    }
    for (id, told) in events {
        let known = store.status_events(id).await.unwrap();
        let known: Vec<_> = known.iter().map(|event| (event.purpose.to_string(), event.value)).collect();
        // What was begun after the last acknowledgement may stand on record; nothing else may.
        if !known.starts_with(&told) || known.len() > told.len() + 1 {
            faults.push(format!("{id}: told {told:?}, known {known:?}"));
        }
        for slot in store.credential(id).await.unwrap().map(|record| record.slots).unwrap_or_default() {
            let last = known.iter().rev().find(|(purpose, _)| *purpose == slot.purpose.as_str());
            if set.contains(&(slot.purpose, slot.index)) != last.is_some_and(|(_, value)| *value) {
                faults.push(format!("{id}: the {} bit is not what was said last", slot.purpose));
            }
        }
    }
    let mut given = HashSet::new();
    let mut after = None;
    loop {
        let page = store.credentials(&slug(), after, 1000).await.unwrap();
        for slot in page.items.iter().flat_map(|record| &record.slots) {
            if !given.insert(slot.clone()) {
                faults.push(format!("given twice: {slot:?}"));
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if given.len() != 2 * taken {
        faults.push(format!("{} places on credentials, {} in the lists", given.len(), 2 * taken));
    }
    faults.extend(store.check(&|_, _| {}).await.unwrap().iter().map(ToString::to_string));
    for fault in &faults {
        println!("FAULT {fault}");
    }
    println!("{told} acknowledged, {taken} credentials on record, {} faults", faults.len());
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

fn slug() -> Slug {
    Slug::parse("ha-noi").unwrap()
}

fn list(purpose: Purpose) -> ListKey {
    ListKey { institution: slug(), purpose, list: 1, mirror: false }
}

fn institution() -> Institution {
    let name = serde_json::json!({"vi": "Cao đẳng nghề Hà Nội"});
    Institution {
        slug: slug(),
        kind: Default::default(),
        did: Did::parse("did:web:example.org:institutions:ha-noi").unwrap(),
        name: LocalizedText::parse(name.as_object().unwrap()).unwrap(),
        country: None,
        contact: None,
        created: jiff::Timestamp::UNIX_EPOCH,
        keys: vec![],
        closed: None,
    }
}
