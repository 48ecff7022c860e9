//! Stores that were held, moved, cut or bent.

use super::*;
use testamur::store::StoreError;
use testamur::store::seal::{Asked, Sealer};

#[tokio::test]
async fn a_second_opening_is_refused_at_once() {
    let bed = Bed::sled();
    let path = bed.folder.as_ref().unwrap().path().to_str().unwrap().to_owned();
    let started = std::time::Instant::now();
    let Err(refused) = open(&path, KEY) else { panic!("two stores in one folder") };
    assert_eq!(refused, StoreError::Held(path));
    assert!(started.elapsed().as_secs() < 1);
}

#[tokio::test]
async fn another_key_does_not_open_the_store() {
    let mut bed = Bed::sled().with_institution("ha-noi").await;
    bed.store().commit(vec![issued(record(1))]).await.unwrap();
    bed.store = None;
    let path = bed.folder.as_ref().unwrap().path().to_str().unwrap();
    assert!(
        matches!(open(path, [1; 32]), Err(StoreError::Unopenable(because)) if because.contains("store key"))
    );
    bed.reopen();
    bed.assert_clean().await;
}

/// A store asks for its key when it seals the first body, from then on at each opening and for the known one only.
#[tokio::test]
async fn the_key_is_asked_for_when_it_is_needed() {
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let sealer = |there: bool| {
        let asked = Arc::clone(&asked);
        Sealer::on_demand(move |which| {
            asked.lock().unwrap().push(which);
            if there { Ok(KEY.into()) } else { Err("it is lost".to_owned()) }
        })
    };
    let bed = Bed::sled().with_institution("ha-noi").await;
    let path = bed.folder.as_ref().unwrap().path().to_str().unwrap().to_owned();
    let Bed { store, folder: _folder, .. } = bed;
    drop(store);
    let store = open(&path, sealer(false)).unwrap();
    let refused = store.commit(vec![issued(record(1))]).await;
    assert!(matches!(refused, Err(StoreError::Unwritable(because)) if because.contains("it is lost")));
    drop(store);
    let store = open(&path, sealer(true)).unwrap();
    store.commit(vec![issued(record(1))]).await.unwrap();
    drop(store);
    let Err(StoreError::Unopenable(because)) = open(&path, sealer(false)) else {
        panic!("opened without its key")
    };
    assert!(because.contains("it is lost"));
    assert_eq!(*asked.lock().unwrap(), [Asked::New, Asked::New, Asked::Known]);
}

#[tokio::test]
async fn what_a_crash_left_half_made_is_put_aside() {
    let mut bed = Bed::sled().with_institution("ha-noi").await;
    bed.store().commit(vec![issued(record(1))]).await.unwrap();
    bed.reopen();
    bed.store = None;
    let folder = bed.log().parent().unwrap().to_owned();
    let names = || {
        let entries = std::fs::read_dir(&folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let snapshot = names().into_iter().find(|name| name.starts_with("snap.")).unwrap();
    let bytes = std::fs::read(folder.join(&snapshot)).unwrap();
    std::fs::write(folder.join(&snapshot), &bytes[..bytes.len() / 2]).unwrap();
    std::fs::write(folder.join("snap.00000000000000FF.generating"), b"half").unwrap();
    bed.reopen();
    assert_eq!(bed.store().credential(id(1)).await, Ok(Some(record(1))));
    assert_eq!(bed.store().writable().await, Ok(()));
    bed.assert_clean().await;
    assert!(!names().iter().any(|name| name.ends_with(".generating")));
    assert!(names().contains(&format!("set-aside.{snapshot}")));
}

/// A store whose log lost its end still reads, refuses every write, and says why.
#[tokio::test]
async fn a_store_that_shrank_is_not_written_to() {
    let mut bed = Bed::sled().with_institution("ha-noi").await;
    bed.store().commit(vec![issued(record(1))]).await.unwrap();
    bed.store = None;
    let old = std::fs::read(bed.log()).unwrap();
    bed.reopen();
    bed.store().commit(vec![issued(record(2)), status(1, Purpose::Revocation, false, true)]).await.unwrap();
    bed.store = None;
    // An old log under a newer note: what a restored backup, or a log cut at its first damage, looks like.
    let folder = bed.log().parent().unwrap().to_owned();
    for entry in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_name().to_str().unwrap().starts_with("snap.") {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    std::fs::write(bed.log(), old).unwrap();
    bed.reopen();
    assert_eq!(bed.store().credential(id(1)).await, Ok(Some(record(1))));
    assert_eq!(bed.store().credential(id(2)).await, Ok(None));
    let Err(StoreError::Unwritable(because)) = bed.store().writable().await else { panic!("it shrank") };
    assert!(because.contains("high-water"), "{because}");
    let refused = bed.store().commit(vec![issued(record(3))]).await;
    assert_eq!(refused, Err(StoreError::Unwritable(because)));

    bed.store = None;
    std::fs::remove_file(bed.folder.as_ref().unwrap().path().join("high-water")).unwrap();
    bed.reopen();
    bed.store().commit(vec![issued(record(3))]).await.unwrap();
    bed.assert_clean().await;
}

/// How many records the damaged stores hold.
const RECORDS: u64 = 60;

/// Any bit of any file of the store, bent: what is read is what was written, or an error; and either the check or the
/// opening says that something is wrong, unless nothing that counts was hit. `BIT_FLIPS` bits (200), one at a time.
///
/// Each bent store is read in a process of its own: sled panics on some damage, also in threads that all stores of a
/// process share, after which none of them writes.
#[tokio::test]
async fn no_bent_bit_changes_an_answer() {
    let files = written_store().await;
    let total: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let log = files.iter().position(|(path, _)| path.ends_with("db")).unwrap();
    let before: usize = files[..log].iter().map(|(_, bytes)| bytes.len()).sum();
    let used = files[log].1.iter().rposition(|byte| !matches!(byte, 0 | 1)).unwrap();
    let flips = from_env("BIT_FLIPS", 200);
    let mut tally = Tally::default();
    for flip in 0..flips {
        let digest = Sha256::digest(flip.to_be_bytes());
        let drawn = u64::from_be_bytes(digest[..8].try_into().unwrap()) as usize;
        // Two in three in the part of the log that holds something.
        let mut at = if flip % 3 == 0 { drawn % total } else { before + drawn % used };
        let mut bent = files.clone();
        for (path, bytes) in &mut bent {
            if at < bytes.len() {
                bytes[at] ^= 1 << (digest[9] % 8);
                tally.read(&files, &format!("{}:{at}", path.display()), &bent);
                break;
            }
            at -= bytes.len();
        }
    }
    tally.end(&format!("{flips} bits bent"));
}

/// Each file of the store cut at each 4 KiB, `CUTS` of the places (60) spread over all of them: as for a bent bit.
#[tokio::test]
async fn no_cut_file_changes_an_answer() {
    let files = written_store().await;
    let places: Vec<(usize, usize)> = files
        .iter()
        .enumerate()
        .flat_map(|(file, (_, bytes))| (0..bytes.len()).step_by(4096).map(move |at| (file, at)))
        .collect();
    let cuts = from_env("CUTS", 60).min(places.len());
    let mut tally = Tally::default();
    for cut in 0..cuts {
        let (file, at) = places[cut * places.len() / cuts];
        let mut short = files.clone();
        short[file].1.truncate(at);
        tally.read(&files, &format!("{} cut at {at}", files[file].0.display()), &short);
    }
    tally.end(&format!("cut at {cuts} of {} places", places.len()));
}

/// What became of damaged stores.
#[derive(Default)]
struct Tally {
    found: usize,
    refused: usize,
    harmless: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// Reads the damaged files in another process.
    fn read(&mut self, whole: &[(PathBuf, Vec<u8>)], place: &str, files: &[(PathBuf, Vec<u8>)]) {
        assert_ne!(whole, files);
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let to = folder.path().join(path);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::write(to, bytes).unwrap();
        }
        match read_elsewhere(folder.path()).as_deref() {
            Some("found") => self.found += 1,
            Some("refused") => self.refused += 1,
            Some("harmless") => self.harmless += 1,
            other => self.wrong.push(format!("{place}: {other:?}")),
        }
    }

    fn end(self, what: &str) {
        let Self { found, refused, harmless, wrong } = self;
        println!("{what}: {found} found by the check, {refused} at opening, {harmless} harmless");
        assert_eq!(wrong, Vec::<String>::new());
    }
}

/// The files of a closed store: half of it behind a snapshot, half of it to be read from the log.
async fn written_store() -> Vec<(PathBuf, Vec<u8>)> {
    let mut bed = Bed::sled().with_institution("ha-noi").await;
    for number in 1..=RECORDS {
        if number == RECORDS / 2 {
            bed.reopen();
        }
        bed.store().commit(vec![issued(record(number))]).await.unwrap();
        if number % 3 == 0 {
            bed.store().commit(vec![status(number, Purpose::Revocation, false, true)]).await.unwrap();
        }
    }
    bed.store = None;
    let source = bed.folder.as_ref().unwrap().path();
    files(source)
}

/// A number from the environment, so that a long run needs no other test.
fn from_env(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |number| number.parse().unwrap())
}

/// Not a test of its own: reads the store that the test above bent, in a process of its own.
#[tokio::test]
async fn a_bent_store_is_read() {
    let Ok(folder) = std::env::var("TESTAMUR_BENT_STORE") else { return };
    println!("verdict: {}", read_bent(&folder).await);
}

async fn read_bent(folder: &str) -> String {
    let store = match open(folder, KEY) {
        Ok(store) => store,
        Err(_) => return "refused".to_owned(),
    };
    let mut complaints = store.writable().await.err().into_iter().collect::<Vec<_>>();
    for number in 1..=RECORDS {
        match store.credential(id(number)).await {
            Ok(Some(known)) if known == record(number) => {}
            Ok(None) if !complaints.is_empty() => {}
            Ok(other) => return format!("WRONG credential {number}: {}", other.is_some()),
            Err(error) => complaints.push(error),
        }
    }
    let all: Vec<u32> = (1..=RECORDS as u32).collect();
    for purpose in [Purpose::Revocation, Purpose::Suspension] {
        match store.list(&list(purpose)).await {
            Ok(state) => {
                let set: Vec<u32> =
                    all.iter().copied().filter(|n| n % 3 == 0 && purpose == Purpose::Revocation).collect();
                if (state.taken != all || state.set != set) && complaints.is_empty() {
                    return format!(
                        "WRONG list {purpose}: {} taken, {} set",
                        state.taken.len(),
                        state.set.len()
                    );
                }
            }
            Err(error) => complaints.push(error),
        }
    }
    complaints.extend(store.check(&|_, _| {}).await.unwrap_or_else(|error| vec![error]));
    if complaints.is_empty() { "harmless" } else { "found" }.to_owned()
}

fn files(folder: &std::path::Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = vec![];
    for inner in ["", "sled"] {
        for entry in std::fs::read_dir(folder.join(inner)).unwrap().map(|entry| entry.unwrap()) {
            // The ballast holds nothing.
            if entry.file_type().unwrap().is_file() && entry.file_name() != "ballast" {
                files.push((
                    PathBuf::from(inner).join(entry.file_name()),
                    std::fs::read(entry.path()).unwrap(),
                ));
            }
        }
    }
    files.sort();
    files
}

/// What another process says of the store; `None` when it ended otherwise, or not within 20 seconds.
fn read_elsewhere(folder: &std::path::Path) -> Option<String> {
    use std::process::{Command, Stdio};
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::damage::a_bent_store_is_read", "--nocapture"])
        .env("TESTAMUR_BENT_STORE", folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (told, heard) = std::sync::mpsc::channel();
    let mut output = child.stdout.take().unwrap();
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = std::io::Read::read_to_string(&mut output, &mut text);
        let _ = told.send(text);
    });
    let text = heard.recv_timeout(std::time::Duration::from_secs(20));
    let _ = child.kill();
    child.wait().unwrap();
    let text = text.ok()?;
    text.lines().find_map(|line| line.split_once("verdict: ")).map(|(_, verdict)| verdict.to_owned())
}
