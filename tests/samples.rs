//! Every page with its samples: what the page tests and the browser tests render.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use testamur::accreditation::{Change, Entry, Grant, Scope, Standing};
use testamur::credential::id::CredentialId;
use testamur::credential::summary::{Summary, summarize};
use testamur::credential::validity::{Day, Stamp};
use testamur::did::Did;
use testamur::pages::{self, CredentialPage, Links, Locale, Reader, Visit};
use testamur::recognition::worth::{self, Offer, Statement, Term, Worth};
use testamur::recognition::{Kind, Met};
use testamur::report::{Figures, Question};
use testamur::statistics::{Row, Table, definitions};
use testamur::text::{LangTag, LocalizedText};
use testamur::trust::Keeper;
use testamur::trust::directory::{Directory, Row as Place, Today};
use testamur::trustlist::{KeyUse, TrustedIssuer, TrustedKey};
use testamur::verify::verdict::{
    Check, Code, Confirmation, Group, Outcome, PartnerAward, ProvedIssuer, State, Times, Verdict, state_of,
};

pub const PUBLIC_URL: &str = "https://diplomas.vn.example";

/// A page in one language.
pub struct Sample {
    /// File name without language.
    pub name: String,
    pub html: String,
}

/// A document and a verdict on it, as one of the cases a reader meets.
struct Case {
    name: &'static str,
    document: Option<&'static str>,
    published: bool,
    checks: Vec<Check>,
    issuer: Option<ProvedIssuer>,
    confirmations: Vec<Confirmation>,
    partner: Option<PartnerAward>,
    worth: Option<Worth>,
}

/// Every page × sample in one language.
pub fn pages(locale: &'static Locale) -> Vec<Sample> {
    let reader = Reader { locale, chosen: true };
    let mut out = vec![Sample { name: "home".to_owned(), html: pages::home(&visit(reader, "/")) }];
    for (code, status) in [("not-found", 404), ("erased", 410), ("json-invalid", 400), ("internal", 500)] {
        let detail = (status == 400).then_some("expected `,` or `}` at line 3 column 7 <b>\u{202e}");
        let html = pages::problem(&visit(reader, "/problems/x"), code, status, detail, Some("7f3a"));
        out.push(Sample { name: format!("problem-{code}"), html: html.unwrap_or_default() });
    }
    out.extend(directory(reader).into_iter().flatten());
    out.extend(frameworks(reader));
    out.extend(applications(reader));
    out.extend(statistics(reader).into_iter().flatten());
    out.extend(agreements(reader));
    for case in cases() {
        let verdict = case.verdict();
        let summary = case.document.map(summary);
        let id = CredentialId::from_bytes([7; 16]);
        let path = format!("/c/{id}");
        let statement = case.document.filter(|name| name.starts_with("statement")).map(members);
        let recognised = json!({
            "sourceRevoked": {"status": "revoked", "seen": "2026-11-20"},
            "statements": [{"url": statement.as_ref().map(|said| &said["id"]), "alternatives": ["prior.learning.assessment"]}],
        });
        let doubted = json!({"statements": [{
            "url": statement.as_ref().map(|said| &said["id"]),
            "doubted": {"seen": "2026-11-20", "reasons": ["accreditation.annulled"]},
        }]});
        let page = CredentialPage {
            visit: visit(reader, if case.published { &path } else { "/" }),
            verdict: &verdict,
            claims: summary.as_ref(),
            worth: case.worth.as_ref(),
            links: if case.published { Links::of(PUBLIC_URL, id) } else { Links::default() },
            statement: statement.as_ref(),
            recognised: match case.name {
                "statement-revoked" => Some(&recognised),
                "statement-doubted" => Some(&doubted),
                _ => None,
            },
            whole: case.name.ends_with("-whole"),
        };
        out.push(Sample { name: case.name.to_owned(), html: page.render() });
    }
    out
}

/// Tables: by year, by year and field with some withheld, by many, of what is not about persons, and none yet.
fn statistics(reader: Reader) -> Option<Vec<Sample>> {
    let names: BTreeMap<String, LocalizedText> = [
        (
            "ha-noi",
            names(&[
                ("vi", "Trường Cao đẳng Kỹ thuật Công nghiệp Mẫu Hà Nội"),
                ("en", "Hanoi Sample College"),
            ]),
        ),
        ("vientiane", names(&[("lo", "ວິທະຍາໄລເຕັກນິກຕົວຢ່າງ"), ("en", "Sample Technical College")])),
    ]
    .map(|(slug, names)| (slug.to_owned(), names))
    .into();
    let sample = |name: &str, subject: &str, by: &[&'static str], rows: &[(&[&str], u64)]| {
        let subject = definitions().subject(subject)?;
        let row = |(values, count): &(&[&str], u64)| Row {
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            count: *count,
        };
        let table = Table {
            by: by.to_vec(),
            rows: rows.iter().map(row).collect(),
            total: rows.iter().map(|(_, count)| count).sum(),
        };
        let question = Question { subject, by: Vec::new(), only: Vec::new() };
        let as_of = if rows.is_empty() { None } else { "2026-11-22T08:01:00Z".parse().ok() };
        let figures = Figures { question, table, as_of, exact: name.ends_with("-exact"), within: None };
        let here = visit(reader, "/statistics");
        Some(Sample { name: name.to_owned(), html: pages::statistics(&here, &figures, &names) })
    };
    let years: Vec<(String, u64)> =
        (2014..2027).map(|year| (year.to_string(), 400 + (year % 7) * 130)).collect();
    let values: Vec<[&str; 1]> = years.iter().map(|(year, _)| [year.as_str()]).collect();
    let by_year: Vec<(&[&str], u64)> =
        values.iter().zip(&years).map(|(year, (_, n))| (&year[..], *n)).collect();
    let mut parts: Vec<(&[&str], u64)> = Vec::new();
    for year in ["2022", "2023", "2024", "2025", "2026"] {
        let own: &'static [[&str; 2]] = match year {
            "2022" => &[["2022", "07"], ["2022", "10"], ["2022", "withheld"]],
            "2023" => &[["2023", "07"], ["2023", "06"], ["2023", "withheld"]],
            "2024" => &[["2024", "07"], ["2024", "08"], ["2024", "10"]],
            "2025" => &[["2025", "07"], ["2025", "06"], ["2025", "01"]],
            _ => &[["2026", "07"], ["2026", "06"], ["2026", "09"], ["2026", "04"], ["2026", "withheld"]],
        };
        let each = own.iter().zip([211, 97, 41, 33, 7]);
        parts.extend(
            each.map(|(values, count)| (&values[..], if values[1] == "withheld" { 9 } else { count })),
        );
    }
    let many: &[(&[&str], u64)] = &[
        (&["ha-noi", "diploma", "female", "07"], 28),
        (&["ha-noi", "diploma", "male", "07"], 211),
        (&["ha-noi", "diploma", "not-stated", "withheld"], 6),
        (&["ha-noi", "micro-credential", "female", "01"], 150),
        (&["vientiane", "skill-certificate", "withheld", "10"], 8),
        (&["vientiane", "workplace-learning", "female", "08"], 61),
    ];
    let agreements: &[(&[&str], u64)] = &[
        (&["institution", "in-force"], 121),
        (&["ministry", "in-force"], 5),
        (&["training-contract", "expired"], 17),
        (&["treaty", "signed"], 2),
    ];
    let recognitions: &[(&[&str], u64)] = &[
        (&["LA", "VN", "RECOGNISED_AUTOMATIC"], 94),
        (&["LA", "VN", "NOT_RECOGNISED"], 5),
        (&["VN", "LA", "RECOGNISED_CONDITIONAL"], 12),
        (&["VN", "withheld", "withheld"], 5),
    ];
    Some(vec![
        sample("statistics", "awards", &["year"], &by_year)?,
        sample("statistics-parts", "awards", &["year", "field"], &parts)?,
        sample("statistics-many", "awards", &["institution", "kind", "sex", "field"], many)?,
        sample("statistics-exact", "withdrawals", &["event", "year"], &[(&["revoked", "2026"], 1)])?,
        sample("statistics-agreements", "agreements", &["kind", "state"], agreements)?,
        sample("statistics-recognitions", "recognitions", &["receiving", "origin", "verdict"], recognitions)?,
        sample("statistics-nothing", "awards", &["year"], &[])?,
    ])
}

/// The registry of agreements: a consortium of many, one with scopes and a history, and all in numbers.
#[expect(clippy::unwrap_used, reason = "a fixture that does not read should stop the samples")]
fn agreements(reader: Reader) -> Vec<Sample> {
    use testamur::agree::{list::Filter, report::report};
    use testamur::registry::agreements::Agreements;
    let on = Day::parse("2026-11-22").unwrap();
    let kept = Agreements::of_files(&agreement_files()).unwrap();
    let names = serde_json::from_value(json!({
        "en": "Ministry of Education (sample)", "vi": "Bộ Giáo dục và Đào tạo (ví dụ)", "lo": "ກະຊວງສຶກສາທິການ (ຕົວຢ່າງ)",
    }));
    let names = names.unwrap();
    let one = |name: &str, id: &str| {
        let path = format!("/agreements/{id}");
        let html = pages::agreement(&visit(reader, &path), &kept, kept.get(id).unwrap(), &names, on);
        Sample { name: name.to_owned(), html }
    };
    let (all, none) = (Filter::default(), Filter { countries: vec!["ZW".to_owned()], ..Filter::default() });
    let list = |name: &str, filter: &Filter, number: usize| {
        let found = pages::Found { agreements: &kept, filter, on };
        Sample {
            name: name.to_owned(),
            html: pages::agreements(&visit(reader, "/agreements"), &found, number),
        }
    };
    let there = visit(reader, "/agreements/report");
    vec![
        list("agreements", &all, 2),
        list("agreements-none", &none, 1),
        one("agreement", "VN-LA-2026"),
        one("agreement-paper", "CN-KH-2024-001"),
        one("agreement-hostile", "HOSTILE-1"),
        Sample {
            name: "agreements-report".to_owned(),
            html: pages::agreement_report(&there, &report(&kept, on), on),
        },
        Sample {
            name: "agreements-report-empty".to_owned(),
            html: pages::agreement_report(&there, &report(&Agreements::default(), on), on),
        },
    ]
}

#[expect(clippy::unwrap_used, reason = "a fixture that does not read should stop the samples")]
fn agreement_files() -> Vec<testamur::store::Filing> {
    use testamur::store::{Filing, Register};
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/agreements/consortium.json");
    let batch = testamur::recognition::import::parse(&std::fs::read(folder).unwrap()).unwrap();
    let signed =
        |since: &str| json!({"state": "signed", "since": since, "recordedAt": "2026-08-20T02:00:00Z"});
    let filing = |register: Register, id: &str, body: Value| Filing {
        institution: testamur::institution::Slug::parse("moet").unwrap(),
        register,
        id: id.to_owned(),
        version: 1,
        at: "2026-08-20T02:00:00Z".parse().unwrap(),
        actor: "registrar".to_owned(),
        body: Some(body.to_string().into_bytes()),
    };
    let mut files: Vec<Filing> = batch
        .agreements
        .iter()
        .map(|row| {
            let terms = row.of.draft.terms();
            let since = terms["signedOn"].as_str().unwrap();
            let body = json!({"agreement": terms, "history": [signed(since)]});
            filing(Register::Agreement, terms["agreementId"].as_str().unwrap(), body)
        })
        .collect();
    files
        .extend(batch.activities.iter().map(|row| filing(Register::Activity, &row.of.id, row.of.to_value())));
    let party =
        |did: &str, territory: &str, name: &str| json!({"id": did, "territory": territory, "name": name});
    let scope = |origin: &str, receiving: &str, from: &str, to: &str| {
        json!({
            "origin": origin, "receiving": receiving, "framework": from, "levelMin": 5, "levelMax": 5,
            "types": ["diploma"], "purposes": ["further-study", "employment-unregulated"], "automatic": true,
            "target": format!("{to}:5"), "conditions": [
                {"field": "notionalHours", "op": "ge", "value": 2000},
                {"field": "mode", "op": "in", "value": ["in-person", "hybrid"]},
            ],
        })
    };
    let proof = |did: &str| json!({"verificationMethod": format!("{did}#z6Mk")});
    let (moet, moes) =
        ("did:web:trust.vn.example:institutions:moet", "did:web:trust.la.example:institutions:moes");
    let treaty = json!({
        "agreementId": "VN-LA-2026", "name": "Agreement VN–LA on comparable vocational qualifications (sample)",
        "kind": "ministry", "signedOn": "2026-08-15", "effectiveFrom": "2026-10-01", "effectiveTo": "2031-09-30",
        "party": [party(moet, "VN", "Bộ Giáo dục và Đào tạo (ví dụ)"), party(moes, "LA", "ກະຊວງສຶກສາທິການ ແລະ ກິລາ (ຕົວຢ່າງ)")],
        "scope": [scope("VN", "LA", "VQF", "LNQF"), scope("LA", "VN", "LNQF", "VQF")], "languages": ["vi", "lo", "en"],
    });
    let suspended = json!({
        "state": "suspended", "since": "2026-11-10", "recordedAt": "2026-11-10T02:00:00Z",
        "reason": "Both ministries look at the level tables again (exchange of notes, sample)",
    });
    let body = json!({
        "agreement": treaty, "history": [signed("2026-08-15"), suspended], "signed": {"proof": [proof(moet), proof(moes)]},
    });
    files.push(filing(Register::Agreement, "VN-LA-2026", body));
    let evil = "<script>alert(1)</script>\u{202e}{{ 7*7 }}";
    let hostile = json!({
        "agreementId": "HOSTILE-1", "name": evil, "kind": "institution", "effectiveFrom": "2026-01-01",
        "party": [party("https://a.example/%22%3E", "VN", evil), party("did:web:b.example", "LA", &"x".repeat(4_000))],
        "languages": [evil], "instrument": {"title": evil, "url": "javascript:alert(1)", "digestMultibase": evil},
        "scope": [{"origin": "VN", "receiving": "LA", "profession": evil, "targetTitle": evil,
            "conditions": [{"field": "mode", "op": "eq", "value": evil}]}],
    });
    let body = json!({"agreement": hostile, "history": [signed("2026-01-01")], "supersededBy": evil});
    files.push(filing(Register::Agreement, "HOSTILE-1", body));
    files
}

/// Ladders: those shown at first, a published table beside a system without levels.
fn frameworks(reader: Reader) -> Vec<Sample> {
    let of = |ids: &[&str]| ids.iter().filter_map(|id| testamur::framework::by_id(id)).collect::<Vec<_>>();
    let page = |name: &str, ids: &[&str]| Sample {
        name: name.to_owned(),
        html: pages::frameworks(&visit(reader, "/frameworks"), &of(ids)),
    };
    vec![
        page("frameworks", &[]),
        page("frameworks-published", &["HKQF", "NZQCF"]),
        page("frameworks-many", &["VQF", "MQF", "CN-VET", "KKNI", "AQF"]),
    ]
}

/// The directory: a few institutions, so many that they are paged, none; and the pages of some.
fn directory(reader: Reader) -> Option<Vec<Sample>> {
    let sample = |name: &str, html| Sample { name: name.to_owned(), html };
    let row = |number: usize, names_of: &[(&str, &str)], place, today| {
        let territory = if number % 3 == 2 { "LA" } else { "VN" };
        let did = Did::parse(&format!("did:web:diplomas.example:institutions:truong-{number}")).ok()?;
        Some(Place::new(did, territory, names(names_of), Some(format!("CDD{number:04}")), place, today))
    };
    let hostile = "<script>alert('map')</script>\u{202e}\"><a href=x>";
    let few = vec![
        row(
            0,
            &[
                ("vi", "Trường Cao đẳng Kỹ thuật Công nghiệp Mẫu"),
                ("en", "Sample College of Industrial Technology"),
            ],
            Some((18.67, 105.69)),
            Today::Accredited,
        ),
        row(1, &[("vi", "Trường Trung cấp nghề Cũ Mẫu")], Some((18.34, 105.9)), Today::Closed),
        row(
            2,
            &[("lo", "ວິທະຍາໄລເຕັກນິກຕົວຢ່າງ"), ("en", "Sample Technical College")],
            Some((17.97, 102.6)),
            Today::TeachOut,
        ),
        row(3, &[("vi", "Trung tâm Đào tạo Cũ Mẫu")], Some((10.78, 106.7)), Today::Ended),
        row(4, &[("vi", "Công ty Cơ khí Mẫu")], None, Today::Never),
        row(6, &[("en", hostile)], Some((21.03, 105.85)), Today::Suspended),
    ];
    let many = (0..500).map(|number| {
        let place = (9.0 + (number % 31) as f64 * 0.45, 103.0 + (number % 29) as f64 * 0.2);
        let name = format!("Trường Cao đẳng nghề số {number} tỉnh Nghệ An và vùng Bắc Trung Bộ");
        row(number, &[("vi", name.as_str())], Some(place), Today::Accredited)
    });
    let (few, many) =
        (Directory::new(few.into_iter().flatten().collect()), Directory::new(many.flatten().collect()));
    let here = visit(reader, "/directory");
    let mut out = vec![
        sample("directory", pages::directory(&here, &few, "", 1)),
        sample("directory-found", pages::directory(&here, &few, "truong ky thuat", 1)),
        sample("directory-many", pages::directory(&here, &many, "", 2)),
        sample("directory-empty", pages::directory(&here, &Directory::default(), hostile, 9)),
    ];
    let did = "did:web:diplomas.example:institutions:truong-1";
    let path = pages::institution_path("VN", did);
    for (name, title) in [("institution", "Trường Trung cấp nghề Cũ Mẫu"), ("institution-hostile", hostile)]
    {
        let issuer = closed_school(did, title)?;
        let listed = pages::Listed {
            issuer: &issuer,
            territory: "VN",
            sequence: 42,
            issued_at: "2026-11-20T00:00:00Z".parse().ok()?,
            today: Today::Closed,
            keeper: Some(Keeper {
                id: did.to_owned(),
                name: Some(names(&[("vi", title)])),
                since: "2025-07-01".to_owned(),
            }),
        };
        out.push(sample(name, pages::institution(&visit(reader, &path), &listed)));
    }
    Some(out)
}

/// A closed school as its list tells of it.
fn closed_school(did: &str, title: &str) -> Option<TrustedIssuer> {
    let day = |text: &str| Day::parse(text).ok();
    let key = |key_use, not_after: Option<&str>, compromised: Option<&str>| TrustedKey {
        id: format!("{did}#z6MkurBz5636ME9ZKSmWtd9dWQZt6oEy1DGW7ogxQUcuZTiM"),
        key_use,
        not_before: "2024-08-01T00:00:00Z".parse().unwrap_or_default(),
        not_after: not_after.and_then(|at| at.parse().ok()),
        compromised_since: compromised.and_then(|at| at.parse().ok()),
    };
    let recorded_at = Stamp::parse("2026-01-05T02:00:00Z").ok();
    let entry = |change, since: &str| Some(Entry { change, since: day(since)?, recorded_at });
    Some(TrustedIssuer {
        did: Did::parse(did).ok()?,
        names: names(&[("vi", title), ("en", "Former Sample Vocational School")]),
        code: Some("TCD0000".to_owned()),
        location: Some((18.34, 105.9)),
        logged_since: Some("2026-01-01T00:00:00Z".parse().ok()?),
        keys: vec![
            key(KeyUse::Award, Some("2026-03-01T00:00:00Z"), Some("2026-02-20T00:00:00Z")),
            key(KeyUse::Status, None, None),
        ],
        archived: None,
        grants: vec![Grant {
            id: "urn:uuid:ae115acd-aa09-4981-924d-0403c7865416".to_owned(),
            decision_number: Some(format!("00/2019/{title}")),
            from: day("2019-01-01")?,
            to: day("2029-07-31"),
            scopes: vec![Scope {
                framework: Some("VQF".to_owned()),
                level_min: Some(4),
                level_max: Some(5),
                isced_prefixes: vec!["071".to_owned()],
                types: vec!["diploma".to_owned(), "transcript".to_owned()],
                ..Scope::default()
            }],
            history: vec![
                entry(Change::To(Standing::Granted), "2019-01-01")?,
                entry(Change::To(Standing::TeachOut), "2024-09-01")?,
                entry(Change::To(Standing::Suspended), "2025-02-01")?,
                entry(Change::To(Standing::Withdrawn), "2025-07-01")?,
                entry(Change::Annulled { effective: day("2023-01-01")? }, "2025-08-01")?,
            ],
            accreditation: Some("https://trust.vn.example/c/37yb971n84pdmceeda19k2pe3e".to_owned()),
        }],
        successor: None,
    })
}

/// A visit to this path in the samples' service.
pub fn visit(reader: Reader, path: &str) -> Visit<'_> {
    Visit { reader, public_url: PUBLIC_URL, path }
}

/// The QR symbols the pages link to, by path.
pub fn symbols() -> Vec<(String, String)> {
    let id = CredentialId::from_bytes([7; 16]);
    let text = format!("{PUBLIC_URL}/c/{id}").to_ascii_uppercase();
    let svg = pages::qr::svg(&text, "QR").unwrap_or_default();
    vec![(format!("/c/{id}/qr.svg"), svg)]
}

fn document(name: &str) -> &'static str {
    match name {
        "diploma-vn" => include_str!("../fixtures/pages/diploma-vn.json"),
        "diploma-la" => include_str!("../fixtures/pages/diploma-la.json"),
        "joint-award-cn" => include_str!("../fixtures/pages/joint-award-cn.json"),
        "transcript-vn" | "transcript-vn-60" | "transcript-vn-400" => {
            include_str!("../fixtures/pages/transcript-vn.json")
        }
        "micro-credential-vn" => include_str!("../fixtures/pages/micro-credential-vn.json"),
        "skill-certificate-vn" => include_str!("../fixtures/pages/skill-certificate-vn.json"),
        "statement-la" => include_str!("../fixtures/pages/statement-la.json"),
        "workplace-vn" => include_str!("../fixtures/pages/workplace-vn.json"),
        _ => include_str!("../fixtures/pages/hostile.json"),
    }
}

fn members(name: &'static str) -> Map<String, Value> {
    serde_json::from_str(document(name)).unwrap_or_default()
}

/// The form for an application, and applications as their applicants see them.
fn applications(reader: Reader) -> Vec<Sample> {
    let authority = (
        "LA".to_owned(),
        names(&[("lo", "ສູນຂໍ້ມູນການຮັບຮອງຄຸນວຸດທິ (ຕົວຢ່າງ)"), ("en", "Recognition Centre (sample)")]),
    );
    let sample = |name: &str, html| Sample { name: name.to_owned(), html };
    let form = pages::apply(&visit(reader, "/applications"), &[authority], "uAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let none = pages::apply(&visit(reader, "/applications"), &[], "");
    let fact = |value: Value, source: &str| json!({"value": value, "source": source});
    let told = json!({
        "state": "proposed", "deadline": "2027-01-21", "purpose": "further-study",
        "facts": {
            "verification": fact(json!("valid"), "verifier"), "status": fact(json!("good"), "verifier"),
            "issuer": fact(json!("did:web:diplomas.vn.example:institutions:cdktcn-mau"), "verifier"),
            "country": fact(json!("VN"), "trust-list:VN"), "title": fact(json!("Bằng tốt nghiệp cao đẳng – Hàn"), "credential"),
            "framework": fact(json!("VQF"), "credential"), "level": fact(json!(5), "credential"),
            "awardDate": fact(json!("2026-06-30"), "credential"), "notionalHours": fact(json!(2760), "credential"),
            "registeredOn": fact(json!("2026-07-03"), "log:log.vn.example/2026"), "mode": fact(json!("in-person"), "credential"),
            "isced": fact(json!("0715"), "credential"),
        },
        "events": [{"at": "2026-11-22T08:00:00Z", "what": "received"}],
    });
    let page = |name: &str, change: fn(&mut Value)| {
        let mut told = told.clone();
        change(&mut told);
        let Value::Object(told) = told else { return sample(name, String::new()) };
        let (id, key) = ("2p7spqkycfkh75a0427c7jzk3k", "uK3yK3yK3yK3yK3yK3yK3yK3yK3yK3y");
        let path = format!("/applications/{id}?key={key}");
        sample(name, pages::application(&visit(reader, &path), &pages::Standing { id, key, told: &told }))
    };
    vec![
        sample("apply", form),
        sample("apply-none", none),
        page("application-waits", |_| {}),
        page("application-refused", |told| {
            told["state"] = json!("decided");
            told["decision"] = json!({
                "verdict": "NOT_RECOGNISED", "reasons": ["accredited.on.award.date", "condition.failed:notionalHours",
                "workload.substantial.difference", "officer.decision", "a.new.code:<b>"], "number": "REC-2026-000031", "date": "2026-12-10",
                "alternatives": ["partial.recognition", "compensation.measures", "credit:60"],
                "overridden": "Chương trình <b>thiếu</b> 900 giờ\u{202e}", "statement": "https://trust.la.example/c/2p7spqkycfkh75a0427c7jzk3k",
            });
            told["events"] = json!([{"at": "2026-11-22T08:00:00Z", "what": "received"}, {"at": "2026-12-10T08:00:00Z", "what": "decided"}]);
        }),
        page("application-reopened", |told| {
            told["state"] = json!("reopened");
            told["sourceRevoked"] = json!({"status": "revoked", "seen": "2026-12-20"});
            told["decision"] = json!({"verdict": "RECOGNISED_AUTOMATIC", "reasons": ["accredited.on.award.date", "auto.agreement:VN-LA-SAMPLE-2026"],
                "level": "LNQF:5", "number": "REC-2026-000031", "date": "2026-11-22", "statement": "https://trust.la.example/c/2p7spqkycfkh75a0427c7jzk3k"});
        }),
    ]
}

fn summary(name: &'static str) -> Summary {
    let mut json: Value = serde_json::from_str(document(name)).unwrap_or_default();
    if let Some(count) = name.strip_prefix("transcript-vn-").and_then(|count| count.parse().ok()) {
        lengthen(&mut json, count);
    }
    match json {
        Value::Object(members) => summarize(&members),
        _ => summarize(&serde_json::Map::new()),
    }
}

/// The transcript with that many courses.
fn lengthen(transcript: &mut Value, count: usize) {
    let courses = &mut transcript["credentialSubject"]["verifiableCredential"];
    let few = courses.as_array().cloned().unwrap_or_default();
    let many = (0..count).zip(few.iter().cycle()).map(|(number, course)| {
        let mut course = course.clone();
        let name = format!("{} {}", course["name"].as_str().unwrap_or_default(), number + 1);
        course["name"] = name.clone().into();
        course["credentialSubject"]["achievement"]["name"] = name.into();
        course["credentialSubject"]["achievement"]["humanCode"] = format!("MĐ{:03}", number + 1).into();
        course
    });
    *courses = many.collect();
}

impl Case {
    fn new(name: &'static str, document: &'static str, checks: Vec<Check>, issuer: ProvedIssuer) -> Self {
        Self {
            name,
            document: Some(document),
            published: true,
            checks,
            issuer: Some(issuer),
            confirmations: vec![],
            partner: None,
            worth: None,
        }
    }

    fn brought(self) -> Self {
        Self { published: false, ..self }
    }

    fn nothing(name: &'static str, checks: Vec<Check>) -> Self {
        Self {
            name,
            document: None,
            published: false,
            checks,
            issuer: None,
            confirmations: vec![],
            partner: None,
            worth: None,
        }
    }

    fn verdict(&self) -> Verdict {
        let state = state_of(&self.checks);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let json: Value =
            self.document.and_then(|name| serde_json::from_str(document(name)).ok()).unwrap_or_default();
        Verdict {
            verified: self
                .checks
                .iter()
                .all(|check| check.code.group() == Group::Trust || check.code.outcome() == Outcome::Pass),
            state,
            checks: self.checks.clone(),
            issuer: self.issuer.clone(),
            co_signers: vec![],
            confirmations: self.confirmations.clone(),
            partner_award: self.partner.clone().map(Box::new),
            times: Times {
                checked: jiff::Timestamp::constant(1_795_338_180, 0),
                signed: text(&json["proof"]["created"]),
                awarded: text(&json["awardedDate"]),
                valid_from: text(&json["validFrom"]),
                valid_until: text(&json["validUntil"]),
                status_as_of: Some("2026-11-22T08:55:00Z".to_owned()),
                trust_list_as_of: self
                    .issuer
                    .as_ref()
                    .filter(|issuer| issuer.vouched_by.as_deref() == Some("trust-list"))
                    .map(|_| "2026-11-20T00:00:00Z".to_owned()),
            },
            log: None,
            verifiable_credential: None,
        }
    }
}

/// What an award is worth in a country; in Laos, agreements of every sort and statements.
fn worth(
    name: &'static str,
    document: &'static str,
    issuer: ProvedIssuer,
    facts: Value,
    country: Option<&str>,
) -> Case {
    let mut worth = worth::levels(facts.as_object().unwrap_or(&serde_json::Map::new()), country);
    if country == Some("LA") {
        let offer = |agreement: &str, kind| Offer {
            agreement: agreement.to_owned(),
            name: None,
            kind,
            from: "2026-10-01".to_owned(),
            to: None,
            signed: false,
            keeper: "did:web:trust.la.example:institutions:moes".to_owned(),
            list: None,
            automatic: false,
            level: None,
            title: None,
            purposes: vec![],
            profession: None,
            conditions: vec![],
        };
        let term = |field: &str, op, value, met| Term { field: field.to_owned(), op, value, met };
        worth.agreements = vec![
            Offer {
                to: Some("2031-09-30".to_owned()),
                signed: true,
                automatic: true,
                level: Some("LNQF:5".to_owned()),
                title: Some("ປະກາສະນີຍະບັດວິຊາຊີບຊັ້ນສູງ".to_owned()),
                purposes: vec!["further-study", "employment-unregulated"],
                conditions: vec![
                    term("notionalHours", "ge", json!(2000), Met::Yes),
                    term("mode", "in", json!(["in-person", "hybrid"]), Met::Unknown),
                    term("<i>campus</i>", "ne", json!("<b>x</b>"), Met::No),
                ],
                ..offer("VN-LA-SAMPLE-2026", Kind::Ministry)
            },
            Offer {
                list: Some(worth::ByList {
                    territory: "LA".to_owned(),
                    sequence: 12,
                    date: "2026-11-20".to_owned(),
                }),
                level: Some("LNQF:4".to_owned()),
                purposes: vec!["employment-regulated"],
                profession: Some("welding-inspector".to_owned()),
                ..offer("A7", Kind::Treaty)
            },
            offer("SEAMEO-CN-SAMPLE-042", Kind::Institution),
        ];
        worth.statements = vec![Statement {
            url: "https://trust.la.example/c/2p7spqkycfkh75a0427c7jzk3k".to_owned(),
            verdict: "RECOGNISED_AUTOMATIC".to_owned(),
            level: Some("LNQF:5".to_owned()),
            purpose: Some("further-study".to_owned()),
            date: "2026-11-10".to_owned(),
        }];
    }
    Case { worth: Some(worth), ..Case::new(name, document, good(), issuer) }
}

/// The Chinese half of a joint award, and how its Lao half was found to stand.
fn joint(name: &'static str, check: Check, state: State) -> Case {
    let partner = "https://diplomas.la.example/c/330m9g09f4k9pdekk3wkqq3x4t";
    let endorser = Confirmation {
        id: "did:web:diplomas.la.example:institutions:vtk-tuayang".to_owned(),
        claims_to_be: Some("ວິທະຍາໄລເຕັກນິກ-ວິຊາຊີບ ຕົວຢ່າງ".to_owned()),
        outcome: Outcome::Pass,
        comment: None,
        at: Some("2026-07-04T01:00:00Z".to_owned()),
    };
    Case {
        confirmations: vec![endorser],
        partner: Some(PartnerAward {
            id: partner.to_owned(),
            state: Some(state),
            name: Some("ອະນຸປະລິນຍາວິຊາຊີບ – ເຕັກໂນໂລຊີວິສະວະກຳກໍ່ສ້າງ".to_owned()),
            issuer: Some(lao()),
        }),
        ..Case::new(name, "joint-award-cn", with(good(), check.with("partner", partner)), chinese())
    }
}

fn cases() -> Vec<Case> {
    let mut all = vec![
        Case::new("genuine-vn", "diploma-vn", good(), vietnamese()),
        Case::new("genuine-la", "diploma-la", good(), lao()),
        Case::new("statement", "statement-la", good(), lao()),
        Case::new("statement-revoked", "statement-la", good(), lao()),
        Case::new("statement-doubted", "statement-la", good(), lao()),
        Case::new("genuine-transcript", "transcript-vn", good(), vietnamese()),
        Case::new("genuine-transcript-long", "transcript-vn-60", good(), vietnamese()),
        Case::new("genuine-transcript-whole", "transcript-vn-60", good(), vietnamese()),
        Case::new("genuine-transcript-longest", "transcript-vn-400", good(), vietnamese()),
        Case::new("genuine-micro", "micro-credential-vn", good(), vietnamese()),
        Case {
            confirmations: vec![Confirmation {
                id: "did:web:partners.vn.example:institutions:co-khi-mau".to_owned(),
                claims_to_be: Some("Công ty Cơ khí Mẫu".to_owned()),
                outcome: Outcome::Pass,
                comment: Some("Doanh nghiệp xác nhận 960 giờ và kết quả đánh giá: Đạt.".to_owned()),
                at: Some("2026-05-30T03:00:00Z".to_owned()),
            }],
            ..Case::new(
                "genuine-workplace",
                "workplace-vn",
                with(good(), Check::new(Code::EndorsementValid)),
                vietnamese(),
            )
        },
        Case::new(
            "expired",
            "skill-certificate-vn",
            instead(
                Code::DatesValid,
                Check::new(Code::DatesExpired).with("until", "2031-09-14T23:59:59+07:00"),
            ),
            vietnamese(),
        ),
        Case::new(
            "not-yet",
            "diploma-la",
            instead(
                Code::DatesValid,
                Check::new(Code::DatesNotYet).with("from", "2026-12-01T08:00:00+07:00"),
            ),
            lao(),
        ),
        Case::new(
            "not-confirmed",
            "workplace-vn",
            with(good(), Check::new(Code::EnterpriseNotConfirmed)),
            vietnamese(),
        ),
        Case::new(
            "revoked",
            "diploma-vn",
            instead(
                Code::StatusActive,
                Check::new(Code::StatusRevoked)
                    .with("since", "2026-08-03T09:00:00+07:00")
                    .with("reason", "Quyết định 301/QĐ-CĐKTCN: cấp nhầm văn bằng"),
            ),
            vietnamese(),
        ),
        Case::new(
            "suspended",
            "diploma-la",
            instead(
                Code::StatusActive,
                Check::new(Code::StatusSuspended).with("since", "2026-10-01T09:00:00+07:00"),
            ),
            lao(),
        ),
        Case::new(
            "replaced",
            "diploma-vn",
            instead(
                Code::StatusActive,
                Check::new(Code::StatusReplaced)
                    .with("since", "2026-08-20T09:00:00+07:00")
                    .with("successor", "https://diplomas.vn.example/c/6zdk0vjvwwztf7cy85c0jd2v9j"),
            ),
            vietnamese(),
        ),
        worth(
            "worth",
            "diploma-vn",
            vietnamese(),
            json!({"country": "VN", "framework": "VQF", "level": 5}),
            Some("LA"),
        ),
        worth(
            "worth-through",
            "diploma-vn",
            vietnamese(),
            json!({"country": "VN", "framework": "VQF", "level": 5}),
            Some("MY"),
        ),
        worth(
            "worth-published",
            "diploma-vn",
            vietnamese(),
            json!({"country": "NZ", "framework": "NZQCF", "level": 4}),
            Some("HK"),
        ),
        worth(
            "worth-nowhere",
            "diploma-la",
            lao(),
            json!({"country": "LA", "framework": "LNQF", "level": 5}),
            None,
        ),
        worth("worth-no-level", "joint-award-cn", chinese(), json!({"country": "CN"}), Some("LA")),
        worth(
            "genuine-transcript-worth",
            "transcript-vn-60",
            vietnamese(),
            json!({"country": "VN"}),
            Some("LA"),
        ),
        joint("joint", Check::new(Code::PartnerConfirmed), State::Genuine),
        joint("partner-revoked", Check::new(Code::PartnerRevoked), State::Withdrawn),
        joint("partner-claimed", Check::new(Code::PartnerClaimed), State::NotGenuine),
        Case::new(
            "not-listed",
            "joint-award-cn",
            instead(
                Code::IssuerListed,
                Check::new(Code::IssuerNotListed)
                    .with("issuer", "did:web:diplomas.cn.example:institutions:gzsl"),
            ),
            chinese(),
        )
        .brought(),
        Case::new(
            "status-unreachable",
            "diploma-la",
            instead(
                Code::StatusActive,
                Check::new(Code::StatusUnreachable)
                    .with("url", "https://diplomas.la.example/institutions/vtk-tuayang/status/revocation/1")
                    .with("problem", "timed out after 3 s"),
            ),
            lao(),
        )
        .brought(),
        Case::new(
            "not-bound",
            "diploma-vn",
            instead(
                Code::IssuerBound,
                Check::new(Code::IssuerNotBound)
                    .with("issuer", "did:web:diplomas.vn.example:institutions:cdktcn-mau")
                    .with("controller", "did:key:z6MkhxTVtKvojDtEEZaw2NYjStoDaUEnYj8skzetFbafi5Tt"),
            ),
            unknown(),
        )
        .brought(),
        Case::new(
            "accreditation-lost",
            "diploma-vn",
            with(listed(), Check::new(Code::AccreditationWithdrawnLater)),
            on_a_list(),
        )
        .brought(),
        Case::new(
            "not-accredited",
            "diploma-vn",
            with(listed(), Check::new(Code::AccreditationNotInForce)),
            on_a_list(),
        )
        .brought(),
        Case::nothing(
            "tampered",
            vec![
                Check::new(Code::FormValid),
                Check::new(Code::ProofInvalid)
                    .with("pointer", "/proof")
                    .with("problem", "signature does not verify"),
            ],
        ),
        Case::nothing(
            "unparseable",
            vec![
                Check::new(Code::FormInvalid)
                    .with("pointer", "")
                    .with("problem", "expected value at line 1 column 1"),
            ],
        ),
        Case::new("hostile", "hostile", hostile_checks(), hostile_issuer()),
    ];
    // Every code there is, so that its words are seen on a page once.
    let every = testamur::verify::verdict::CODES.iter();
    all.push(Case::new(
        "every-check",
        "diploma-vn",
        every.map(|(code, ..)| Check::new(*code)).collect(),
        vietnamese(),
    ));
    all
}

fn good() -> Vec<Check> {
    vec![
        Check::new(Code::FormValid),
        Check::new(Code::ProofValid).with("suites", "eddsa-rdfc-2022"),
        Check::new(Code::IssuerBound),
        Check::new(Code::DatesValid),
        Check::new(Code::StatusActive).with("as_of", "2026-11-22T08:55:00Z"),
        Check::new(Code::IssuerListed).with("by", "this-service"),
    ]
}

fn with(mut checks: Vec<Check>, check: Check) -> Vec<Check> {
    checks.push(check);
    checks
}

fn instead(code: Code, check: Check) -> Vec<Check> {
    good().into_iter().map(|known| if known.code == code { check.clone() } else { known }).collect()
}

fn hostile_checks() -> Vec<Check> {
    instead(
        Code::StatusActive,
        Check::new(Code::StatusRevoked)
            .with("since", "<script>alert(6)</script>")
            .with("reason", "</p><script>alert('reason')</script>\u{202e}"),
    )
}

fn names(pairs: &[(&str, &str)]) -> LocalizedText {
    let pair = |(tag, text): &(&str, &str)| Some((LangTag::parse(tag).ok()?, (*text).to_owned()));
    pairs.iter().filter_map(pair).collect()
}

fn issuer(id: &str, names_of: &[(&str, &str)], country: &str, contact: &str) -> ProvedIssuer {
    ProvedIssuer {
        id: id.to_owned(),
        name: Some(names(names_of)),
        country: Some(country.to_owned()),
        vouched_by: Some("this-service".to_owned()),
        contact: Some(contact.to_owned()),
        kept_by: None,
        claims_to_be: None,
    }
}

fn vietnamese() -> ProvedIssuer {
    issuer(
        "did:web:diplomas.vn.example:institutions:cdktcn-mau",
        &[
            ("vi", "Trường Cao đẳng Kỹ thuật Công nghiệp Mẫu"),
            ("en", "Sample College of Industrial Technology"),
        ],
        "VN",
        "vanbang@cdktcn-mau.vn.example",
    )
}

fn on_a_list() -> ProvedIssuer {
    ProvedIssuer { vouched_by: Some("trust-list".to_owned()), contact: None, ..vietnamese() }
}

fn listed() -> Vec<Check> {
    let check = Check::new(Code::IssuerListed).with("by", "trust-list").with("territory", "VN");
    instead(Code::IssuerListed, check.with("sequence", "42").with("as_of", "2026-11-20T00:00:00Z"))
}

fn lao() -> ProvedIssuer {
    issuer(
        "did:web:diplomas.la.example:institutions:vtk-tuayang",
        &[("lo", "ວິທະຍາໄລເຕັກນິກ-ວິຊາຊີບ ຕົວຢ່າງ"), ("en", "Sample Technical-Vocational College")],
        "LA",
        "+856 21 000 000",
    )
}

fn chinese() -> ProvedIssuer {
    ProvedIssuer {
        name: None,
        vouched_by: None,
        country: None,
        contact: None,
        claims_to_be: Some("贵州示例建设职业技术学院".to_owned()),
        ..issuer("did:web:diplomas.cn.example:institutions:gzsl", &[], "", "")
    }
}

fn unknown() -> ProvedIssuer {
    ProvedIssuer {
        id: "did:key:z6MkhxTVtKvojDtEEZaw2NYjStoDaUEnYj8skzetFbafi5Tt".to_owned(),
        claims_to_be: Some("Trường Cao đẳng Kỹ thuật Công nghiệp Mẫu".to_owned()),
        ..chinese()
    }
}

fn hostile_issuer() -> ProvedIssuer {
    ProvedIssuer {
        vouched_by: Some("<script>alert(7)</script>".to_owned()),
        country: Some("\"><b>".to_owned()),
        contact: Some("javascript:alert(8)".to_owned()),
        ..issuer(
            "did:web:h.example%3A8443:institutions:x",
            &[("en", "P\u{430}ypal \u{202e}College <img src=x>")],
            "",
            "",
        )
    }
}
