//! Status lists: the bits and their coding, entries, and what a list says of an entry.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use testamur::did::Did;
use testamur::status::bits::{BitsError, MAX_BYTES, MIN_ENTRIES};
use testamur::status::entry::{self, entries};
use testamur::status::list::{ListDraft, list_credential, read};
use testamur::status::{Bitstring, EntryFault, EntryKind, ListProblem, Purpose, StatusList};

const LIST: &str = "https://diplomas.vn.example/institutions/cdktcn-mau/status/revocation/1";
const ISSUER: &str = "did:web:diplomas.vn.example:institutions:cdktcn-mau";

fn example(name: &str) -> Option<Value> {
    crate::shared::json(&format!("examples/{name}"))
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn ours(bits: &Bitstring) -> Value {
    Value::Object(list_credential(&ListDraft {
        stands_for: None,
        url: LIST,
        issuer: &Did::parse(ISSUER).unwrap(),
        purpose: Purpose::Revocation,
        valid_from: at("2026-07-02T00:00:00.75Z"),
        valid_until: at("2026-07-09T00:00:00Z"),
        ttl: SignedDuration::from_mins(5),
        bits,
    }))
}

fn our_entry(index: u32) -> testamur::status::Entry {
    entry::parse(&entry::build(LIST, Purpose::Revocation, index), String::new()).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn encoded(packed: &[u8]) -> String {
    testamur::codec::multibase::encode_base64url(packed)
}

#[test]
fn the_examples_say_what_their_readme_says() {
    for (name, purpose, set) in [
        ("15-status-list-revocation.json", Purpose::Revocation, Some(70211)),
        ("16-status-list-suspension.json", Purpose::Suspension, None),
    ] {
        let Some(list) = example(name) else { continue };
        let read = StatusList::parse(&list).unwrap();
        assert_eq!((read.bits.len(), read.bits.count()), (MIN_ENTRIES, u64::from(set.is_some())));
        assert_eq!(read.purposes, [purpose.as_str()]);
        if let Some(index) = set {
            assert_eq!(read.bits.get(index), Some(true));
        }
        // Ours says the same members in the same words, and a ttl besides.
        let mine = Bitstring::with(131_072, set.map(|index| index as u32));
        assert_eq!(mine, read.bits);
        let url = list["id"].as_str().unwrap();
        let mut mine = list_credential(&ListDraft {
            stands_for: None,
            url,
            issuer: &Did::parse(&read.issuer).unwrap(),
            purpose,
            valid_from: read.valid_from.unwrap(),
            valid_until: read.valid_until.unwrap(),
            ttl: SignedDuration::from_secs(60),
            bits: &mine,
        });
        let mut theirs = object(list);
        theirs.remove("proof");
        let subject = mine["credentialSubject"].as_object_mut().unwrap();
        assert_eq!(subject.remove("ttl"), Some(json!(60_000)));
        subject.insert("encodedList".to_owned(), theirs["credentialSubject"]["encodedList"].clone());
        assert_eq!(mine, theirs);
    }
}

#[test]
fn the_entries_of_the_example_diploma_are_read_and_can_be_built() {
    let Some(diploma) = example("01-vn-college-diploma-welding.json") else { return };
    let read: Vec<_> = entries(diploma.as_object().unwrap()).into_iter().map(Result::unwrap).collect();
    let said = |e: &testamur::status::Entry| (e.pointer.clone(), e.kind, e.purpose, e.index);
    assert_eq!(
        said(&read[0]),
        ("/credentialStatus/0".to_owned(), EntryKind::Bitstring, Purpose::Revocation, 8800)
    );
    assert_eq!(
        said(&read[1]),
        ("/credentialStatus/1".to_owned(), EntryKind::Bitstring, Purpose::Suspension, 101_906)
    );
    for (entry, written) in read.iter().zip(diploma["credentialStatus"].as_array().unwrap()) {
        assert_eq!(&entry::build(&entry.list, entry.purpose, entry.index as u32), written);
    }
}

#[test]
fn bits_count_from_the_left() {
    let mut bits = Bitstring::new(0);
    assert_eq!(bits.len(), 131_072);
    assert!(bits.set(0, true) && bits.set(9, true) && !bits.set(131_072, true));
    // 0x80 0x40 in front: the highest bit of a byte is its first entry.
    let theirs = encoded(&gzip(&[&[0x80, 0x40][..], &[0; 16382]].concat()));
    assert_eq!(Bitstring::decode(&theirs), Ok(bits.clone()));
    assert_eq!(
        (bits.get(0), bits.get(1), bits.get(9), bits.get(131_072)),
        (Some(true), Some(false), Some(true), None)
    );
    assert!(bits.set(9, false));
    assert_eq!(bits.count(), 1);
    assert_eq!(Bitstring::with(0, [200_000]).get(200_000), Some(true));
}

#[test]
fn what_is_not_one_whole_capped_list_is_refused() {
    let whole = gzip(&[0; 16384]);
    let refused = |packed: &[u8]| Bitstring::decode(&encoded(packed)).unwrap_err();
    assert_eq!(refused(&gzip(&[0; 16383])), BitsError::TooShort(131_064));
    assert_eq!(refused(&gzip(&[])), BitsError::TooShort(0));
    assert_eq!(refused(&whole[..whole.len() - 1]), BitsError::Gzip);
    assert_eq!(refused(b""), BitsError::Gzip);
    assert_eq!(refused(&[&whole[..], b"x"].concat()), BitsError::Trailing);
    assert_eq!(refused(&[&whole[..], &whole].concat()), BitsError::Trailing);
    assert_eq!(refused(&gzip(&vec![0; MAX_BYTES + 1])), BitsError::TooLarge);
    assert!(Bitstring::decode(&encoded(&gzip(&vec![0; MAX_BYTES]))).is_ok());
    let mut broken = whole.clone();
    let last = broken.len() - 5;
    broken[last] ^= 1;
    assert_eq!(refused(&broken), BitsError::Gzip);
    let text = encoded(&whole);
    for wrong in
        [&text[1..], &format!("{text}=="), &format!(" {text}"), &text.replacen('u', "z", 1), "", "u!"]
    {
        assert_eq!(Bitstring::decode(wrong), Err(BitsError::Encoding), "{wrong:.10}");
    }
    assert_eq!(Bitstring::decode(&"u".repeat(5 << 20)), Err(BitsError::TooLarge));
}

#[test]
fn the_2021_form_reads_either_alphabet_padded_or_not() {
    use base64::Engine as _;
    let bits = Bitstring::with(0, (0..9000).map(|n| n * 13));
    let packed = testamur::codec::multibase::decode(&bits.encode(), 1 << 20).unwrap();
    for engine in [
        base64::prelude::BASE64_STANDARD,
        base64::prelude::BASE64_STANDARD_NO_PAD,
        base64::prelude::BASE64_URL_SAFE,
        base64::prelude::BASE64_URL_SAFE_NO_PAD,
    ] {
        assert_eq!(Bitstring::decode_2021(&engine.encode(&packed)).as_ref(), Ok(&bits));
    }
    assert_eq!(Bitstring::decode_2021(&bits.encode()).as_ref(), Ok(&bits));
    assert!(Bitstring::decode(&bits.encode()[1..]).is_err());
}

#[test]
fn equal_bits_give_equal_text() {
    let bits = Bitstring::with(0, [3, 70211]);
    assert_eq!(bits.encode(), bits.clone().encode());
    assert!(bits.encode().starts_with("uH4sIAAAAAA"), "no date in it: {:.20}", bits.encode());
    assert!(Bitstring::new(0).encode().len() < 200);
}

#[test]
fn entries_are_read_exactly_or_named() {
    let good = entry::build(LIST, Purpose::Suspension, 7);
    let with = |member: &str, value: Value| {
        let mut changed = object(good.clone());
        changed.insert(member.to_owned(), value);
        entry::parse(&Value::Object(changed), "/credentialStatus".to_owned())
    };
    for (text, index) in [("0", 0), ("7", 7), ("94567", 94567), ("18446744073709551616", u64::MAX)] {
        assert_eq!(with("statusListIndex", text.into()).unwrap().index, index);
    }
    for wrong in ["", "-1", "+1", "01", "00", "1.0", "1e3", " 1", "1 ", "0x1", "１", "abc"] {
        let problem = with("statusListIndex", wrong.into()).unwrap_err();
        assert_eq!(problem.pointer, "/credentialStatus/statusListIndex", "{wrong:?}");
    }
    for (member, value) in [
        ("statusListIndex", json!(7)),
        ("statusListIndex", json!("1".repeat(65))),
        ("statusListIndex", json!(["7"])),
        ("statusListCredential", json!("/status/1")),
        ("statusListCredential", json!("https ://x")),
        ("statusListCredential", json!(format!("{LIST}#list"))),
        ("statusListCredential", json!([LIST])),
        ("statusListCredential", json!(format!("{LIST}{}", "x".repeat(2048)))),
        ("statusPurpose", json!(["suspension"])),
        ("statusPurpose", Value::Null),
        ("statusSize", json!(0)),
        ("statusSize", json!("1")),
        ("statusSize", json!(1.5)),
        ("type", Value::Null),
        ("type", json!(["BitstringStatusListEntry", "Other"])),
        ("id", json!(LIST)),
    ] {
        let problem = with(member, value.clone()).unwrap_err();
        assert_eq!(problem.pointer, format!("/credentialStatus/{member}"), "{value}");
        assert!(matches!(problem.fault, EntryFault::Invalid(_)), "{value}");
    }
    for (member, value, name) in [
        ("type", json!("RevocationList2020Status"), "RevocationList2020Status"),
        ("type", json!("CredentialStatusList2017"), "CredentialStatusList2017"),
        ("statusPurpose", json!("message"), "BitstringStatusListEntry (message)"),
        ("statusPurpose", json!("refresh"), "BitstringStatusListEntry (refresh)"),
        ("statusSize", json!(2), "BitstringStatusListEntry (statusSize 2)"),
    ] {
        assert_eq!(with(member, value).unwrap_err().fault, EntryFault::Unsupported(name.to_owned()));
    }
    assert!(with("statusSize", json!(1)).is_ok());
    assert!(with("type", json!(["BitstringStatusListEntry"])).is_ok());
    assert_eq!(with("type", json!("StatusList2021Entry")).unwrap().kind, EntryKind::List2021);

    assert!(entries(&Map::new()).is_empty());
    let many = object(json!({ "credentialStatus": vec![good.clone(); 17] }));
    let read = entries(&many);
    assert_eq!((read.len(), read[15].is_ok(), read[16].is_err()), (17, true, true));
    for odd in [json!(null), json!("x"), json!([[]]), json!(3)] {
        assert!(entries(&object(json!({ "credentialStatus": odd })))[0].is_err());
    }
}

#[test]
fn a_list_answers_only_for_its_own_issuer_url_purpose_and_time() {
    let bits = Bitstring::with(0, [5]);
    let list = ours(&bits);
    assert_eq!(list["validFrom"], "2026-07-02T00:00:00Z");
    assert_eq!(list["credentialSubject"]["ttl"], 300_000);
    let now = at("2026-07-03T00:00:00Z");
    let said = |list: &Value, index| read(list, &our_entry(index), ISSUER, now);
    assert!(said(&list, 5).unwrap().set && !said(&list, 6).unwrap().set);
    assert_eq!(said(&list, 5).unwrap().as_of, Some(at("2026-07-02T00:00:00Z")));
    assert_eq!(said(&list, 131_072), Err(ListProblem::Range(131_072)));

    let with = |pointer: &str, value: Value| {
        let mut changed = list.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        said(&changed, 5).map(|reading| reading.set)
    };
    assert_eq!(with("/issuer", json!({ "id": ISSUER, "name": "x" })), Ok(true));
    assert_eq!(with("/credentialSubject/statusPurpose", json!(["refresh", "revocation"])), Ok(true));
    let other = "did:web:mill.example";
    assert_eq!(with("/issuer", json!(other)), Err(ListProblem::OtherIssuer(other.to_owned())));
    assert_eq!(with("/id", json!("https://x/1")), Err(ListProblem::OtherList("https://x/1".to_owned())));
    assert_eq!(with("/credentialSubject/statusPurpose", json!("suspension")), Err(ListProblem::OtherPurpose));
    let from = at("2026-07-03T00:05:01Z");
    assert_eq!(with("/validFrom", json!(from.to_string())), Err(ListProblem::NotYet(from)));
    assert_eq!(with("/validFrom", json!("2026-07-03T00:04:59Z")), Ok(true));
    let until = at("2026-07-02T23:54:59Z");
    assert_eq!(with("/validUntil", json!(until.to_string())), Err(ListProblem::Expired(until)));
    assert_eq!(with("/validUntil", json!("2026-07-02T23:55:01Z")), Ok(true));
    for (pointer, value) in [
        ("/id", json!(7)),
        ("/type", json!(["VerifiableCredential"])),
        ("/issuer", json!([])),
        ("/validFrom", json!("yesterday")),
        ("/validUntil", json!(9)),
        ("/credentialSubject", json!([])),
        ("/credentialSubject/type", json!("StatusList2021")),
        ("/credentialSubject/ttl", json!(-1)),
        ("/credentialSubject/ttl", json!("300000")),
        ("/credentialSubject/statusPurpose", json!([])),
        ("/credentialSubject/encodedList", json!(null)),
    ] {
        let problem = with(pointer, value.clone()).unwrap_err();
        assert!(
            matches!(problem, ListProblem::Form { pointer: at, .. } if at == pointer),
            "{value} {problem}"
        );
    }
    assert!(matches!(with("/credentialSubject/encodedList", json!("uAAAA")), Err(ListProblem::Bits(_))));
    // The predecessor's list does not answer for an entry of its successor.
    let mut old = list.clone();
    old["type"] = json!(["VerifiableCredential", "StatusList2021Credential"]);
    old["credentialSubject"]["type"] = json!("StatusList2021");
    assert_eq!(said(&old, 5), Err(ListProblem::OtherType));
    for junk in [json!(null), json!([]), json!("x"), json!({})] {
        assert!(said(&junk, 5).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bits_come_back(set in prop::collection::btree_set(0_u32..150_000, 0..400)) {
        let bits = Bitstring::with(0, set.iter().copied());
        let back = Bitstring::decode(&bits.encode()).unwrap();
        prop_assert_eq!(back.count(), set.len() as u64);
        prop_assert!(set.iter().all(|index| back.get(u64::from(*index)) == Some(true)));
        prop_assert_eq!(back, bits);
    }

    #[test]
    fn no_text_makes_decoding_panic(text in "[uz]?[A-Za-z0-9_=+/-]{0,200}|\\PC{0,60}", bytes: Vec<u8>) {
        let _ = Bitstring::decode(&text);
        let _ = Bitstring::decode_2021(&text);
        let _ = Bitstring::decode(&encoded(&[&[0x1f, 0x8b, 8, 0][..], &bytes].concat()));
    }

    #[test]
    fn only_plain_decimals_are_an_index(text in "[0-9+ .-]{0,6}") {
        let plain = text == "0" || (!text.is_empty() && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
        let mut entry = entry::build(LIST, Purpose::Revocation, 0);
        entry["statusListIndex"] = json!(text);
        prop_assert_eq!(entry::parse(&entry, String::new()).is_ok(), plain);
    }
}
