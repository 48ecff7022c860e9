//! Every URL and DID of this service, derived from its public URL.

use url::Url;

use crate::credential::id::CredentialId;
use crate::credential::kinds::{CONTEXT_AWARD_PATH, authority_contexts};
use crate::did::{Did, DidError};
use crate::institution::Slug;
use crate::store::{ListKey, Purpose};

/// Builds and recognises the URLs of this service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    public: String,
}

/// The path of an agreement: of its id, what is not ASCII is percent-encoded.
pub fn agreement_path(id: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
    format!("/agreements/{}", percent_encoding::utf8_percent_encode(id, KEPT))
}

/// The public URL cannot serve as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the public URL must be http or https with a host and no path, user, query or fragment, not {0:?}")]
pub struct PublicUrlError(String);

impl Urls {
    /// From the public URL, with or without a slash at its end.
    pub fn new(public: &str) -> Result<Self, PublicUrlError> {
        let refuse = || PublicUrlError(public.chars().take(200).collect());
        let url = Url::parse(public).map_err(|_| refuse())?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !plain {
            return Err(refuse());
        }
        Ok(Self { public: url.as_str().trim_end_matches('/').to_owned() })
    }

    /// The public URL, without a slash at its end.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The one URL of a credential.
    pub fn credential(&self, id: CredentialId) -> String {
        format!("{}/c/{id}", self.public)
    }

    /// The same in upper case, for a small QR symbol in alphanumeric mode.
    pub fn credential_qr(&self, id: CredentialId) -> String {
        self.credential(id).to_ascii_uppercase()
    }

    /// The URL of an agreement.
    pub fn agreement(&self, id: &str) -> String {
        format!("{}{}", self.public, agreement_path(id))
    }

    /// Our id of one of our own credential URLs.
    pub fn credential_of(&self, url: &str) -> Option<CredentialId> {
        let rest = url.get(self.public.len()..)?;
        let prefix = url.get(..self.public.len())?;
        if !prefix.eq_ignore_ascii_case(&self.public) {
            return None;
        }
        let id = rest.strip_prefix("/c/").or_else(|| rest.strip_prefix("/C/"))?;
        CredentialId::parse(id).ok()
    }

    /// The URL of a status list.
    pub fn list(&self, key: &ListKey) -> String {
        format!("{}/institutions/{}/status/{}/{}", self.public, key.institution, key.purpose, key.list)
    }

    /// The list of one of our own status list URLs.
    pub fn list_of(&self, url: &str) -> Option<ListKey> {
        let rest = url.strip_prefix(self.public.as_str())?.strip_prefix("/institutions/")?;
        let mut parts = rest.split('/');
        let institution = Slug::parse(parts.next()?).ok()?;
        if parts.next()? != "status" {
            return None;
        }
        let purpose = Purpose::parse(parts.next()?)?;
        let number = parts.next()?;
        if parts.next().is_some() || number.starts_with(['0', '+']) {
            return None;
        }
        Some(ListKey { institution, purpose, list: number.parse().ok()?, mirror: false })
    }

    /// The URL at which `keeper` serves a list of a closed institution.
    pub fn mirrored_list(&self, keeper: &Slug, key: &ListKey) -> String {
        format!("{}{}/{}", self.mirror(keeper, &key.institution), key.purpose, key.list)
    }

    /// What the URLs of those lists begin with.
    pub fn mirror(&self, keeper: &Slug, closed: &Slug) -> String {
        format!("{}{closed}/", self.lists(keeper))
    }

    /// What the URLs of an institution's status lists begin with.
    pub fn lists(&self, institution: &Slug) -> String {
        format!("{}/institutions/{institution}/status/", self.public)
    }

    /// The keeper and the list of one of our own URLs of the lists of closed institutions.
    pub fn mirrored_list_of(&self, url: &str) -> Option<(Slug, ListKey)> {
        let rest = url.strip_prefix(self.public.as_str())?.strip_prefix("/institutions/")?;
        let (keeper, rest) = rest.split_once("/status/")?;
        let (closed, rest) = rest.split_once('/')?;
        let original = self.list_of(&format!("{}{rest}", self.lists(&Slug::parse(closed).ok()?)))?;
        Some((Slug::parse(keeper).ok()?, original.mirrored()))
    }

    /// The did:web of an institution of this service.
    pub fn did_web(&self, slug: &Slug) -> Result<Did, DidError> {
        Did::parse(&format!("did:web:{}:institutions:{slug}", self.did_host()))
    }

    /// The did:web of the host itself, for a host with a single institution.
    pub fn did_web_root(&self) -> Result<Did, DidError> {
        Did::parse(&format!("did:web:{}", self.did_host()))
    }

    /// Whether a DID lies on this service's host, so that nobody else can be asked for its document.
    pub fn is_own_did(&self, did: &Did) -> bool {
        let host = format!("did:web:{}", self.did_host());
        did.as_str().strip_prefix(&host).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }

    /// The URL of the newest trust list of a territory.
    pub fn trust_list(&self, territory: &str) -> String {
        format!("{}/trust/{territory}/list", self.public)
    }

    /// The URL of one version of a territory's root.
    pub fn trust_root(&self, territory: &str, version: u64) -> String {
        format!("{}/trust/{territory}/root/{version}", self.public)
    }

    /// The URL of the award context this service serves.
    pub fn award_context(&self) -> String {
        format!("{}{CONTEXT_AWARD_PATH}", self.public)
    }

    /// The contexts of what an authority of this service signs.
    pub fn authority_contexts(&self) -> [String; 4] {
        authority_contexts(&self.public)
    }

    fn did_host(&self) -> String {
        let authority = self.public.split_once("://").map_or("", |(_, rest)| rest);
        authority.replace(':', "%3A")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_a_bare_origin() {
        assert_eq!(
            Urls::new("https://Diplomas.VN.example/").unwrap().public(),
            "https://diplomas.vn.example"
        );
        for wrong in [
            "",
            "diplomas.example",
            "ftp://x.example",
            "https://x.example/a",
            "https://u@x.example",
            "https://x.example/?q",
        ] {
            assert!(Urls::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn lists_and_credentials_are_recognised_by_their_urls() {
        let urls = Urls::new("http://localhost:8080").unwrap();
        let (institution, purpose) = (Slug::parse("ha-noi").unwrap(), Purpose::Revocation);
        let key = ListKey { institution, purpose, list: 12, mirror: false };
        assert_eq!(urls.list_of(&urls.list(&key)), Some(key.clone()));
        let keeper = Slug::parse("hue").unwrap();
        let mirror = urls.mirrored_list(&keeper, &key);
        assert_eq!(mirror, "http://localhost:8080/institutions/hue/status/ha-noi/revocation/12");
        assert_eq!(urls.mirrored_list_of(&mirror), Some((keeper, key.mirrored())));
        assert_eq!((urls.list_of(&mirror), urls.mirrored_list_of(&urls.list(&key))), (None, None));
        for wrong in [
            "http://localhost:8080/institutions/ha-noi/status/revocation/012",
            "http://localhost:8080/institutions/ha-noi/status/revocation/1/2",
            "http://localhost:80801/institutions/ha-noi/status/revocation/1",
            "http://localhost:8080/institutions/ha-noi/status/rev/1",
        ] {
            assert_eq!(urls.list_of(wrong), None, "{wrong}");
        }
        let id = CredentialId::from_bytes([7; 16]);
        assert_eq!(urls.credential_of(&urls.credential(id)), Some(id));
        assert_eq!(urls.credential_of(&urls.credential_qr(id)), Some(id));
        assert_eq!(urls.credential_of("http://localhost:8081/c/x"), None);
        assert_eq!(
            urls.did_web(&Slug::parse("ha-noi").unwrap()).unwrap().as_str(),
            "did:web:localhost%3A8080:institutions:ha-noi"
        );
    }
}
