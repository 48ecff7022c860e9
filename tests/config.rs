//! Settings: layers, types, and complaints that name the place.

use std::time::Duration;

use testamur::config::{Config, DEFAULTS, LogFormat};

fn load(text: &str, env: &[(&str, &str)]) -> Result<Config, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("testamur.toml");
    std::fs::write(&path, text).unwrap();
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let shown = format!("{}/", dir.path().display());
    Config::load(Some(&path), env).map_err(|why| why.to_string().replace(&shown, ""))
}

#[test]
fn the_default_file_is_complete_and_holds() {
    let config = Config::defaults();
    config.check().unwrap();
    Config::for_testing().check().unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.public_url(), "http://localhost:8080");
    assert_eq!(config.fetch.total_timeout, Duration::from_secs(3));
    assert_eq!(config.status.valid_for.as_hours(), 168);
    assert_eq!(config.limits.body, 2 << 20);

    // Taking the comment sign from every commented setting gives a file that is read too, so each is in the manual.
    let mut within = false;
    let mut commented = |line: &str| {
        let rest = line.strip_prefix("# ");
        let inside = within && rest.is_some();
        within ^= rest.is_some_and(|rest| rest.ends_with("\"\"\""));
        inside || rest.is_some_and(|rest| rest.contains(" = \""))
    };
    let all: String = DEFAULTS
        .lines()
        .map(|line| if commented(line) { &line[2..] } else { line }.to_owned() + "\n")
        .collect();
    let config = load(&all, &[]).unwrap();
    assert!(
        config.server.tls_cert.is_some()
            && config.fetch.trust_ca.is_some()
            && config.keys.passphrase_file.is_some()
            && config.transparency.policy.is_some_and(|policy| policy.witnesses().len() == 2)
    );
}

#[test]
fn later_layers_win() {
    let text =
        "[server]\nlisten = '[::]:8443'\n[log]\nformat = 'json'\n[trust]\nissuers = ['did:web:a.example']\n";
    let mut config = load(text, &[("TESTAMUR_SERVER_LISTEN", "0.0.0.0:9000"), ("PATH", "/bin")]).unwrap();
    assert_eq!(config.server.listen.to_string(), "0.0.0.0:9000");
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.trust.issuers[0].as_str(), "did:web:a.example");
    config.apply("server", "listen", "localhost:9100").unwrap();
    config.apply("fetch", "allow_fetch_origins", "http://localhost:1, https://127.0.0.1:2").unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:9100");
    assert_eq!(config.fetch.allow_fetch_origins.len(), 2);
    assert_eq!(config.public_url(), "http://localhost:9100");
}

#[test]
fn every_complaint_names_its_place_and_all_come_at_once() {
    let text =
        "[server]\nlisten = 8080\nlisen = 'x'\n\n[limit]\nbody = 1\n[limits]\nbody = '1GiB'\n[quantum]\n";
    let env = [("TESTAMUR_STATUS_TTL", "soon"), ("TESTAMUR_FETCH_TOTAL_TIMOUT", "3s")];
    let said = load(text, &env).unwrap_err();
    let mut lines: Vec<_> = said.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "testamur.toml line 2: server.listen is an address and port, like 127.0.0.1:8080, not the number 8080",
            "testamur.toml line 3: server.lisen is no setting; did you mean server.listen?",
            "testamur.toml line 5: limit is no setting; did you mean limits?",
            "testamur.toml line 8: limits.body is a size: 4096, 512KiB, 2MiB (at most 64MiB)",
            "testamur.toml line 9: quantum is no setting",
            "the variable TESTAMUR_FETCH_TOTAL_TIMOUT: fetch.total_timout is no setting; did you mean fetch.total_timeout?",
            "the variable TESTAMUR_STATUS_TTL: status.ttl is a duration: 500ms, 30s, 5m, 12h, 7d",
        ]
    );
    let said = load("[server]\ndata = \"x\nlisten = 1", &[]).unwrap_err();
    assert!(said.starts_with("testamur.toml line 2: it cannot be read"), "{said}");
    let said = load("server = 3\n", &[]).unwrap_err();
    assert!(said.starts_with("testamur.toml line 1: server is a table"), "{said}");
    let mut config = Config::defaults();
    let said = config.apply("server", "lissten", "x").unwrap_err().to_string();
    assert_eq!(said, "the command line: server.lissten is no setting; did you mean server.listen?");
}

#[test]
fn variables_that_are_no_settings_are_let_be() {
    let env = [
        ("TESTAMUR_SHARED", "/x"),
        ("TESTAMUR_SERVICE_HOST", "10.0.0.1"),
        ("TESTAMUR_PORT_8080_TCP", "tcp://…"),
    ];
    load("", &env).unwrap();
    assert!(load("", &[("TESTAMUR_SERVR_LISTEN", "x")]).unwrap_err().contains("did you mean server.listen?"));
}

#[test]
fn values_are_checked_at_the_door() {
    let apply = |section: &str, key: &str, value: &str| {
        let mut config = Config::defaults();
        config.apply(section, key, value).map(|()| config).map_err(|why| why.to_string())
    };
    for (given, kept) in [
        ("https://Diplomas.Example.edu/", "https://diplomas.example.edu"),
        ("https://a.example:8443", "https://a.example:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
    ] {
        assert_eq!(apply("server", "public_url", given).unwrap().public_url(), kept);
    }
    for wrong in [
        "http://diplomas.example",
        "https://a.example/x",
        "https://a.example?x",
        "https://a.example/#x",
        "ftp://a.example",
        "https://u@a.example",
        "a.example",
        "",
    ] {
        assert!(apply("server", "public_url", wrong).is_err(), "{wrong}");
    }
    for (section, key, wrong) in [
        ("server", "listen", "8080"),
        ("server", "data", " "),
        ("trust", "issuers", "college.example"),
        ("fetch", "allow_fetch_origins", "http://localhost:1/x"),
        ("fetch", "allow_fetch_origins", "localhost:1"),
        ("fetch", "concurrency", "0"),
        ("fetch", "total_timeout", "0s"),
        ("fetch", "total_timeout", "3"),
        ("status", "valid_for", "99999999999999999999d"),
        ("status", "valid_for", "18446744073709551615d"),
        ("transparency", "policy", "quorum some"),
        (
            "transparency",
            "policy",
            "witness la witness.diplomas.la.example+a4ac436b+BDBcmmeoVdcZKZU1LW/w+VJOk/gfnrOeUTOGtaUcwI1v https://a.example",
        ),
        (
            "transparency",
            "policy",
            "witness la witness.diplomas.la.example+a4ac436b+BDBcmmeoVdcZKZU1LW/w+VJOk/gfnrOeUTOGtaUcwI1v diplomas.la.example\nquorum la",
        ),
        ("transparency", "policy", "witness la witness.la.example https://a.example\nquorum la"),
        ("transparency", "closed", "log.diplomas.la.example"),
        ("witness", "name", "a name"),
        ("witness", "logs", "log.laos.example/2026"),
        ("witness", "logs", "w.example+ad9cd3be+BFdBAbYxBAH5HcgLoHAQj1MUkSCTrtdqTGDgStYnd28Z"),
        ("limits", "body", "1"),
        ("limits", "body", "1e6"),
        ("limits", "rate", "-1"),
        ("log", "format", "xml"),
        ("log", "level", "a=b=c"),
    ] {
        assert!(apply(section, key, wrong).is_err(), "{section}.{key} {wrong}");
    }
    assert_eq!(apply("limits", "body", "512KiB").unwrap().limits.body, 512 * 1024);
    assert_eq!(
        apply("log", "level", "info,testamur::resolve=debug").unwrap().log.level,
        "info,testamur::resolve=debug"
    );
}

#[test]
fn a_passphrase_stays_out_of_files_and_out_of_sight() {
    let said = load("[keys]\npassphrase = 'hunter2'\n", &[]).unwrap_err();
    assert!(
        said.contains("line 2") && said.contains("passphrase_file") && !said.contains("hunter2"),
        "{said}"
    );
    let config = load("", &[("TESTAMUR_KEYS_PASSPHRASE", "hunter2")]).unwrap();
    assert_eq!(config.keys.passphrase.as_ref().unwrap().reveal(), "hunter2");
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn settings_that_contradict_each_other_are_told() {
    let said = |text: &str, env: &[(&str, &str)]| load(text, env).unwrap().check().unwrap_err().to_string();
    assert!(said("[server]\ntls_cert = 'a.pem'", &[]).starts_with("server.tls_cert: "));
    assert!(said("[status]\nttl = '4d'", &[]).starts_with("status.ttl: "));
    assert!(said("[fetch]\nconnect_timeout = '4s'", &[]).starts_with("fetch.connect_timeout: "));
    let both = said("[keys]\npassphrase_file = 'p'", &[("TESTAMUR_KEYS_PASSPHRASE", "x")]);
    assert!(both.starts_with("keys.passphrase_file: "), "{both}");
}

#[test]
fn a_named_file_must_be_there() {
    let said = Config::load(Some("/nowhere/testamur.toml".as_ref()), []).unwrap_err().to_string();
    assert!(said.starts_with("/nowhere/testamur.toml: cannot be read"), "{said}");
}

#[test]
fn authorities_to_pin_are_tables_in_a_file_and_pairs_in_the_environment() {
    let fingerprint = "uEiD2cqKr1cmrzxeXgjLjcNcHcA12PvZNF_z_k2-4woBJng";
    let file = |pins: &str| load(&format!("[trust]\npins = {pins}\n"), &[]);
    let one = format!("{{ url = 'https://vn.example/trust/VN/root/1', fingerprint = '{fingerprint}' }}");
    let pins = file(&format!("[{one}]")).unwrap().trust.pins;
    assert_eq!(
        (pins[0].url.as_str(), pins[0].fingerprint.as_str()),
        ("https://vn.example/trust/VN/root/1", fingerprint)
    );
    let pairs =
        format!("https://vn.example/trust/VN/root/1 {fingerprint}, https://la.example/root/1 {fingerprint}");
    assert_eq!(load("", &[("TESTAMUR_TRUST_PINS", &pairs)]).unwrap().trust.pins.len(), 2);
    assert_eq!(file("[]").unwrap().trust.pins, []);
    for wrong in [
        "'x'",
        "7",
        "[7]",
        "[{}]",
        "['https://vn.example/root/1']",
        "[{ url = 'https://vn.example/root/1' }]",
        &format!("[{{ url = 'root.json', fingerprint = '{fingerprint}' }}]"),
        "[{ url = 'https://vn.example/root/1', fingerprint = 'abc' }]",
        &one.replace("url =", "from = 'a', url ="),
        &format!("[{}]", one.replace("url =", "from = 'a', url =")),
    ] {
        let complaint = file(wrong).unwrap_err();
        assert!(complaint.starts_with("testamur.toml line 2: trust.pins "), "{complaint}");
    }
}
