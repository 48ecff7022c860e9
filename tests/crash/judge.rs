//! Holds the ledger against what a service answers that was started again.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};
use testamur::status::Bitstring;

use super::house::{Answer, House, Life};
use super::ledger::{Bit, Draft, Entry, Ledger, entry};
use super::traffic;

/// A change of status is to be seen in its list after so long.
const SEEN_WITHIN: Duration = Duration::from_secs(5);

/// Whether the answer is the credential that was acknowledged, byte for byte.
pub fn is_same(known: &Entry, answer: &Answer) -> bool {
    answer.status == 200 && <[u8; 32]>::from(Sha256::digest(&answer.body)) == known.digest
}

/// Judges a service that has just started: what was acknowledged stands, what was not is settled. `sample` older
/// entries are read back beside the newest ones, or all.
pub async fn after_start(life: &Life, ledger: &Ledger, newest_from: usize, sample: usize) {
    lists(life, ledger).await;
    settle(life, ledger).await;
    let entries = ledger.entries();
    let mut chosen: Vec<&Entry> = entries[newest_from.min(entries.len())..].iter().collect();
    let older = newest_from.min(entries.len());
    if sample >= older {
        chosen.extend(&entries[..older]);
    } else {
        chosen.extend((0..sample).map(|_| &entries[super::below(older as u64) as usize]));
    }
    let mut judged = stream::iter(chosen.into_iter().map(|known| one(life, known))).buffer_unordered(16);
    while let Some(fault) = judged.next().await {
        fault.into_iter().for_each(|fault| ledger.fault(fault));
    }
    lists(life, ledger).await;
}

/// Ends the service's silence with `fsck`: every signature, and not one credential more or fewer than the ledger knows.
pub fn at_rest(house: &House, ledger: &Ledger) {
    let (count, trouble) = house.fsck();
    if let Some(trouble) = trouble {
        ledger.fault(trouble);
    }
    let known = ledger.entries().len() as u64;
    if count != known {
        ledger.fault(format!("{count} credentials on record, {known} were issued"));
    }
}

/// A credential by its address, by its institution's, and by what a checker is told.
async fn one(life: &Life, known: &Entry) -> Option<String> {
    let id = &known.id;
    let (public, own) = (format!("/c/{id}.json"), format!("/credentials/{id}"));
    let (Ok(public), Ok(own)) = (life.get(&public).await, life.get(&own).await) else {
        return Some(format!("{id}: no answer"));
    };
    if !is_same(known, &public) {
        return Some(format!(
            "{id}: lost or changed: {} {}",
            public.status,
            String::from_utf8_lossy(&public.body)
        ));
    }
    let wrapped = [b"{\"verifiableCredential\":", public.body.as_slice(), b"}"].concat();
    if own.status != 200 || own.body != wrapped {
        return Some(format!("{id}: its institution reads something else: {}", own.status));
    }
    let Ok(verdict) = life.post("/credentials/verify", String::from_utf8(wrapped).unwrap(), None).await
    else {
        return Some(format!("{id}: no verdict"));
    };
    let (status, state) =
        if known.bits.contains(&Bit::Told(true)) { (422, "withdrawn") } else { (200, "genuine") };
    let told = verdict.json();
    let wrong = verdict.status != status || told["state"] != state;
    wrong.then(|| format!("{id}: {:?} but the verdict is {} {}", known.bits, verdict.status, told["state"]))
}

/// Every index was given once, every acknowledged bit is what was said last, and no other is set.
async fn lists(life: &Life, ledger: &Ledger) {
    let entries = ledger.entries();
    let mut given = HashSet::new();
    for slot in entries.iter().flat_map(|known| &known.slots) {
        if !given.insert(slot) {
            ledger.fault(format!("given twice: {slot:?}"));
        }
    }
    let begun = Instant::now();
    loop {
        let wrong = compare(life, &entries).await;
        match wrong {
            None => break,
            Some(wrong) if begun.elapsed() > SEEN_WITHIN => return ledger.fault(wrong),
            Some(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn compare(life: &Life, entries: &[Entry]) -> Option<String> {
    let mut lists: HashMap<&str, (Bitstring, u64)> = HashMap::new();
    for known in entries {
        for ((path, index), bit) in known.slots.iter().zip(known.bits) {
            if !lists.contains_key(path.as_str()) {
                let Ok(answer) = life.get(path).await else { return Some(format!("{path}: no answer")) };
                let document = answer.json();
                let encoded = document["credentialSubject"]["encodedList"].as_str();
                let Some(Ok(bits)) = encoded.map(Bitstring::decode) else {
                    return Some(format!("{path}: {}", answer.status));
                };
                lists.insert(path, (bits, 0));
            }
            let (bits, expected) = lists.get_mut(path.as_str())?;
            let Some(shown) = bits.get(*index) else { return Some(format!("{path}: no index {index}")) };
            *expected += u64::from(shown);
            if matches!(bit, Bit::Told(told) if told != shown) {
                return Some(format!("{}: {bit:?} but {path} shows {shown} at {index}", known.id));
            }
        }
    }
    let more = lists.iter().find(|(_, (bits, expected))| bits.count() != *expected);
    more.map(|(path, (bits, expected))| {
        format!("{path}: {} bits set, {expected} of credentials", bits.count())
    })
}

/// Asks again for what nobody answered: it is issued once, and a change of status is made or was made.
async fn settle(life: &Life, ledger: &Ledger) {
    for draft in ledger.take_unanswered() {
        if let Err(fault) = settle_draft(life, ledger, draft).await {
            ledger.fault(fault);
        }
    }
    for (place, known) in ledger.entries().iter().enumerate() {
        for (purpose, bit) in known.bits.iter().enumerate() {
            let Bit::Asked(value) = *bit else { continue };
            match traffic::set(life, &known.id, purpose, value).await {
                Ok(answer) if answer.status == 200 || answer.is_problem(409) => {
                    ledger.note(place, purpose, Bit::Told(value));
                    ledger.give_back(place);
                }
                Ok(answer) => {
                    ledger.fault(format!("{}: asked again for its status: {}", known.id, answer.status))
                }
                Err(error) => ledger.fault(format!("{}: asked again for its status: {error}", known.id)),
            }
        }
    }
}

async fn settle_draft(life: &Life, ledger: &Ledger, draft: Draft) -> Result<(), String> {
    let again = || life.post("/credentials/issue", draft.body.clone(), draft.key.as_deref());
    let lost = |error: reqwest::Error| format!("a retry was not answered: {error}");
    let first = again().await.map_err(lost)?;
    let second = again().await.map_err(lost)?;
    let entry = match &draft.own_id {
        // With a key: the retry issues or tells what was issued, another one tells the same.
        None => {
            let same =
                first.status == 201 && second.status == 201 && second.replayed && first.body == second.body;
            entry(&first.body, &first.location).filter(|_| same && first.location == second.location)
        }
        // With an id of its own: the retry issues or is refused because it was issued, another one is refused.
        Some(id) => {
            let known = second.is_problem(409) && (first.status == 201 || first.is_problem(409));
            let path = format!("/credentials/{}", id.replace(':', "%3A"));
            let record = life.get(&path).await.map_err(lost)?;
            // Our own id of it is told with a change of its status.
            let suspended = traffic::set(life, id, 1, true).await.map_err(lost)?.json();
            let entry = suspended["url"].as_str().and_then(|url| entry(&record.body, url));
            entry.filter(|_| known && record.status == 200).map(|mut entry| {
                entry.bits[1] = Bit::Told(true);
                entry
            })
        }
    };
    match entry {
        Some(entry) => ledger.issued(entry),
        None => return Err(format!("{draft:?} was not issued once: {} {}", first.status, second.status)),
    }
    Ok(())
}
