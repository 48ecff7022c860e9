//! Files of agreements: rows read alike from JSON and CSV, and every fault with its row and column.

use super::*;

const HEAD: &str = "agreementId,kind,state,signedOn,effectiveFrom,effectiveTo,party1,country1,partyName1,party2,country2,instrumentDigest,languages,scope\n";
const GOOD: &str = "CN-LA-1,institution,in-force,2023-05-01,2023-06-01,,did:web:a.example,CN,\"A, College\",did:web:b.example,LA,uEiAx,zh lo,\"[{\"\"origin\"\":\"\"CN\"\",\"\"receiving\"\":\"\"LA\"\"}]\"\n";

fn faults(text: &str) -> Vec<(usize, String)> {
    parse(text.as_bytes()).unwrap_err().into_iter().map(|fault| (fault.row, fault.column)).collect()
}

#[test]
fn a_table_reads_as_its_json_does() {
    let table = parse(format!("{HEAD}{GOOD}").as_bytes()).unwrap();
    let json = json!({"agreements": [{
        "agreementId": "CN-LA-1", "kind": "institution", "state": "in-force", "signedOn": "2023-05-01",
        "effectiveFrom": "2023-06-01", "languages": ["zh", "lo"], "instrument": {"digestMultibase": "uEiAx"},
        "party": [
            {"id": "did:web:a.example", "territory": "CN", "name": "A, College"},
            {"id": "did:web:b.example", "territory": "LA"},
        ],
        "scope": [{"origin": "CN", "receiving": "LA"}],
    }]});
    let json = parse(json.to_string().as_bytes()).unwrap();
    assert_eq!(table.agreements[0].of, json.agreements[0].of);
    assert_eq!((table.agreements[0].row, json.agreements[0].row), (2, 1));
    let activities = "activityId,agreementId,type,from,participants,amount\nX-1,CN-LA-1,equipment,2024-01-01,,120000 CNY\n";
    let activities = parse(activities.as_bytes()).unwrap().activities;
    assert_eq!(activities[0].of.amount, Some((120_000, "CNY".to_owned())));
}

#[test]
fn every_fault_has_its_row_and_column() {
    let bad = format!(
        "{HEAD}{GOOD}CN-XX-2,institution,in-force,2023-05-01,2023-13-01,,did:web:a.example,CN,,b,XX,uEiAx,,\n\
         CN-LA-3,pact,,,2023-06-01,2023-05-01,did:web:a.example,CN,,did:web:b.example,LA,,,[\n\
         {GOOD}CN-LA-5,institution,signed,,2023-06-01,,did:web:a.example,CN,,did:web:b.example,LA,,,\n"
    );
    let found = faults(&bad);
    let named = |row: usize, column: &str| found.contains(&(row, column.to_owned()));
    assert!(named(3, "effectiveFrom") && named(3, "party2") && named(3, "country2"), "{found:?}");
    assert!(named(4, "scope"), "{found:?}");
    assert!(named(5, "agreementId"), "twice: {found:?}");
    assert!(named(6, "signedOn"), "{found:?}");
    let scope = GOOD.replace("\"\"LA\"\"}]", "\"\"TH\"\"}]");
    assert_eq!(faults(&format!("{HEAD}{scope}")), [(2, "scope/0/receiving".to_owned())]);
    assert_eq!(faults("agreementId,colour\nx,red\n"), [(1, "colour".to_owned())]);
    assert_eq!(faults(&format!("{HEAD}x,y\n")), [(2, String::new())]);
    assert_eq!(
        faults("activityId,agreementId,type,participants\nA,B,finance,many\n"),
        [(2, "participants".to_owned())]
    );
    assert_eq!(faults(""), [(0, String::new())]);
    assert_eq!(faults("{\"agreements\": 1}"), [(0, String::new())]);
    assert_eq!(faults("{\"activities\": [1, {\"activityId\": \"A\"}]}").len(), 3);
    let late = json!({"agreements": [{"state": "terminated"}]});
    assert_eq!(faults(&late.to_string()), [(1, "/state".to_owned())]);
}
