//! The service as a process: founded, started, killed, checked.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

/// What opens its keys.
pub const PASSPHRASE: &str = "for the crash tests only";

/// What the service is started with each time; its data may lie on a volume of its own.
pub struct House {
    pub binary: String,
    pub data: PathBuf,
    pub keys: PathBuf,
    pub token: String,
    stderr: PathBuf,
}

/// A running service.
pub struct Life {
    pub address: String,
    /// From the start of the process to the first answer.
    pub started_in: Duration,
    pub http: reqwest::Client,
    token: String,
    child: Mutex<Child>,
}

/// What was answered.
pub struct Answer {
    pub status: u16,
    pub kind: String,
    pub location: String,
    pub replayed: bool,
    pub body: Vec<u8>,
}

impl House {
    /// A college with a key and a token, made with the commands a person would use.
    pub fn found(binary: &str, folder: &str, data: &str) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let mut house = Self::known(binary, folder, data, "");
        house.run(&["institutions", "new", "ha-noi", "--name", "vi=Trường Cao đẳng Mẫu Hà Nội"]);
        house.token = house.run(&["tokens", "new", "clerk", "--role", "registrar"]).trim().to_owned();
        house
    }

    /// One that was founded before.
    pub fn known(binary: &str, folder: &str, data: &str, token: &str) -> Self {
        let folder = Path::new(folder);
        Self {
            binary: binary.to_owned(),
            data: data.into(),
            keys: folder.join("keys"),
            token: token.to_owned(),
            stderr: folder.join("stderr"),
        }
    }

    /// Starts it and waits until it answers; `Err` with its last words when it ended instead, or never answered.
    ///
    /// `wrapper` is a command that becomes the service, such as `strace -D …`.
    pub async fn start(&self, wrapper: &[String]) -> Result<Life, String> {
        let begun = Instant::now();
        let (mut child, address) = self.spawn(wrapper);
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).no_proxy().build().unwrap();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return Err(format!("{status}: {}", self.last_words()));
            }
            if begun.elapsed() > Duration::from_secs(20) {
                let _ = child.kill();
                let _ = child.wait();
                return Err("no answer within 20 s".to_owned());
            }
            if http.get(format!("{address}/healthz")).send().await.is_ok_and(|answer| answer.status() == 200)
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        Ok(Life {
            address,
            started_in: begun.elapsed(),
            http,
            token: self.token.clone(),
            child: Mutex::new(child),
        })
    }

    /// Starts it and waits for nothing.
    pub fn spawn(&self, wrapper: &[String]) -> (Child, String) {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut words = wrapper.to_vec();
        words.extend([self.binary.clone(), "serve".to_owned(), "--listen".to_owned(), free.to_string()]);
        let stderr = OpenOptions::new().create(true).append(true).open(&self.stderr).unwrap();
        let mut command = Command::new(&words[0]);
        self.settings(command.args(&words[1..])).stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
        (command.spawn().unwrap(), format!("http://{free}"))
    }

    /// Reads every record back: how many credentials there are, and what is said of damage.
    pub fn fsck(&self) -> (u64, Option<String>) {
        let output = self.settings(Command::new(&self.binary).arg("fsck")).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let count = told.lines().last().and_then(|line| line.split(' ').next()?.parse().ok());
        let clean = output.status.success() && told.ends_with(" 0 damaged records\n");
        let trouble =
            || format!("fsck: {}: {told}{}", output.status, String::from_utf8_lossy(&output.stderr));
        (count.unwrap_or(0), (!clean).then(trouble))
    }

    /// How often the service has panicked so far.
    pub fn panics(&self) -> usize {
        std::fs::read_to_string(&self.stderr).unwrap_or_default().matches("panicked at").count()
    }

    /// What it said last.
    pub fn last_words(&self) -> String {
        let said = std::fs::read(&self.stderr).unwrap_or_default();
        String::from_utf8_lossy(&said[said.len().saturating_sub(600)..]).into_owned()
    }

    fn run(&self, words: &[&str]) -> String {
        let output = self.settings(Command::new(&self.binary).args(words)).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn settings<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("TESTAMUR_SERVER_DATA", &self.data)
            .env("TESTAMUR_SERVER_PUBLIC_URL", "http://localhost:8080")
            .env("TESTAMUR_KEYS_DIR", &self.keys)
            .env("TESTAMUR_KEYS_PASSPHRASE", PASSPHRASE)
            .env("TESTAMUR_LIMITS_RATE", "0")
            .env("TESTAMUR_LOG_LEVEL", "warn")
            .env("NO_COLOR", "1")
    }
}

impl Life {
    pub async fn get(&self, path: &str) -> Result<Answer, reqwest::Error> {
        answer(self.http.get(format!("{}{path}", self.address)).bearer_auth(&self.token)).await
    }

    pub async fn post(&self, path: &str, body: String, key: Option<&str>) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.post(format!("{}{path}", self.address)).bearer_auth(&self.token);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        answer(request.header("content-type", "application/json").body(body)).await
    }

    /// Ends it at once: no handler of its own runs.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// The most memory it has held so far, and what it holds now, in MiB.
    pub fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process())).unwrap();
        let line = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1024
        };
        (line("VmHWM:"), line("VmRSS:"))
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A refusal as the interface promises it: `application/problem+json` with this status.
    pub fn is_problem(&self, status: u16) -> bool {
        self.status == status && self.kind == "application/problem+json" && self.json()["status"] == status
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let header = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (status, kind, location) = (response.status().as_u16(), header("content-type"), header("location"));
    let replayed = header("idempotency-replayed") == "true";
    Ok(Answer { status, kind, location, replayed, body: response.bytes().await?.to_vec() })
}
