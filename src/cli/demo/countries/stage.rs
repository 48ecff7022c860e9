//! The stage of the drill: three nodes, two ministries, three colleges, and how each act is told.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use url::Url;

use super::super::Failure;
use super::ministry::{self, Ministry};
use super::node::{self, Node, Plan};
use crate::accredit::Decision;
use crate::cli::{say, verify::words};
use crate::clock::{Clock, FixedClock};
use crate::codec::json;
use crate::config::Config;
use crate::credential::Credential;
use crate::credential::draft::Draft;
use crate::credential::id::CredentialId;
use crate::crypto::Signer;
use crate::crypto::proof::{self, ProofOptions};
use crate::institution::{Kind, Slug};
use crate::issue::{self, DEFAULT_SUITE, Request, operator};
use crate::pin;
use crate::verify::verdict::State;
use crate::verify::{self, Beside, Code, Extent, Verdict};

/// The clock of the drill stands here when it begins: after the awards of June, before anything else.
const OPENING: &str = "2026-07-06T02:00:00Z";

/// The longest log proof read, in bytes.
pub(super) const MAX_PROOF: usize = 64 * 1024;

/// Everything there is.
pub(super) struct Stage {
    pub(super) clock: Arc<FixedClock>,
    pub(super) vn: Node,
    pub(super) la: Node,
    pub(super) third: Node,
    pub(super) moet: Ministry,
    pub(super) moes: Ministry,
    /// A college that rotates its key, loses its accreditation, and back-dates.
    pub(super) ha_noi: Slug,
    pub(super) grants: Grants,
    /// A college whose key is stolen, and that closes.
    pub(super) vinh: Slug,
    /// The college that takes over its register.
    pub(super) hue: Slug,
    /// A college of Laos.
    pub(super) vientiane: Slug,
    acts: usize,
    failed: usize,
}

/// What the college in Hà Nội is accredited for.
pub(super) struct Grants {
    pub(super) diplomas: String,
}

/// A document and the log proof beside it.
#[derive(Clone)]
pub(super) struct Paper {
    pub(super) id: Option<CredentialId>,
    pub(super) body: Vec<u8>,
    pub(super) proof: Option<Vec<u8>>,
}

impl Stage {
    /// Opens the nodes, founds and accredits, and lets the two countries exchange what they need to know.
    pub(super) async fn set(base: &Config) -> Result<Self, Failure> {
        let clock = Arc::new(FixedClock::at(OPENING.parse()?));
        let plans = [
            Plan { name: "vietnam", log: "log.vietnam.example", witness: "witness.vietnam.example" },
            Plan { name: "laos", log: "log.laos.example", witness: "witness.laos.example" },
            Plan { name: "third", log: "log.region.example", witness: "witness.region.example" },
        ];
        let nodes = node::open_all(base, &plans, &clock).await?;
        let [vn, la, third] = <[Node; 3]>::try_from(nodes).map_err(|_| "three nodes were to open")?;
        let names =
            [("vi", "Bộ Giáo dục và Đào tạo (ví dụ)"), ("en", "Ministry of Education and Training (sample)")];
        let moet = Ministry::open(&vn, "VN", "moet", &names).await?;
        let names =
            [("lo", "ກະຊວງສຶກສາທິການ ແລະ ກິລາ (ຕົວຢ່າງ)"), ("en", "Ministry of Education and Sports (sample)")];
        let moes = Ministry::open(&la, "LA", "moes", &names).await?;
        let college = async |node: &Node, slug: &str, country: &str, names: &[(&str, &str)]| {
            ministry::found(&node.app, slug, names, country, Kind::College).await
        };
        let names = [
            ("vi", "Trường Cao đẳng Kỹ thuật Công nghiệp Mẫu"),
            ("en", "Sample College of Industrial Technology"),
        ];
        let ha_noi = college(&vn, "ha-noi", "VN", &names).await?;
        let names = [("vi", "Trường Cao đẳng Nghề Vinh Mẫu"), ("en", "Sample Vocational College of Vinh")];
        let vinh = college(&vn, "vinh", "VN", &names).await?;
        let names = [("vi", "Trường Cao đẳng Huế Mẫu"), ("en", "Sample College of Huế")];
        let hue = college(&vn, "hue", "VN", &names).await?;
        let names = [("lo", "ວິທະຍາໄລເຕັກນິກວິຊາຊີບ ຕົວຢ່າງ"), ("en", "Sample Technical-Vocational College")];
        let vientiane = college(&la, "vientiane", "LA", &names).await?;
        let app = &vn.app;
        let diplomas = moet.accredit(app, &ha_noi, &["diploma"], "2029-07-31").await?;
        moet.accredit(app, &ha_noi, &["micro-credential"], "2026-07-20").await?;
        moet.accredit(app, &vinh, &["diploma"], "2029-07-31").await?;
        moet.accredit(app, &hue, &["diploma"], "2029-07-31").await?;
        moes.accredit(&la.app, &vientiane, &["diploma"], "2029-07-31").await?;
        let grants = Grants { diplomas };
        let mut stage = Self {
            clock,
            vn,
            la,
            third,
            moet,
            moes,
            ha_noi,
            grants,
            vinh,
            hue,
            vientiane,
            acts: 0,
            failed: 0,
        };
        stage.exchange().await?;
        Ok(stage)
    }

    /// Each ministry names its log's witnesses, pins the other's root, and says so on its own list.
    async fn exchange(&mut self) -> Result<(), Failure> {
        let sides =
            [(&self.vn, &self.moet, &self.la, &self.moes), (&self.la, &self.moes, &self.vn, &self.moet)];
        for (node, own, _, _) in sides {
            own.decide(&node.app, Decision::Policy, json!({"logPolicy": node.policy})).await?;
        }
        for (node, own, other_node, other) in sides {
            let (app, url) = (&node.app, other.root_url(&other_node.app)?);
            let fingerprint = other.fingerprint();
            pin::add(app, &operator(app.now()), &url, &fingerprint).await?;
            let pointer = json!({
                "territory": other.territory, "listUrl": other_node.app.urls.trust_list(other.territory),
                "rootUrl": url.as_str(), "fingerprint": fingerprint, "agreementId": "VN-LA-SAMPLE-2026",
            });
            own.decide(app, Decision::Pointer, pointer).await?;
        }
        self.settle().await
    }

    /// Everybody does what a service does by itself, and asks for what the other has published.
    pub(super) async fn settle(&self) -> Result<(), Failure> {
        for node in [&self.vn, &self.la] {
            node.settle().await?;
        }
        self.la.refresh("VN").await?;
        self.vn.refresh("LA").await?;
        Ok(())
    }

    /// Some days pass.
    pub(super) async fn pass(&self, days: i64) -> Result<(), Failure> {
        self.clock.advance(SignedDuration::from_hours(24 * days));
        self.settle().await
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Today, as an award is dated.
    pub(super) fn today(&self) -> String {
        self.now().strftime("%Y-%m-%dT00:00:00Z").to_string()
    }

    /// A college of Vietnam issues, and its log takes it in; the document and its proof as the graduate gets them.
    pub(super) async fn issue(
        &self,
        college: &Slug,
        draft: &str,
        awarded: Option<&str>,
    ) -> Result<Paper, Failure> {
        let app = &self.vn.app;
        let mut draft = self.draft(draft)?;
        if let Some(day) = awarded {
            draft.insert("awardedDate".to_owned(), json!(day));
            draft.insert("validFrom".to_owned(), json!(app.now().to_string()));
            draft.shift_remove("graduationDecision");
            draft.shift_remove("paperDocument");
        }
        let request = Request {
            draft: Draft::from_members(draft),
            institution: Some(college.clone()),
            ..Request::default()
        };
        let issued = issue::issue(app, &operator(app.now()), request).await?;
        self.vn.settle().await?;
        let url = Url::parse(&format!("{}/tlog-proof", issued.url))?;
        let proof = self.la.app.fetcher.get(url.as_str(), &url, MAX_PROOF, "text/plain").await?;
        Ok(Paper { id: Some(issued.id), body: issued.body, proof: Some(proof.to_vec()) })
    }

    /// A draft of the demo, with the address of the award context put in.
    pub(super) fn draft(&self, draft: &str) -> Result<Map<String, Value>, Failure> {
        let context = self.vn.app.urls.award_context();
        match json::parse(draft.replace(super::super::cast::CONTEXT, &context).as_bytes())? {
            Value::Object(draft) => Ok(draft),
            _ => Err("a demo draft is not an object".into()),
        }
    }

    /// The paper with another holder, signed with a key of the college outside of its service and its log.
    pub(super) fn forge(
        &self,
        paper: &Paper,
        signer: &dyn Signer,
        signed: Timestamp,
    ) -> Result<Paper, Failure> {
        let text = std::str::from_utf8(&paper.body)?.replace("Nguyễn Thị Ánh Nguyệt", "Nguyễn Thị Ánh Tuyết");
        let Value::Object(mut document) = json::parse(text.as_bytes())? else {
            return Err("the paper is no object".into());
        };
        document.shift_remove("proof");
        document.insert("id".to_owned(), json!(format!("{}/c/forged", self.vn.app.urls.public())));
        let options = ProofOptions::new(DEFAULT_SUITE, signed)?;
        let proof = proof::sign(&document, &options, signer)?;
        proof::attach(&mut document, proof);
        Ok(Paper { id: None, body: Value::Object(document).to_string().into_bytes(), proof: None })
    }

    /// A key of a college, the oldest being number 0.
    pub(super) fn key(&self, college: &Slug, number: usize) -> Result<(String, Arc<dyn Signer>), Failure> {
        let member = self.vn.app.registry.member(college).ok_or("the college is gone")?;
        let institution = &member.institution;
        let key = institution.keys.get(number).ok_or("the college has no such key")?;
        let signer = self.vn.app.keyring.signer(&institution.method_of(&key.key), &key.key)?;
        Ok((key.key.clone(), signer))
    }

    /// An officer in Vientiane checks a paper.
    pub(super) async fn ask(&self, paper: &Paper) -> Result<Verdict, Failure> {
        asked_at(&self.la, paper).await
    }

    /// What Vientiane has issued at this address, and its log has taken in.
    pub(super) async fn statement(&self, address: &str) -> Result<Paper, Failure> {
        self.settle().await?;
        let app = &self.la.app;
        let id = app.urls.credential_of(address).ok_or("there is no statement")?;
        let record = app.store.credential(id).await?.ok_or("the statement is gone")?;
        let body = record.body.ok_or("the statement was erased")?;
        let url = Url::parse(&format!("{address}/tlog-proof"))?;
        let proof = self.vn.app.fetcher.get(url.as_str(), &url, MAX_PROOF, "text/plain").await?;
        Ok(Paper { id: Some(id), body, proof: Some(proof.to_vec()) })
    }

    /// Begins an act: what is tried.
    pub(super) fn act(&mut self, what: &str) {
        self.acts += 1;
        say::line(&format!("\n{:>2}. {what}", self.acts));
    }

    /// Tells what the officer in Vientiane is told of a paper, and whether it is what has to be said.
    pub(super) async fn shows(
        &mut self,
        what: &str,
        paper: &Paper,
        state: State,
        code: Code,
    ) -> Result<(), Failure> {
        let verdict = self.ask(paper).await?;
        self.told(what, &verdict, state, code);
        Ok(())
    }

    /// The same of what an officer in Hanoi is told.
    pub(super) async fn shows_in_hanoi(
        &mut self,
        what: &str,
        paper: &Paper,
        state: State,
        code: Code,
    ) -> Result<(), Failure> {
        let verdict = asked_at(&self.vn, paper).await?;
        self.told(what, &verdict, state, code);
        Ok(())
    }

    fn told(&mut self, what: &str, verdict: &Verdict, state: State, code: Code) {
        say::line(&format!("    {what}"));
        words(verdict).lines().for_each(|line| say::line(&format!("      {line}")));
        let found = verdict.state == state && verdict.checks.iter().any(|check| check.code == code);
        let told = || {
            let codes: Vec<_> = verdict.checks.iter().map(|check| check.code.as_str()).collect();
            format!("{:?} ({})", verdict.state, codes.join(", "))
        };
        self.mark(found, || format!("wanted {state:?} and {}, found {}", code.as_str(), told()));
    }

    /// Tells that something is refused, and in what words.
    pub(super) fn refused<T, E: std::fmt::Display>(
        &mut self,
        what: &str,
        outcome: Result<T, E>,
        because: &str,
    ) {
        say::line(&format!("    {what}"));
        match outcome {
            Ok(_) => self.mark(false, || "wanted a refusal, and it was taken".to_owned()),
            Err(error) => {
                let error = error.to_string();
                say::line(&format!("      refused: {error}"));
                self.mark(error.contains(because), || format!("wanted a refusal because {because:?}"));
            }
        }
    }

    /// Tells that something holds.
    pub(super) fn holds(&mut self, what: &str, holds: bool) {
        say::line(&format!("    {what}"));
        self.mark(holds, || "that is not so".to_owned());
    }

    fn mark(&mut self, right: bool, wrong: impl FnOnce() -> String) {
        if right {
            say::line(&format!("      {}", say::paint(32, "✓ as it has to be")));
        } else {
            self.failed += 1;
            say::line(&format!("      {}", say::paint(31, &format!("✗ NOT as it has to be: {}", wrong()))));
        }
    }

    /// How many acts there were, and how many things were not as they have to be.
    pub(super) fn score(&self) -> (usize, usize) {
        (self.acts, self.failed)
    }
}

/// What a node says of a paper.
async fn asked_at(node: &Node, paper: &Paper) -> Result<Verdict, Failure> {
    let credential = Credential::parse(paper.body.as_slice())?;
    let beside = Beside { tlog_proof: paper.proof.clone(), ..Beside::default() };
    Ok(verify::credential_with(&node.app, credential, beside, Extent::Full).await)
}
