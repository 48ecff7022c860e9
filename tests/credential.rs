//! Drafts and worked examples: the form, the kinds, what is filled in, what people are told.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Map, Value};
use testamur::credential::draft::Filling;
use testamur::credential::endorsement::Endorsed;
use testamur::credential::kinds::{By, Class, KINDS};
use testamur::credential::summary::{self, LABELS, summarize};
use testamur::credential::{Credential, Draft, Problem, form, resource};

/// The fixtures of this repository.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The worked examples beside the checkout, or `None` with a word on stderr.
fn examples() -> Option<PathBuf> {
    crate::shared::path("examples")
}

/// Every JSON file of a folder, by name.
pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut out: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    out.sort();
    assert!(!out.is_empty(), "{}", folder.display());
    out
}

/// A draft as the service fills it in, its courses with it.
pub fn filled(mut draft: Draft) -> Draft {
    let filling = Filling {
        issuer: "did:web:diplomas.example:institutions:mau",
        issuer_names: &[("vi", "Trường Cao đẳng Mẫu"), ("en", "Sample College")],
        id: "https://diplomas.example/c/0mvs7wqp29d49tmb963atq3yhy",
        now: "2026-11-22T02:00:00Z".parse().unwrap(),
    };
    let mut number = 0;
    draft.fill_inner(&filling, || {
        number += 1;
        format!("https://diplomas.example/c/{number:026}")
    });
    draft.fill(&filling);
    draft
}

fn drafts() -> Vec<(String, Draft)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(fixtures().join("credentials")).unwrap() {
        let folder = entry.unwrap().path();
        for (name, bytes) in files(&folder) {
            let kind = folder.file_name().unwrap().to_string_lossy().into_owned();
            out.push((format!("{kind}/{name}"), Draft::parse(&bytes).unwrap()));
        }
    }
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}

#[test]
fn every_fixture_is_a_draft_of_its_kind() {
    let drafts = drafts();
    for kind in KINDS {
        for size in ["minimal", "full"] {
            assert!(
                drafts.iter().any(|(name, _)| *name == format!("{}/{size}.json", kind.name)),
                "{} {size}",
                kind.name
            );
        }
    }
    for (name, draft) in drafts {
        assert_eq!(draft.check_form(), [], "{name}");
        let draft = filled(draft);
        assert_eq!(draft.check(), [], "{name}");
        assert_eq!(name.split('/').next().unwrap(), draft.class().name(), "{name}");
        let meant = testamur::jsonld::canonicalize(draft.members(), &["proof"]);
        assert!(meant.is_ok(), "{name}: {meant:?}");
    }
}

#[test]
fn a_minimal_draft_has_nothing_to_spare() {
    // Leaving out any member of a minimal draft makes it wrong, or no longer that kind; ids of subjects apart.
    for (name, draft) in drafts()
        .into_iter()
        .filter(|(name, _)| name.ends_with("minimal.json") && !name.starts_with("generic"))
    {
        let subject = draft.members()["credentialSubject"].as_object().unwrap().clone();
        for member in draft.members().keys() {
            let mut less = draft.members().clone();
            less.shift_remove(member);
            let less = filled(Draft::from_members(less));
            assert!(
                !less.check().is_empty() || !matches!(less.class(), Class::Kind(_, By::OwnType)),
                "{name} without {member}"
            );
        }
        for member in subject.keys().filter(|member| !matches!(member.as_str(), "id" | "type")) {
            let mut less = draft.members().clone();
            less["credentialSubject"].as_object_mut().unwrap().shift_remove(member);
            assert!(!filled(Draft::from_members(less)).check().is_empty(), "{name} without {member}");
        }
    }
}

#[test]
fn the_worked_examples_are_well_formed_and_known() {
    let Some(folder) = examples() else { return };
    let expected = [
        ("01", "diploma"),
        ("02", "diploma"),
        ("03", "diploma"),
        ("04", "transcript"),
        ("05", "micro-credential"),
        ("06", "skill-certificate"),
        ("07", "workplace-learning"),
        ("17", "diploma"),
    ];
    for (name, bytes) in files(&folder) {
        if name.starts_with("12") || name == "keys.json" {
            continue;
        }
        let credential = Credential::parse(bytes).unwrap();
        assert_eq!(form::check(credential.members()), [], "{name}");
        assert_eq!(resource::unconfirmed(credential.members()), [], "{name}");
        let mut unsigned = credential.members().clone();
        unsigned.shift_remove("proof");
        match expected.iter().find(|(number, _)| name.starts_with(number)) {
            Some((_, kind)) => {
                let draft = Draft::from_members(unsigned.clone());
                assert_eq!(draft.class().name(), *kind, "{name}");
                assert_eq!(draft.check(), [], "{name}");
                assert_eq!(filled(draft).members(), &unsigned, "{name}: nothing was missing");
                assert_eq!(
                    filled(Draft::from_members(unsigned)).members().keys().collect::<Vec<_>>(),
                    credential.members().keys().filter(|member| *member != "proof").collect::<Vec<_>>(),
                    "{name}"
                );
            }
            None => assert!(matches!(Class::of(credential.members()), Class::Reserved(_)), "{name}"),
        }
    }
}

#[test]
fn the_endorsements_of_the_worked_examples_are_of_what_they_stand_on() {
    let Some(folder) = examples() else { return };
    for name in ["03-cn-la-dual-programme-diploma.json", "07-workplace-learning-dual-training.json"] {
        let credential = Credential::parse(std::fs::read(folder.join(name)).unwrap()).unwrap();
        let found = credential.view().endorsements();
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(Endorsed::of(credential.members()).check(found[0].members), Ok(()), "{name}");
    }
    let diploma = std::fs::read(folder.join("01-vn-college-diploma-welding.json")).unwrap();
    let statement =
        Credential::parse(std::fs::read(folder.join("09-recognition-statement.json")).unwrap()).unwrap();
    let source = testamur::codec::jcs::canonicalize(&serde_json::from_slice(&diploma).unwrap());
    assert_eq!(
        statement.members()["credentialSubject"]["digestMultibase"],
        testamur::crypto::digest_multibase(&source)
    );
}

/// Every leaf of a document with its pointer, the outer proof apart.
fn leaves(value: &Value, pointer: String, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (name, value) in map {
                if pointer.is_empty() && name == "proof" {
                    continue;
                }
                leaves(value, format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, format!("{pointer}/{index}"), out);
            }
        }
        Value::String(text) => out.push((pointer, text.clone())),
        other => out.push((pointer, other.to_string())),
    }
}

/// Every text a summary shows.
fn shown(summary: &summary::Summary) -> String {
    serde_json::to_string(summary).unwrap()
}

#[test]
fn nothing_signed_is_invisible() {
    let mut documents: Vec<(String, Map<String, Value>)> =
        drafts().into_iter().map(|(name, draft)| (name, filled(draft).into_members())).collect();
    if let Some(folder) = examples() {
        documents.extend(
            files(&folder)
                .into_iter()
                .filter(|(name, _)| name != "keys.json" && !name.starts_with("12"))
                .map(|(name, bytes)| (name, Credential::parse(bytes).unwrap().into_members())),
        );
    }
    for (name, document) in documents {
        let summary = summarize(&document);
        let text = shown(&summary);
        let mut all = Vec::new();
        leaves(&Value::Object(document.clone()), String::new(), &mut all);
        for (pointer, leaf) in all {
            let quoted = serde_json::to_string(&leaf).unwrap();
            // The types our labels already say are the only values a summary says in other words.
            if pointer.ends_with("/targetType") {
                continue;
            }
            assert!(text.contains(quoted.trim_matches('"')), "{name} {pointer}: {leaf}");
        }
        assert_eq!(summary.more, 0, "{name}");
        assert!(!summary.title.is_empty(), "{name}");
        for row in summary.groups.iter().flat_map(|group| &group.rows) {
            assert!(row.label.is_none_or(|label| LABELS.contains(&label)), "{name}: {row:?}");
            assert!(Value::Object(document.clone()).pointer(&row.pointer).is_some(), "{name}: {row:?}");
        }
    }
}

#[test]
fn a_summary_of_a_diploma_and_a_transcript() {
    let Some(folder) = examples() else { return };
    let read = |name: &str| Credential::parse(std::fs::read(folder.join(name)).unwrap()).unwrap();
    let diploma = summarize(read("01-vn-college-diploma-welding.json").members());
    assert_eq!(summary::best(&diploma.title, "lo").unwrap().text, "ປະກາສະນີຍະບັດວິທະຍາໄລ – ການຈອດໂລຫະ");
    assert_eq!(
        diploma.holder.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(),
        ["Nguyễn Thị Ánh Nguyệt", "NGUYEN THI ANH NGUYET"]
    );
    insta::assert_snapshot!(told(&diploma), @r"
    Holder claim-native-name: Nguyễn Thị Ánh Nguyệt
    Holder claim-latin-name: NGUYEN THI ANH NGUYET
    Holder claim-birth-date: 2004-09-17
    Holder claim-birth-place: Nghệ An
    Holder claim-nationality: VN
    Award claim-achievement-name: Bằng tốt nghiệp cao đẳng – Hàn / Bằng tốt nghiệp cao đẳng – ngành, nghề Hàn / College Diploma – Welding / ປະກາສະນີຍະບັດວິທະຍາໄລ – ການຈອດໂລຫະ / 高等职业（专科）毕业证书——焊接
    Award claim-framework-level [VQF]: 5 – Khung trình độ quốc gia Việt Nam, bậc 5
    Award claim-classification [VN-VET-PROGRAMME]: 6520123 – Hàn
    Award claim-classification [ISCED-F-2013]: 0715 – Mechanics and metal trades
    Award claim-classification [ISCO-08]: 7212 – Welders and flame cutters
    Award claim-criteria: Hoàn thành chương trình 92 tín chỉ và đạt chuẩn đầu ra bậc 5 Khung trình độ quốc gia Việt Nam.
    Award claim-achievement-type: Diploma
    Award claim-field-of-study: Hàn
    Award claim-programme-code: 6520123
    Award claim-description: Trình độ cao đẳng, ngành, nghề Hàn, hình thức chính quy.
    Award claim-qualification: https://registry.example/q/vn/6520123
    Award claim-accreditation: https://trust.vn.example/c/37yb971n84pdmceeda19k2pe3e
    Award claim-delivery-mode: in-person
    Award claim-language: vi
    Result claim-notional-hours: 2760
    Result claim-credits-available: 92
    Result claim-result [Xếp loại tốt nghiệp]: Giỏi
    Result claim-credits-earned: 92
    Paper claim-decision-number: 217/QĐ-CĐKTCN
    Paper claim-decision-date: 2026-06-30
    Paper claim-serial-number: CĐ 00012345
    Paper claim-register-number: 0457/2026/CĐ
    Paper claim-register-date: 2026-06-30
    Issuer claim-issuer-name: Trường Cao đẳng Kỹ thuật Công nghiệp Mẫu / Sample College of Industrial Technology
    Issuer claim-issuer-id: did:web:diplomas.vn.example:institutions:cdktcn-mau
    Issuer claim-country: VN
    Issuer claim-institution-code [ext:vn-vet-institution-code]: CDD0000
    Dates claim-activity-start: 2023-09-05T00:00:00+07:00
    Dates claim-activity-end: 2026-06-20T00:00:00+07:00
    Dates claim-awarded-date: 2026-06-30T00:00:00+07:00
    Dates claim-valid-from: 2026-07-03T09:00:00+07:00
    ");
    let transcript = summarize(read("04-vn-transcript-clr.json").members());
    let courses: Vec<_> = transcript
        .courses
        .iter()
        .map(|course| {
            format!(
                "{} | {} | {}",
                course.name[0].text,
                course.credits.as_deref().unwrap(),
                course.results[0].value
            )
        })
        .collect();
    assert_eq!(
        courses,
        [
            "Hàn hồ quang tay nâng cao | 6 | 8.4",
            "Hàn TIG/MIG | 5 | 8.9",
            "Thực tập tại doanh nghiệp | 8 | 9.0"
        ]
    );
}

/// The labelled rows, a line each.
fn told(summary: &summary::Summary) -> String {
    let mut out = String::new();
    for group in &summary.groups {
        for row in group.rows.iter().filter(|row| row.label.is_some()) {
            let values: Vec<_> = row.values.iter().map(|text| text.text.as_str()).collect();
            let detail = row.detail.as_deref().map(|detail| format!(" [{detail}]")).unwrap_or_default();
            out.push_str(&format!("{:?} {}{detail}: {}\n", group.id, row.label.unwrap(), values.join(" / ")));
        }
    }
    out
}

fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        "[a-z]{1,4}",
        proptest::sample::select(vec![
            "@context",
            "type",
            "id",
            "issuer",
            "credentialSubject",
            "proof",
            "endorsement",
            "verifiableCredential",
            "achievement",
            "alignment",
            "association",
            "source",
            "holderIdentity",
            "nativeName",
            "validFrom",
            "validUntil",
            "awardedDate",
            "credentialStatus",
            "relatedResource",
            "name",
            "@value",
            "identifier",
            "identityType",
            "result",
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        proptest::sample::select(vec![
            "VerifiableCredential",
            "ClrCredential",
            "OpenBadgeCredential",
            "QualificationCredential",
            "LearningRecordCredential",
            "WorkplaceLearningCredential",
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/2018/credentials/v1",
            "2026-01-01T00:00:00Z",
            "urn:a:b",
            "nationalIdentityNumber",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 80, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::vec((name.clone(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The member a problem is about exists, or the object or array that should hold it does.
fn place_exists(document: &Map<String, Value>, problem: &Problem) -> bool {
    let document = Value::Object(document.clone());
    let mut pointer = problem.pointer.as_str();
    // A missing member of a missing object is two steps away; more would be a place nobody finds.
    for _ in 0..3 {
        if document.pointer(pointer).is_some() {
            return true;
        }
        pointer = pointer.rsplit_once('/').map_or("", |(up, _)| up);
    }
    false
}

fn judge(document: &Map<String, Value>) -> Vec<Problem> {
    let draft = Draft::from_members(document.clone());
    let mut problems = draft.check_form();
    let draft = filled(draft);
    problems.extend(draft.check());
    problems.extend(draft.class().check(draft.members()));
    for problem in &problems {
        assert!(
            place_exists(draft.members(), problem),
            "{problem} in {}",
            serde_json::to_string(draft.members()).unwrap()
        );
    }
    let _ = summarize(draft.members());
    problems
}

/// Where a value stands: a way down, each step modulo what is there.
fn replace(value: &mut Value, way: &[usize], with: Value) {
    let Some((step, rest)) = way.split_first() else {
        *value = with;
        return;
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            let at = step % map.len();
            if let Some((_, inner)) = map.iter_mut().nth(at) {
                replace(inner, rest, with);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = step % items.len();
            replace(&mut items[at], rest, with);
        }
        other => *other = with,
    }
}

proptest! {
    #[test]
    fn any_json_is_judged_without_panic(value in any_json()) {
        if let Value::Object(document) = value {
            judge(&document);
            let _ = form::check_presentation(&document);
        }
    }

    #[test]
    fn a_changed_draft_is_judged_by_pointers_that_exist(
        which in 0..64_usize, way in proptest::collection::vec(0..40_usize, 1..8), with in any_json(),
    ) {
        let drafts = drafts();
        let (_, draft) = &drafts[which % drafts.len()];
        let mut document = Value::Object(draft.members().clone());
        replace(&mut document, &way, with);
        if let Value::Object(document) = document {
            judge(&document);
        }
    }
}

#[test]
fn documents_of_others_are_well_formed() {
    for folder in [
        "vectors/openbadges-3.0/ob_v3p0/examples",
        "vectors/vc-di-eddsa/TestVectors",
        "vectors/vc-di-eddsa/TestVectors/Ed25519Signature2020",
        "vectors/vc-di-eddsa/TestVectors/eddsa-jcs-2022",
        "vectors/vc-di-eddsa/TestVectors/eddsa-rdfc-2022",
        "vectors/vc-di-eddsa/TestVectors/proof-set-chain",
    ] {
        for path in crate::shared::files(folder, ".json") {
            let Ok(credential) = Credential::parse(std::fs::read(&path).unwrap()) else { continue };
            if credential.view().has_type("VerifiableCredential") {
                assert_eq!(form::check(credential.members()), [], "{}", path.display());
                assert!(!summarize(credential.members()).groups.is_empty(), "{}", path.display());
            }
        }
    }
}
