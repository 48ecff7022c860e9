//! Pins on file: made by fingerprint only, renewed or left as they were, never half-changed.

use serde_json::json;
use testamur::trust::{PinError, Pins};
use testamur::trustlist::{Root, TrustListError};

use super::maker::*;

const NOW: &str = "2026-11-12T00:00:00Z";

fn pinned() -> (tempfile::TempDir, Pins) {
    let folder = tempfile::tempdir().unwrap();
    let pins = Pins::of(folder.path());
    let list = list_bytes(&list_document(7, "2026-11-01T00:00:00Z", &[college()]));
    pins.pin(root(), &list, &root().fingerprint, None, at(NOW)).unwrap();
    (folder, pins)
}

#[test]
fn a_root_is_pinned_by_its_fingerprint_only() {
    let folder = tempfile::tempdir().unwrap();
    let pins = Pins::of(folder.path());
    let list = list_bytes(&list_document(7, "2026-11-01T00:00:00Z", &[college()]));
    let wrong = pins.pin(root(), &list, "uEiD2cqKr1cmrzxeXgjLjcNcHcA12PvZNF_z_k2-4woBJng", None, at(NOW));
    assert!(matches!(wrong, Err(PinError::Fingerprint(_))), "{wrong:?}");
    assert_eq!(pins.load().unwrap(), []);
    let (_folder, pins) = pinned();
    let [only] = <[_; 1]>::try_from(pins.load().unwrap()).unwrap();
    assert_eq!(only.list.as_ref().unwrap().sequence, 7);
    assert_eq!(only.pin.fingerprint, root().fingerprint);
    let again = pins.pin(root(), &list, &root().fingerprint, None, at(NOW));
    assert!(matches!(again, Err(PinError::Pinned(territory)) if territory == "VN"));
    pins.unpin("VN").unwrap();
    assert!(pins.load().unwrap().is_empty());
    for unknown in ["VN", "LA", "../x", ""] {
        assert!(matches!(pins.unpin(unknown), Err(PinError::NotPinned(_))), "{unknown}");
    }
}

#[test]
fn a_refused_list_leaves_the_pin_as_it_was() {
    let (folder, pins) = pinned();
    let before = pins.read("VN").unwrap();
    let file = folder.path().join("trust/VN.json");
    let bytes = std::fs::read(&file).unwrap();
    let older = list_bytes(&list_document(6, "2026-11-10T00:00:00Z", &[college()]));
    let refused = pins.renew(&before, &[], &older, at(NOW));
    assert!(matches!(refused, Err(PinError::Refused { why: TrustListError::Rollback { .. }, .. })));
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
    let newer = list_bytes(&list_document(8, "2026-11-10T00:00:00Z", &[college()]));
    pins.renew(&before, &[], &newer, at(NOW)).unwrap();
    assert_eq!(pins.read("VN").unwrap().list.unwrap().sequence, 8);
}

#[test]
fn a_rotated_root_puts_the_old_list_key_out_at_once() {
    let (_folder, pins) = pinned();
    let before = pins.read("VN").unwrap();
    let document = root_document(2, 2, &[1, 2, 3], &[(12, "2026-11-01T00:00:00Z", "2027-06-30T00:00:00Z")]);
    let second = Root::parse(&signed(&document, &[root_key(1), root_key(2)], NOW)).unwrap();
    let rotated = pins.rotate(&before, std::slice::from_ref(&second)).unwrap();
    assert_eq!((rotated.root.version, rotated.list.is_none()), (2, true));
    assert_eq!(pins.read("VN").unwrap(), rotated);
    let mut document = list_document(1, NOW, &[college()]);
    document["credentialSubject"]["rootVersion"] = json!(2);
    let fresh = signed(&document, &[list_key(12)], NOW);
    let renewed = pins.renew(&rotated, &[], &fresh, at(NOW)).unwrap();
    assert_eq!(renewed.list.unwrap().sequence, 1);
    assert_eq!(renewed.pin.fingerprint, before.pin.fingerprint, "the pin holds");
    let thief = Root::parse(&signed(&root_document(3, 1, &[7], &[]), &[root_key(7)], NOW)).unwrap();
    let refused = pins.rotate(&pins.read("VN").unwrap(), &[thief]);
    assert!(matches!(refused, Err(PinError::Refused { why: TrustListError::Threshold { .. }, .. })));
}

#[test]
fn a_root_that_cuts_a_list_keys_time_short_leaves_a_pin_that_reads() {
    let (_folder, pins) = pinned();
    let before = pins.read("VN").unwrap();
    // The same key, but only from after the list that it has signed.
    let document = root_document(2, 2, &[1, 2, 3], &[(11, "2026-11-11T00:00:00Z", "2027-06-30T00:00:00Z")]);
    let second = Root::parse(&signed(&document, &[root_key(1), root_key(2)], NOW)).unwrap();
    let rotated = pins.rotate(&before, &[second]).unwrap();
    assert_eq!(rotated.list, None);
    assert_eq!(pins.read("VN").unwrap(), rotated);
}

#[test]
fn a_file_that_was_changed_is_damage_and_no_trust() {
    let (folder, pins) = pinned();
    let file = folder.path().join("trust/VN.json");
    let good = std::fs::read_to_string(&file).unwrap();
    let other = signed(&root_document(1, 1, &[7], &[]), &[root_key(7)], NOW);
    let mut swapped: serde_json::Value = serde_json::from_str(&good).unwrap();
    swapped["root"] = serde_json::from_slice(&other).unwrap();
    for bad in [good.replace("Sample College", "Other College"), swapped.to_string(), good[..900].to_owned()]
    {
        std::fs::write(&file, bad).unwrap();
        assert!(matches!(pins.load(), Err(PinError::Damaged { .. })));
    }
    std::fs::write(&file, good).unwrap();
    assert_eq!(pins.load().unwrap().len(), 1);
}

#[test]
fn what_was_changed_while_a_list_was_asked_for_stays_changed() {
    let newer = |sequence| list_bytes(&list_document(sequence, "2026-11-10T00:00:00Z", &[college()]));
    let later = at("2026-11-12T00:00:05Z");
    // Somebody else was faster, with a newer list still.
    let (_folder, pins) = pinned();
    let before = pins.read("VN").unwrap();
    pins.renew(&before, &[], &newer(9), at("2026-11-12T00:00:03Z")).unwrap();
    let slow = pins.renew(&before, &[], &newer(8), later);
    assert!(slow.is_err_and(|why| why.to_string().contains("changed meanwhile")));
    assert_eq!(pins.read("VN").unwrap().list.unwrap().sequence, 9);
    // A pin that was ended does not come back.
    let before = pins.read("VN").unwrap();
    pins.unpin("VN").unwrap();
    assert!(matches!(pins.renew(&before, &[], &newer(10), later), Err(PinError::NotPinned(_))));
    assert!(matches!(pins.rotate(&before, &[]), Err(PinError::NotPinned(_))));
    assert_eq!(pins.load().unwrap(), []);
}
