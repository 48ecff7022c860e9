//! The cast of the demo: institutions, a token, and documents, each made once and found again.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{Failure, secret_file};
use crate::access::{Reach, Role, TokenRecord, token_hash};
use crate::administer::{self, Naming, NewInstitution};
use crate::agree;
use crate::app::App;
use crate::codec::json;
use crate::credential::draft::Draft;
use crate::credential::endorsement;
use crate::crypto::proof::{self, ProofOptions};
use crate::crypto::{Ed25519Signer, Signer};
use crate::did;
use crate::institution::{Kind, Slug};
use crate::issue::{self, Issued, Request, operator};
use crate::revoke::{self, RevokeError};
use crate::store::Purpose;
use crate::text::{LangTag, LocalizedText};

/// An institution of the demo: slug, naming, country, names by language.
type Player = (&'static str, Naming, Option<&'static str>, &'static [(&'static str, &'static str)]);

/// The institutions.
const INSTITUTIONS: &[Player] = &[
    (
        "vn-college",
        Naming::Web,
        Some("VN"),
        &[
            ("vi", "Trường Cao đẳng Kỹ thuật Công nghiệp Mẫu"),
            ("en", "Sample College of Industrial Technology"),
        ],
    ),
    (
        "la-college",
        Naming::Web,
        Some("LA"),
        &[("lo", "ວິທະຍາໄລເຕັກນິກວິຊາຊີບ ຕົວຢ່າງ"), ("en", "Sample Technical-Vocational College")],
    ),
    ("conformance", Naming::Key, None, &[("en", "Conformance (for test suites)")]),
];

/// The placeholder in the drafts for the address of the award context.
pub(super) const CONTEXT: &str = "https://registry.example/contexts/testamur-award-v1.jsonld";

/// A document of the demo.
pub(super) struct Document {
    /// The name of its file, without `.json`.
    pub(super) name: &'static str,
    /// Its URL; `None` for one that was never issued.
    pub(super) url: Option<String>,
    /// Its bytes.
    pub(super) body: Vec<u8>,
}

/// Everything the show needs.
pub(super) struct Cast {
    /// The documents, the first one being the diploma whose QR is shown.
    pub(super) documents: Vec<Document>,
    /// Where the token lies.
    pub(super) token_file: PathBuf,
    /// How many documents were found from an earlier run.
    pub(super) found: usize,
}

/// Makes what is missing and finds the rest.
pub(super) async fn assemble(app: &App) -> Result<Cast, Failure> {
    let caller = operator(app.now());
    institutions(app, &caller).await?;
    let token_file = token(app, &caller).await?;
    let mut studio = Studio { app, caller, found: 0 };
    let mut documents = vec![
        studio.plain("diploma-vn", "vn-college", include_str!("diploma-vn.json")).await?,
        studio.plain("diploma-la", "la-college", include_str!("diploma-la.json")).await?,
        studio.plain("transcript-vn", "vn-college", include_str!("transcript-vn.json")).await?,
        studio.plain("micro-credential", "vn-college", include_str!("micro-credential.json")).await?,
        studio.plain("skill-certificate-vn", "vn-college", include_str!("skill-certificate-vn.json")).await?,
        studio.workplace().await?,
        studio.revoked().await?,
    ];
    documents.push(tampered(&documents[0])?);
    let folder = app.config.server.data.join("demo");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for document in &documents {
        let path = folder.join(format!("{}.json", document.name));
        std::fs::write(&path, &document.body).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(Cast { documents, token_file, found: studio.found })
}

async fn institutions(app: &App, caller: &TokenRecord) -> Result<(), Failure> {
    for (slug, naming, country, names) in INSTITUTIONS {
        let slug = Slug::parse(slug)?;
        if app.registry.member(&slug).is_some() {
            continue;
        }
        let mut name = LocalizedText::default();
        for (tag, text) in *names {
            name.set(LangTag::parse(tag)?, *text);
        }
        let country = country.map(str::to_owned);
        administer::found(
            app,
            caller,
            NewInstitution { slug, name, naming: *naming, country, contact: None, kind: Kind::College },
        )
        .await?;
    }
    let dids: Map<String, Value> = app
        .registry
        .members()
        .iter()
        .map(|member| (member.institution.slug.to_string(), json!(member.institution.did)))
        .collect();
    let path = app.config.server.data.join("demo-institutions.json");
    let text = format!("{:#}\n", Value::Object(dids));
    Ok(std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// A token good for every institution of the demo; made again when its file is gone.
async fn token(app: &App, caller: &TokenRecord) -> Result<PathBuf, Failure> {
    let path = app.config.server.data.join("demo-token");
    if let Ok(text) = std::fs::read_to_string(&path) {
        let known = app.registry.token(&token_hash(text.trim()));
        if known.is_some_and(|token| token.revoked.is_none()) {
            return Ok(path);
        }
    }
    if app.store.tokens().await?.iter().any(|token| token.label == "demo" && token.revoked.is_none()) {
        administer::revoke_token(app, caller, "demo").await?;
    }
    let slugs = INSTITUTIONS.iter().map(|row| Slug::parse(row.0)).collect::<Result<Vec<_>, _>>()?;
    let roles = vec![Role::Admin, Role::Registrar];
    let text = administer::new_token(app, caller, "demo", roles, Reach::Institutions(slugs)).await?;
    secret_file(&path, &format!("{text}\n"))?;
    Ok(path)
}

/// Issues each document once: the name of the document is its idempotency key.
struct Studio<'a> {
    app: &'a App,
    caller: TokenRecord,
    found: usize,
}

impl Studio<'_> {
    async fn plain(&mut self, name: &'static str, slug: &str, draft: &str) -> Result<Document, Failure> {
        let draft = self.draft(draft)?;
        let issued = self.issue(name, slug, draft).await?;
        Ok(Document { name, url: Some(issued.url), body: issued.body })
    }

    /// The college prepares the record, the enterprise confirms it with a key of its own, the college signs last.
    async fn workplace(&mut self) -> Result<Document, Failure> {
        let name = "workplace-vn";
        if let Some(issued) = self.again(name, "vn-college").await? {
            return Ok(Document { name, url: Some(issued.url), body: issued.body });
        }
        let enterprise = enterprise()?;
        let did = enterprise.key_id().split('#').next().unwrap_or_default().to_owned();
        let mut draft = self.draft(include_str!("workplace-vn.json"))?;
        if let Some(source) = draft.get_mut("credentialSubject").and_then(|subject| subject.get_mut("source"))
        {
            source["id"] = json!(did);
        }
        let contract = self.contract(&enterprise).await?;
        if let Some(subject) = draft.get_mut("credentialSubject") {
            subject["agreementId"] = json!(contract);
        }
        let request = self.request(name, "vn-college", draft)?;
        let mut prepared = issue::prepare(self.app, &self.caller, request).await?;
        let endorsement = self.endorse(&prepared, &enterprise)?;
        prepared.insert("endorsement".to_owned(), json!([endorsement]));
        let issued = self.issue(name, "vn-college", prepared).await?;
        Ok(Document { name, url: Some(issued.url), body: issued.body })
    }

    /// The training contract of college and enterprise, signed by both; its id.
    async fn contract(&self, enterprise: &Ed25519Signer) -> Result<String, Failure> {
        let college = self.app.registry.member(&Slug::parse("vn-college")?).ok_or("there is no college")?;
        let did = enterprise.key_id().split('#').next().unwrap_or_default();
        let key: String = did.chars().rev().take(6).collect();
        let id = format!("HĐ-ĐTK-2025-014-{key}");
        let terms = json!({
            "agreementId": id, "name": "Hợp đồng đào tạo kép (demo)", "kind": "training-contract",
            "signedOn": "2025-08-20", "effectiveFrom": "2025-09-01", "effectiveTo": "2028-08-31",
            "party": [
                {"id": college.institution.did, "territory": "VN", "name": "Trường Cao đẳng Kỹ thuật Công nghiệp Mẫu"},
                {"id": did, "territory": "VN", "name": "Công ty Cơ khí Mẫu"},
            ],
        });
        let asked = |pairs: Value| if let Value::Object(asked) = pairs { asked } else { Map::new() };
        let filed = asked(json!({"institution": "vn-college", "agreement": terms}));
        agree::file(self.app, &self.caller, filed).await?;
        let ours = agree::sign(self.app, &self.caller, &id, Map::new()).await?;
        let mut document = ours.registered.document().cloned().unwrap_or_default();
        let mut bare = document.clone();
        bare.shift_remove("proof");
        let options = ProofOptions::new(crate::trustlist::edit::SUITE, self.app.now())?;
        proof::attach(&mut document, proof::sign(&bare, &options, enterprise)?);
        let theirs = asked(json!({"verifiableCredential": document}));
        agree::sign(self.app, &self.caller, &id, theirs).await?;
        Ok(id)
    }

    fn endorse(&self, record: &Map<String, Value>, enterprise: &Ed25519Signer) -> Result<Value, Failure> {
        let subject = record.get("credentialSubject").cloned().unwrap_or_default();
        let fact = |name: &str| subject.get(name).cloned().unwrap_or_default();
        let source = fact("source");
        let endorsement = json!({
            "@context": record.get("@context"),
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "name": "Xác nhận của doanh nghiệp",
            "issuer": source,
            "validFrom": self.app.now(),
            "credentialSubject": {
                "id": record.get("id"),
                "type": ["EndorsementSubject"],
                "endorsementComment": "Doanh nghiệp xác nhận 960 giờ và kết quả đánh giá: Đạt.",
                "digestMultibase": endorsement::digest_of(record),
                "workplaceHours": fact("workplaceHours"),
                "workplaceStart": fact("workplaceStart"),
                "workplaceEnd": fact("workplaceEnd"),
                "agreementId": fact("agreementId"),
            },
        });
        let Value::Object(mut endorsement) = endorsement else { return Err("not an object".into()) };
        let options = ProofOptions::new(issue::DEFAULT_SUITE, self.app.now())?;
        let proof = proof::sign(&endorsement, &options, enterprise)?;
        proof::attach(&mut endorsement, proof);
        Ok(Value::Object(endorsement))
    }

    /// A second diploma, issued by mistake and revoked.
    async fn revoked(&mut self) -> Result<Document, Failure> {
        let name = "diploma-revoked";
        let document = self.plain(name, "vn-college", include_str!("diploma-vn.json")).await?;
        let request = revoke::Request {
            credential: document.url.clone().unwrap_or_default(),
            institution: None,
            purpose: Purpose::Revocation,
            value: true,
            reason: Some("Cấp nhầm: kết quả tốt nghiệp đã bị hủy (demo)".to_owned()),
            successor: None,
        };
        match revoke::set_status(self.app, &self.caller, request).await {
            Ok(_) | Err(RevokeError::Already(..)) => Ok(document),
            Err(error) => Err(error.into()),
        }
    }

    async fn issue(&mut self, name: &str, slug: &str, draft: Map<String, Value>) -> Result<Issued, Failure> {
        if let Some(issued) = self.again(name, slug).await? {
            return Ok(issued);
        }
        Ok(issue::issue(self.app, &self.caller, self.request(name, slug, draft)?).await?)
    }

    /// What an earlier run issued under this name.
    async fn again(&mut self, name: &str, slug: &str) -> Result<Option<Issued>, Failure> {
        let Some(receipt) = self.app.store.receipt(&Slug::parse(slug)?, &key(name)).await? else {
            return Ok(None);
        };
        let record =
            self.app.store.credential(receipt.id).await?.ok_or("a receipt without its credential")?;
        self.found += 1;
        let body =
            record.body.ok_or("a demo document was erased: begin anew with --data and another folder")?;
        Ok(Some(Issued { id: receipt.id, url: self.app.urls.credential(receipt.id), body, replayed: true }))
    }

    fn request(&self, name: &str, slug: &str, draft: Map<String, Value>) -> Result<Request, Failure> {
        Ok(Request {
            draft: Draft::from_members(draft),
            institution: Some(Slug::parse(slug)?),
            idempotency_key: Some(key(name)),
            ..Request::default()
        })
    }

    fn draft(&self, text: &str) -> Result<Map<String, Value>, Failure> {
        match self.value(text)? {
            Value::Object(draft) => Ok(draft),
            _ => Err("a demo draft is not an object".into()),
        }
    }

    fn value(&self, text: &str) -> Result<Value, Failure> {
        Ok(json::parse(text.replace(CONTEXT, &self.app.urls.award_context()).as_bytes())?)
    }
}

/// An enterprise with a did:key that nobody keeps: it confirms one record.
fn enterprise() -> Result<Ed25519Signer, Failure> {
    let mut seed = zeroize::Zeroizing::new([0u8; 32]);
    getrandom::fill(seed.as_mut())?;
    let did = did::key::from_public_key(Ed25519Signer::from_seed("", &seed).public_key());
    let method = did.with_fragment(did.method_specific_id());
    Ok(Ed25519Signer::from_seed(method, &seed))
}

fn key(name: &str) -> String {
    format!("demo/{name}")
}

/// The diploma with another name in it.
fn tampered(diploma: &Document) -> Result<Document, Failure> {
    let text = std::str::from_utf8(&diploma.body)?;
    let forged = text.replace("Nguyễn Thị Ánh Nguyệt", "Nguyễn Thị Ánh Tuyết");
    if forged == text {
        return Err("the diploma does not hold the name to forge".into());
    }
    Ok(Document { name: "diploma-tampered", url: None, body: forged.into_bytes() })
}
