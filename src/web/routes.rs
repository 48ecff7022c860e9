//! Every URL of the service, once: the router matches with these, links are built from these.

use crate::credential::id::CredentialId;

/// A method and a path as the router matches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`; every `GET` answers `HEAD` too.
    pub method: &'static str,
    /// The path, its parameters in braces.
    pub path: &'static str,
}

macro_rules! routes {
    ($($(#[$doc:meta])* $name:ident = $method:ident $path:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $path;)*

        /// Every route; `openapi.json` describes each.
        pub const ROUTES: &[Route] = &[$(Route { method: stringify!($method), path: $path },)*];
    };
}

routes! {
    /// The home page: drop or paste a credential.
    HOME = GET "/";
    /// The same form, answered by a page.
    VERIFY_PAGE = POST "/verify";
    /// Issues a credential.
    ISSUE = POST "/credentials/issue";
    /// A draft as it would be signed, for somebody else to confirm first.
    PREPARE = POST "/credentials/prepare";
    /// Verifies a credential.
    VERIFY = POST "/credentials/verify";
    /// Sets or lifts a status.
    STATUS = POST "/credentials/status";
    /// Destroys the content of a record.
    ERASE = POST "/credentials/erase";
    /// Verifies a presentation.
    VERIFY_PRESENTATION = POST "/presentations/verify";
    /// A credential for its institution: our id, or its own `id` percent-encoded.
    CREDENTIAL = GET "/credentials/{id}";
    /// The one URL of a credential: page and document, with `.json` and `.html` as suffixes.
    SHOW = GET "/c/{id}";
    /// Its QR symbol as SVG.
    QR_SVG = GET "/c/{id}/qr.svg";
    /// Its QR symbol as PNG.
    QR_PNG = GET "/c/{id}/qr.png";
    /// Who issues here.
    INSTITUTIONS = GET "/institutions";
    /// A new institution.
    FOUND = POST "/institutions";
    /// An institution that closes, and who keeps its register.
    CLOSE = POST "/institutions/{slug}/close";
    /// The keys of an institution.
    KEYS = GET "/institutions/{slug}/keys";
    /// A new key of an institution.
    MAKE_KEY = POST "/institutions/{slug}/keys";
    /// A key that signs no more.
    RETIRE_KEY = POST "/institutions/{slug}/keys/{key}/retire";
    /// The tokens within reach.
    TOKENS = GET "/tokens";
    /// A new token.
    MAKE_TOKEN = POST "/tokens";
    /// A token that works no more.
    REVOKE_TOKEN = POST "/tokens/revoke";
    /// The DID document of an institution (did:web).
    DID_DOCUMENT = GET "/institutions/{slug}/did.json";
    /// The DID document of a host with a single institution (did:web).
    DID_DOCUMENT_ROOT = GET "/.well-known/did.json";
    /// A signed status list.
    STATUS_LIST = GET "/institutions/{slug}/status/{purpose}/{number}";
    /// A version of an authority's root.
    TRUST_ROOT = GET "/trust/{territory}/root/{number}";
    /// The authorities pinned here.
    PINS = GET "/trust/pins";
    /// Pins an authority.
    PIN = POST "/trust/pins";
    /// Ends a pin.
    UNPIN = POST "/trust/unpin";
    /// The trust list of the one authority here.
    TRUST_LIST_ONLY = GET "/trust-list";
    /// The newest trust list of the authority of a territory.
    TRUST_LIST = GET "/trust/{territory}/list";
    /// A trust list of the past.
    TRUST_LIST_VERSION = GET "/trust/{territory}/list/{number}";
    /// An issuer on an authority's list.
    LIST_ISSUER = POST "/authority/issuers";
    /// What became of a key of an issuer.
    ISSUER_KEY = POST "/authority/keys";
    /// A new accreditation.
    ACCREDIT = POST "/authority/accreditations";
    /// What became of an accreditation.
    STANDING = POST "/authority/accreditations/{grant}/standing";
    /// Who takes over the register of a closed issuer.
    SUCCESSOR = POST "/authority/successors";
    /// The root of another authority, as pinned.
    POINTER = POST "/authority/pointers";
    /// By what logs are judged.
    LOG_POLICY = POST "/authority/policy";
    /// A college accounts for leaves of its log.
    DELIVER = POST "/authority/deliveries";
    /// Which leaf of a log is awaited next.
    DELIVER_NEXT = GET "/authority/deliveries/next";
    /// How many graduates a cohort has.
    COHORT = POST "/authority/cohorts";
    /// The count: leaves against graduates.
    COUNT = GET "/authority/count";
    /// A new root of an authority.
    PUBLISH_ROOT = POST "/authority/roots";
    /// A status list of a closed institution, signed by the one that keeps its register.
    MIRRORED_LIST = GET "/institutions/{slug}/status/{closed}/{purpose}/{number}";
    /// The transparency logs there are.
    LOGS = GET "/log";
    /// The newest checkpoint of a year's log.
    LOG_CHECKPOINT = GET "/log/{year}/checkpoint";
    /// The key its checkpoints are signed with.
    LOG_KEY = GET "/log/{year}/key";
    /// A tile of hashes, or below `entries/` a bundle of entries.
    LOG_TILE = GET "/log/{year}/tile/{*path}";
    /// The proof that a credential is in the log.
    LOG_PROOF = GET "/c/{id}/tlog-proof";
    /// Cosigns a checkpoint of somebody else's log (C2SP tlog-witness).
    ADD_CHECKPOINT = POST "/add-checkpoint";
    /// The key it is cosigned with.
    WITNESS_KEY = GET "/witness/key";
    /// Resolves a DID or dereferences a DID URL.
    IDENTIFIER = GET "/1.0/identifiers/{*did}";
    /// A JSON-LD context of ours.
    CONTEXT = GET "/contexts/{name}";
    /// The institutions on the trust lists gone by here, to be looked up.
    DIRECTORY = GET "/directory";
    /// One of them: its keys and what became of its accreditation.
    DIRECTORY_ENTRY = GET "/directory/{territory}/{did}";
    /// All of them as GeoJSON.
    MAP = GET "/map.geojson";
    /// The qualifications frameworks known here; as a page, some of them side by side.
    FRAMEWORKS = GET "/frameworks";
    /// One of them, with its sources.
    FRAMEWORK = GET "/frameworks/{id}";
    /// Applications for recognition that wait; to a person the form for one.
    APPLICATIONS = GET "/applications";
    /// An application for recognition.
    APPLY = POST "/applications";
    /// An application: to an officer all of it, to its applicant how it stands.
    APPLICATION = GET "/applications/{id}";
    /// An officer decides.
    DECIDE = POST "/applications/{id}/decision";
    /// The applicant appeals.
    APPEAL = POST "/applications/{id}/appeal";
    /// The applicant takes it back.
    WITHDRAW = POST "/applications/{id}/withdraw";
    /// It is erased, with everything personal.
    ERASE_APPLICATION = POST "/applications/{id}/erase";
    /// The agreements kept here; as a page too.
    AGREEMENTS = GET "/agreements";
    /// A new agreement, or other terms of a draft.
    FILE_AGREEMENT = POST "/agreements";
    /// How many institutions, agreements and activities there are.
    AGREEMENT_REPORT = GET "/agreements/report";
    /// A file of agreements and activities.
    IMPORT_AGREEMENTS = POST "/agreements/import";
    /// One agreement.
    AGREEMENT = GET "/agreements/{id}";
    /// Where it stands from now on.
    AGREEMENT_STATE = POST "/agreements/{id}/state";
    /// A party signs it.
    SIGN_AGREEMENT = POST "/agreements/{id}/signature";
    /// What is done under it.
    RECORD_ACTIVITY = POST "/agreements/{id}/activities";
    /// What is counted, and how.
    STATISTICS = GET "/statistics";
    /// A table of it: JSON, CSV, signed, or a page with charts.
    STATISTICS_TABLE = GET "/statistics/{subject}";
    /// What a problem code means.
    PROBLEM = GET "/problems/{code}";
    /// Styles and scripts of the pages.
    ASSET = GET "/assets/{name}";
    /// Whether the process answers.
    HEALTH = GET "/healthz";
    /// Whether it can do its work, writing included.
    READY = GET "/readyz";
    /// Counters, in the Prometheus text format.
    METRICS = GET "/metrics";
    /// This interface, OpenAPI 3.1.
    OPENAPI = GET "/openapi.json";
}

/// [`SHOW`] as a QR symbol in alphanumeric mode spells it.
pub const SHOW_UPPER: &str = "/C/{id}";

/// The path of a credential's page.
pub fn show(id: CredentialId) -> String {
    format!("/c/{id}")
}

/// The path of a problem's page.
pub fn problem(code: &str) -> String {
    format!("/problems/{code}")
}
