//! Two services in this process: a ministry of Vietnam with its college, and an authority of Laos that recognises.

use jiff::SignedDuration;
use serde_json::{Value, json};
use testamur::access::{Reach, Role};
use testamur::administer::{self, Naming, NewInstitution};
use testamur::config::Config;
use testamur::institution::Kind;
use testamur::issue::operator;
use testamur::pin;
use testamur::store::{Change, Filing, Register};
use testamur::text::{LangTag, LocalizedText};

use crate::support::{Actor, Answer, Listening, TestHouse, diploma};
use crate::trust::ministry::{Ministry, abroad, on_a_port, slug};

/// Both countries, and the agreement between them.
pub struct Countries {
    pub vietnam: Ministry,
    pub grant: String,
    pub laos: TestHouse,
    officer: String,
    second: String,
    keeper: String,
    listening: Option<Listening>,
}

impl Countries {
    pub async fn with(settings: impl FnOnce(&mut Config)) -> Self {
        let (vietnam, grant) = Ministry::accrediting_in(on_a_port().await).await;
        let listening = vietnam.house.listening().await;
        let laos = abroad(&vietnam, settings).await;
        let app = &laos.app;
        let fingerprint = &vietnam.roots[0].fingerprint;
        pin::pin(&app.fetcher, &app.pins, &vietnam.root_url(), fingerprint, app.now()).await.unwrap();
        app.registry.pin(app.pins.load().unwrap());
        let mut name = LocalizedText::default();
        name.set(LangTag::parse("lo").unwrap(), "ສູນຂໍ້ມູນການຮັບຮອງຄຸນວຸດທິ (ຕົວຢ່າງ)");
        name.set(LangTag::parse("en").unwrap(), "Recognition Centre (sample)");
        let new = NewInstitution {
            slug: slug("recognition"),
            name,
            naming: Naming::Web,
            country: None,
            contact: Some("office@recognition.la.example".to_owned()),
            kind: Kind::Authority { territory: "LA".to_owned() },
        };
        administer::found(app, &operator(app.now()), new).await.unwrap();
        let token = async |label: &str, role| {
            let reach = Reach::Institutions(vec![slug("recognition")]);
            administer::new_token(app, &operator(app.now()), label, vec![role], reach).await.unwrap()
        };
        let (officer, second) =
            (token("officer A", Role::Officer).await, token("officer B", Role::Officer).await);
        let keeper = token("registrar", Role::Registrar).await;
        Self { vietnam, grant, officer, second, keeper, laos, listening: Some(listening) }
    }

    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub fn officer(&self) -> Actor {
        self.laos.bearing(&self.officer)
    }

    pub fn second(&self) -> Actor {
        self.laos.bearing(&self.second)
    }

    pub fn keeper(&self) -> Actor {
        self.laos.bearing(&self.keeper)
    }

    /// The agreement that recognises Vietnamese diplomas for further study in Laos.
    pub async fn agree(&self) {
        let agreement = json!({
            "agreementId": "VN-LA-SAMPLE-2026", "kind": "ministry", "effectiveFrom": "2026-10-01", "effectiveTo": "2031-09-30",
            "party": [{"id": "did:web:moet.vn.example", "territory": "VN"}, {"id": "did:web:moes.la.example", "territory": "LA"}],
            "scope": [{"origin": "VN", "receiving": "LA", "framework": "VQF", "levelMin": 5, "levelMax": 5, "types": ["diploma"],
                "purposes": ["further-study"], "automatic": true, "target": "LNQF:5",
                "conditions": [{"field": "notionalHours", "op": "ge", "value": 2000}]}],
        });
        let day = |state: &str| json!({"state": state, "since": "2026-10-01", "recordedAt": "2026-10-01T00:00:00Z"});
        let body = json!({"agreement": agreement, "history": [day("draft"), day("signed"), day("in-force")]});
        let filing = Filing {
            institution: slug("recognition"),
            register: Register::Agreement,
            id: "VN-LA-SAMPLE-2026".to_owned(),
            version: 1,
            at: self.laos.app.now(),
            actor: "registrar".to_owned(),
            body: Some(body.to_string().into_bytes()),
        };
        self.laos.app.commit(vec![Change::Filed(Box::new(filing))]).await.unwrap();
    }

    /// The agreement is suspended on the very day.
    pub async fn suspend(&self) {
        self.tell("suspended", "2026-11-22").await;
    }

    /// And in force again, on that day.
    pub async fn resume(&self) {
        self.tell("in-force", "2026-11-22").await;
    }

    /// And in force again from a later day on.
    pub async fn resume_from(&self, day: &str) {
        self.tell("in-force", day).await;
    }

    async fn tell(&self, state: &str, since: &str) {
        let app = &self.laos.app;
        let known =
            app.store.filing(&slug("recognition"), Register::Agreement, "VN-LA-SAMPLE-2026", None).await;
        let mut known = known.unwrap().unwrap();
        let mut body: Value = serde_json::from_slice(known.body.as_deref().unwrap()).unwrap();
        let entry =
            json!({"state": state, "since": since, "recordedAt": app.now().to_string(), "reason": "anew"});
        body["history"].as_array_mut().unwrap().push(entry);
        known.version += 1;
        known.body = Some(body.to_string().into_bytes());
        app.commit(vec![Change::Filed(Box::new(known))]).await.unwrap();
    }

    /// Vietnam answers nobody any more.
    pub async fn fall_silent(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.stop().await;
        }
    }

    /// The page of a statement, in English.
    pub async fn page(&self, decision: &Value) -> String {
        let path = decision["statement"].as_str().unwrap().strip_prefix("http://localhost:8080").unwrap();
        self.laos.browser().get(&format!("{path}?lang=en")).await.text()
    }

    /// A diploma of the college in Hà Nội, VQF 5, 2,760 hours.
    pub async fn diploma(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut draft = diploma();
        draft["credentialSubject"]["activityStartDate"] = json!("2023-09-05T00:00:00+07:00");
        let achievement = &mut draft["credentialSubject"]["achievement"];
        achievement["notionalHours"] = json!(2760);
        achievement["deliveryMode"] = json!("in-person");
        achievement["alignment"] = json!([
            {"type": ["Alignment"], "targetName": "VQF 5", "targetUrl": "https://x.example/VQF/5", "targetFramework": "VQF",
                "targetCode": "5", "targetType": "ext:FrameworkLevel"},
            {"type": ["Alignment"], "targetName": "Construction", "targetUrl": "https://x.example/0732",
                "targetFramework": "ISCED-F-2013", "targetCode": "0732", "targetType": "ext:Classification"},
        ]);
        change(&mut draft);
        let issued =
            self.vietnam.house.college().post("/credentials/issue", &json!({"credential": draft})).await;
        assert_eq!(issued.status, 201, "{}", issued.text());
        issued.json()["verifiableCredential"].clone()
    }

    /// What the college decided about a diploma.
    pub async fn set_status(&self, credential: &Value, purpose: &str) {
        let asked = json!({"credentialId": credential["id"], "reason": "an error",
            "credentialStatus": [{"type": "BitstringStatusListEntry", "statusPurpose": purpose, "status": "1"}]});
        let answer = self.vietnam.house.college().post("/credentials/status", &asked).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Lets time go by in both countries.
    pub fn pass(&self, time: SignedDuration) {
        self.laos.clock.advance(time);
        self.vietnam.house.clock.advance(time);
    }

    pub async fn apply(&self, asked: &Value) -> Value {
        let answer = self.applied(asked).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    pub async fn applied(&self, asked: &Value) -> Answer {
        self.laos.stranger().post("/applications", asked).await
    }

    /// An application as an officer sees it.
    pub async fn file(&self, application: &Value) -> Value {
        let path = format!("/applications/{}", application["application"].as_str().unwrap());
        let answer = self.officer().get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub async fn decide(&self, by: &Actor, application: &Value, decision: Value) -> Answer {
        let path = format!("/applications/{}/decision", application["application"].as_str().unwrap());
        by.post(&path, &decision).await
    }

    /// The statement at its own address.
    pub async fn statement(&self, decision: &Value) -> Value {
        let path =
            decision["statement"].as_str().unwrap().strip_prefix("http://localhost:8080").unwrap().to_owned();
        let answer = self.laos.stranger().get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}

/// An application for further study at level 5 of Laos.
pub fn asked(credential: &Value) -> Value {
    json!({
        "credential": credential, "purpose": "further-study",
        "target": {"framework": "LNQF", "level": 5},
        "applicant": {"name": "ທ້າວ ສົມພອນ", "contact": "somphone@mail.example"},
        "stated": {"enrolledBefore": true, "notionalHours": 9999},
    })
}
