//! Somebody who sends requests, and what is answered.

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use serde_json::Value;
use testamur::web::front::Front;
use tower::ServiceExt as _;

/// Somebody with habits: the headers sent with every request.
#[derive(Clone)]
pub struct Actor {
    service: Front,
    headers: HeaderMap,
}

impl Actor {
    pub fn new(service: Front) -> Self {
        Self { service, headers: HeaderMap::new() }
    }

    /// With one more habit, or another one of that name.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty(), &[]).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, body.to_string()).await
    }

    /// Posts a text that says it is JSON.
    pub async fn post_text(&self, path: &str, text: impl Into<Body>) -> Answer {
        self.send(Method::POST, path, text.into(), &[("content-type", "application/json")]).await
    }

    /// Posts the form of the home page.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = String::new();
        for (name, content) in fields {
            body.push_str(&format!(
                "--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n"
            ));
        }
        body.push_str("--edge--\r\n");
        self.send(Method::POST, path, body.into(), &[("content-type", "multipart/form-data; boundary=edge")])
            .await
    }

    pub async fn send(&self, method: Method, path: &str, body: Body, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).unwrap();
        for (name, value) in &self.headers {
            request.headers_mut().entry(name).or_insert(value.clone());
        }
        let response = self.service.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
        Answer { status, headers, body }
    }
}

/// What was answered.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).map_err(|error| format!("{error}: {}", self.text())).unwrap()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts that this is a problem, and yields its code and detail.
    pub fn problem(&self, status: u16) -> (String, String) {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let body = self.json();
        assert_eq!(body["status"], status);
        assert_eq!(body["requestId"], self.header("x-request-id"));
        let code = body["type"].as_str().unwrap().strip_prefix("http://localhost:8080/problems/").unwrap();
        (code.to_owned(), body["detail"].as_str().unwrap_or_default().to_owned())
    }

    /// The pointers of a problem's errors.
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    }

    /// The codes of a verdict's checks that are not passed.
    pub fn troubles(&self) -> Vec<String> {
        let checks = self.json()["checks"].as_array().cloned().unwrap_or_default();
        let failed = checks.iter().filter(|check| check["outcome"] != "pass");
        failed.map(|check| check["code"].as_str().unwrap().to_owned()).collect()
    }
}
