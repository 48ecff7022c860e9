//! The command line as a person uses it: the real binary, real files, real exit codes.

mod log;
mod recognise;
mod statistics;
mod witness;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_testamur");

/// A folder to work in.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, line: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(line)
            .current_dir(self.path())
            .env("TESTAMUR_KEYS_PASSPHRASE", "for the tests only")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, line: &[&str]) -> Output {
        self.command(line).output().unwrap()
    }

    /// Runs a command that must succeed; what it says.
    fn ok(&self, line: &[&str]) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    fn demo(&self) -> String {
        let mut command = self.command(&["demo", "--once", "--data", "data"]);
        let output = command.env_remove("TESTAMUR_KEYS_PASSPHRASE").output().unwrap();
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    fn code(&self, line: &[&str]) -> i32 {
        self.run(line).status.code().unwrap()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn two_countries_recognise_what_is_genuine_and_nothing_else() {
    let desk = Desk::new();
    let drill = ["demo", "--two-countries", "--once", "--data", "data", "--listen", "127.0.0.1:0"];
    // Twice: the second one begins anew.
    for _ in 0..2 {
        let mut command = desk.command(&drill);
        let output = command.env_remove("TESTAMUR_KEYS_PASSPHRASE").output().unwrap();
        let told = text(&output.stdout);
        assert!(output.status.success(), "{told}{}", text(&output.stderr));
        assert!(told.ends_with("\n15 acts, all as they have to be.\n"), "{told}");
        assert_eq!(told.matches("✓ as it has to be").count(), 36, "{told}");
        for act in [
            "The node in Hanoi is off the net",
            "that only the college itself vouches for",
            "keeps it out of the log",
            "the terms on record say otherwise",
            "RECOGNISED_AUTOMATIC at LNQF:5, by VN-LA-SAMPLE-2026",
            "The list of Laos, as it is pinned in Hanoi, tells of it",
            "It waits for an officer (CASE_BY_CASE)",
            "accreditation.withdrawn.on.award.date",
            "award.registered.out.of.standing",
            "partner.revoked",
            "proof.key.revoked",
            "is known already",
            "may not unsay",
            "under version 2 of the root",
            "issuer.contested",
            "the log is forked",
            "WITHDRAWN",
        ] {
            assert!(told.contains(act), "{act}: {told}");
        }
    }
}

#[test]
fn the_demo_shows_every_verdict_and_goes_on_where_it_stopped() {
    let desk = Desk::new();
    let told = desk.demo();
    for line in [
        "diploma-vn",
        "diploma-la",
        "transcript-vn",
        "micro-credential",
        "skill-certificate-vn",
        "workplace-vn",
    ] {
        let line = told.lines().find(|told| told.starts_with(line)).unwrap();
        assert!(line.contains("GENUINE and in force"), "{line}");
    }
    assert!(
        told.lines().any(|line| line.starts_with("diploma-revoked") && line.contains("WITHDRAWN")),
        "{told}"
    );
    assert!(
        told.lines().any(|line| line.starts_with("diploma-tampered") && line.contains("NOT GENUINE")),
        "{told}"
    );
    assert!(told.contains('▀') && told.contains("http://localhost:8080/c/"), "{told}");

    let files = [
        "demo-token",
        "demo-institutions.json",
        "demo/diploma-vn.json",
        "demo/workplace-vn.json",
        "demo/diploma-revoked.json",
    ];
    let before: Vec<_> = files.iter().map(|file| desk.read(&format!("data/{file}"))).collect();
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(desk.path().join("data/demo-token")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let told = desk.demo();
    assert!(told.contains("Going on with"), "{told}");
    let after: Vec<_> = files.iter().map(|file| desk.read(&format!("data/{file}"))).collect();
    assert_eq!(before, after, "nothing is issued twice");
}

#[test]
fn verification_is_offline_and_answers_by_its_exit_code() {
    let desk = Desk::new();
    desk.demo();
    let verify = |file: &str, data: &str| desk.code(&["verify", "--data", data, file]);
    assert_eq!(verify("data/demo/diploma-la.json", "data"), 0);
    assert_eq!(verify("data/demo/workplace-vn.json", "data"), 0);
    assert_eq!(verify("data/demo/diploma-revoked.json", "data"), 1);
    assert_eq!(verify("data/demo/diploma-tampered.json", "data"), 1);
    // Without the mirrored documents nothing is known of the issuer: unknown, not forged.
    assert_eq!(verify("data/demo/diploma-vn.json", "elsewhere"), 2);
    desk.write("broken.json", "{\"a\":1,\"a\":2}");
    assert_eq!(verify("broken.json", "data"), 2);
    assert_eq!(
        desk.code(&[
            "verify",
            "--data",
            "data",
            "data/demo/diploma-vn.json",
            "data/demo/diploma-tampered.json"
        ]),
        1
    );
    assert_eq!(desk.code(&["verify", "--data", "data", "missing.json"]), 70);
    assert_eq!(desk.code(&["verify"]), 64);

    let told = desk.run(&["verify", "--json", "--data", "data", "data/demo/diploma-vn.json"]);
    let verdict: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&verdict["verified"], &verdict["state"]), (&Value::Bool(true), &Value::from("genuine")));
    assert_eq!(verdict["issuer"]["vouchedBy"], "this-service");
    assert!(!desk.path().join("elsewhere").exists(), "looking makes nothing");
}

#[test]
fn a_college_closes_and_its_diplomas_stand() {
    let desk = Desk::new();
    desk.ok(&["institutions", "new", "vinh", "--name", "vi=Trường Trung cấp nghề Vinh"]);
    let heir = desk.ok(&["institutions", "new", "ha-noi", "--name", "vi=Trường Cao đẳng Hà Nội"]);
    let draft = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/credentials/diploma/full.json");
    desk.ok(&["issue", "--institution", "vinh", "--out", "issued", draft]);
    let close = ["institutions", "close", "vinh", "--successor", "ha-noi", "--reason", "sáp nhập"];
    let printed = desk.ok(&close);
    let entry: Value = serde_json::from_str(&printed).unwrap();
    let successor = &entry["trustedIssuer"][0]["successor"];
    assert_eq!(successor["id"], heir.trim());
    let mirror = &successor["statusMirror"][0];
    assert_eq!(mirror["prefix"], "http://localhost:8080/institutions/vinh/status/");
    assert_eq!(mirror["mirror"], "http://localhost:8080/institutions/ha-noi/status/vinh/");
    assert_eq!(desk.ok(&close), printed, "asked again it prints the same");
    assert!(desk.ok(&["institutions", "list"]).contains("closed, register kept by ha-noi"));
    assert_ne!(desk.code(&["issue", "--institution", "vinh", "--out", "later", draft]), 0);

    let told = desk.run(&["verify", "--json", "--data", "data", "issued/full.json"]);
    let verdict: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(
        (&verdict["state"], &verdict["issuer"]["keptBy"]["id"]),
        (&Value::from("genuine"), &successor["id"])
    );
    assert!(!desk.read("data/public/institutions.json").contains("operator"), "who closed it stays inside");
    let credential: Value = serde_json::from_str(&desk.read("issued/full.json")).unwrap();
    desk.ok(&["revoke", credential["id"].as_str().unwrap(), "--reason", "cấp nhầm"]);
    assert_eq!(desk.code(&["verify", "--data", "data", "issued/full.json"]), 1);
    assert_eq!(desk.code(&["fsck"]), 0);
}

#[test]
fn a_college_from_its_first_key_to_a_revoked_diploma() {
    let desk = Desk::new();
    let did =
        desk.ok(&["institutions", "new", "ha-noi", "--name", "vi=Trường Cao đẳng Hà Nội", "--country", "VN"]);
    assert_eq!(did.trim(), "did:web:localhost%3A8080:institutions:ha-noi");
    assert!(desk.ok(&["institutions", "list"]).contains("Trường Cao đẳng Hà Nội"));
    let token = desk.ok(&["tokens", "new", "registry", "--role", "registrar", "--institution", "ha-noi"]);
    assert!(token.starts_with("tst_"));
    let listed = desk.ok(&["tokens", "list"]);
    assert!(listed.contains("registry") && !listed.contains(token.trim()), "a token is shown once");

    let draft = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/credentials/diploma/full.json");
    desk.ok(&["issue", "--out", "issued", draft]);
    assert_eq!(desk.code(&["verify", "issued/full.json"]), 0);
    let first = desk.ok(&["keys", "list", "ha-noi"]);
    desk.ok(&["keys", "rotate", "ha-noi"]);
    let rotated = desk.ok(&["keys", "list", "ha-noi"]);
    assert!(rotated.lines().count() == 2 && rotated.contains("retired"), "{first}{rotated}");
    assert_eq!(desk.code(&["verify", "issued/full.json"]), 0, "an old diploma verifies after rotation");
    desk.ok(&["issue", "--out", "later", draft]);
    assert_eq!(desk.code(&["verify", "later/full.json"]), 0);

    let credential: Value = serde_json::from_str(&desk.read("issued/full.json")).unwrap();
    let id = credential["id"].as_str().unwrap();
    assert_ne!(desk.code(&["revoke", id]), 0, "a revocation needs a reason");
    desk.ok(&["revoke", id, "--suspend", "--reason", "đang xác minh"]);
    assert_eq!(desk.code(&["verify", "issued/full.json"]), 1);
    desk.ok(&["revoke", id, "--restore", "--reason", "đã xác minh"]);
    assert_eq!(desk.code(&["verify", "issued/full.json"]), 0);
    desk.ok(&["revoke", id, "--reason", "cấp nhầm"]);
    assert_eq!(desk.code(&["verify", "issued/full.json"]), 1);
    assert_ne!(desk.code(&["revoke", id, "--reason", "again"]), 0);
    assert_eq!(desk.code(&["verify", "later/full.json"]), 0, "the other one stands");

    let wish = ["erase", id, "--reason", "asked for by the person"];
    assert_ne!(desk.code(&wish), 0, "nobody is there to say yes");
    desk.ok(&[&wish[..], &["--yes"]].concat());
    assert_ne!(desk.code(&[&wish[..], &["--yes"]].concat()), 0, "there is nothing left to erase");
    assert_eq!(desk.code(&["verify", "issued/full.json"]), 1, "its status stays");

    // Stolen: what that key signed is not called forged, and not vouched for either.
    let stolen = rotated.lines().find(|line| line.contains("active")).unwrap().split('\t').next().unwrap();
    desk.ok(&["keys", "new", "ha-noi"]);
    desk.ok(&["keys", "retire", "ha-noi", stolen, "--compromised-since", "2026-01-01T00:00:00Z"]);
    assert_eq!(desk.code(&["verify", "later/full.json"]), 2);
    let document = desk.read("data/public/institutions/ha-noi/did.json");
    assert!(document.contains("\"revoked\":\"2026-01-01T00:00:00Z\""), "{document}");

    let report = desk.ok(&["fsck"]);
    assert!(report.contains("2 credentials checked, 0 damaged records"), "{report}");
}

#[test]
fn a_draft_with_several_faults_is_told_all_of_them_and_nothing_is_issued() {
    let desk = Desk::new();
    desk.ok(&["institutions", "new", "ha-noi", "--name", "vi=Trường Cao đẳng Hà Nội"]);
    let mut draft: Value =
        serde_json::from_str(include_str!("../fixtures/credentials/diploma/full.json")).unwrap();
    draft.as_object_mut().unwrap().remove("awardedDate");
    draft["credentialSubject"]["achievement"]["name"] = Value::from(7);
    desk.write("draft.json", &draft.to_string());
    let output = desk.run(&["issue", "draft.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("/credentialSubject/achievement/name"), "{}", text(&output.stderr));
    assert!(desk.ok(&["fsck"]).contains("0 credentials checked"));
}

#[test]
fn a_running_service_is_gone_through_and_says_so() {
    let desk = Desk::new();
    desk.demo();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (address, url) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    let mut command = desk.command(&[
        "demo",
        "--data",
        "data",
        "--listen",
        &address,
        "--public-url",
        "http://localhost:8080",
    ]);
    let mut service = command.env_remove("TESTAMUR_KEYS_PASSPHRASE").stdout(Stdio::null()).spawn().unwrap();
    let patience = Instant::now();
    while std::net::TcpStream::connect(&address).is_err() {
        assert!(patience.elapsed() < Duration::from_secs(60));
        std::thread::yield_now();
    }

    let keys = ["--data", "data", "--keys", "data/keys"];
    let passphrase = desk.path().join("data/demo-passphrase");
    let held = desk
        .command(&[&["keys", "list", "vn-college"], &keys[..]].concat())
        .env_remove("TESTAMUR_KEYS_PASSPHRASE")
        .env("TESTAMUR_KEYS_PASSPHRASE_FILE", &passphrase)
        .output()
        .unwrap();
    let complaint = text(&held.stderr);
    assert!(!held.status.success() && complaint.contains("--server"), "{complaint}");

    let through = ["--server", &url, "--token-file", "data/demo-token"];
    let draft = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/credentials/micro-credential/full.json");
    desk.ok(&[&["issue", "--institution", "la-college", "--out", "issued", draft], &through[..]].concat());
    let credential: Value = serde_json::from_str(&desk.read("issued/full.json")).unwrap();
    let id = credential["id"].as_str().unwrap();
    desk.ok(&[&["revoke", id, "--reason", "demo"], &through[..]].concat());
    assert!(desk.ok(&["log", "audit", "--url", &url]).contains("whole"));
    desk.ok(&[&["erase", id, "--reason", "demo", "--yes"], &through[..]].concat());
    desk.ok(&[&["keys", "rotate", "la-college"], &through[..]].concat());
    assert!(desk.ok(&[&["keys", "list", "la-college"], &through[..]].concat()).contains("retired"));
    service.kill().unwrap();
    service.wait().unwrap();
}

#[test]
fn the_public_address_of_a_store_is_for_good() {
    let desk = Desk::new();
    desk.ok(&[
        "institutions",
        "new",
        "ha-noi",
        "--name",
        "vi=Mẫu",
        "--public-url",
        "https://diplomas.example",
    ]);
    let output = desk.run(&["institutions", "list", "--public-url", "https://other.example"]);
    let complaint = text(&output.stderr);
    assert!(!output.status.success() && complaint.contains("https://diplomas.example"), "{complaint}");
}

#[test]
fn a_wrong_passphrase_or_open_key_files_are_refused_with_what_to_do() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.ok(&["institutions", "new", "ha-noi", "--name", "vi=Mẫu"]);
    let wrong = desk
        .command(&["keys", "list", "ha-noi"])
        .env("TESTAMUR_KEYS_PASSPHRASE", "another")
        .output()
        .unwrap();
    assert!(!wrong.status.success() && text(&wrong.stderr).contains("passphrase"), "{}", text(&wrong.stderr));
    assert!(!text(&wrong.stderr).contains("another one was") && !text(&wrong.stderr).contains("tests only"));
    let none =
        desk.command(&["keys", "list", "ha-noi"]).env_remove("TESTAMUR_KEYS_PASSPHRASE").output().unwrap();
    assert!(text(&none.stderr).contains("TESTAMUR_KEYS_PASSPHRASE"), "{}", text(&none.stderr));
    let folder = std::fs::read_dir(desk.path().join("keys/ha-noi")).unwrap().next().unwrap().unwrap().path();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = desk.run(&["keys", "list", "ha-noi"]);
    assert!(!open.status.success() && text(&open.stderr).contains("chmod 600"), "{}", text(&open.stderr));
}

#[test]
fn help_teaches() {
    let desk = Desk::new();
    let help = desk.ok(&["--help"]);
    for word in ["demo", "verify", "institutions new", "TESTAMUR_KEYS_PASSPHRASE", "could not tell"] {
        assert!(help.contains(word), "{word}");
    }
    assert!(desk.ok(&["verify", "--help"]).contains("Exit status"));
    assert!(desk.ok(&["settings"]).contains("public_url"));
    assert!(desk.ok(&["version"]).starts_with("testamur 0."));
}
