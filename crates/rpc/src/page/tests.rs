#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;

const FILES: [(&str, &str); 6] = [
    ("index.html", "<!doctype html>"),
    ("favicon.svg", "<svg/>"),
    ("assets/index-1a2b.js", "let a"),
    ("assets/index-1a2b.js.br", "BR"),
    ("assets/index-1a2b.js.gz", "GZ"),
    ("secret.pem", "key"),
];

fn some(path: &str) -> Option<Cow<'static, [u8]>> {
    let (_, text) = FILES.iter().find(|(name, _)| *name == path)?;
    Some(Cow::Borrowed(text.as_bytes()))
}

fn ask(path: &str, headers: &[(HeaderName, &'static str)]) -> Response {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
        .collect();
    answer(&some, &Method::GET, path, &headers)
}

fn header_of(response: &Response, name: HeaderName) -> &str {
    text(response.headers(), &name)
}

async fn body(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await;
    String::from_utf8(bytes.unwrap().to_vec()).unwrap()
}

const BROWSER: (HeaderName, &str) = (header::ACCEPT, "text/html,*/*;q=0.8");

#[tokio::test]
async fn every_path_that_a_browser_goes_to_is_the_app() {
    for path in ["/", "/network", "/tx/0x12", "/health/data"] {
        let response = ask(path, &[BROWSER]);
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header_of(&response, header::CACHE_CONTROL), "no-cache");
        assert!(
            header_of(&response, header::CONTENT_SECURITY_POLICY).contains("script-src 'self';")
        );
        assert_eq!(body(response).await, "<!doctype html>");
    }
    // Programs get no page in the place of what they ask for.
    assert_eq!(ask("/network", &[]).status(), StatusCode::NOT_FOUND);
    assert_eq!(
        ask("/api/nothing", &[BROWSER]).status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        answer(&some, &Method::PUT, "/network", &HeaderMap::new()).status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_file_that_is_missing_is_no_page() {
    for path in [
        "/assets/index-0000.js",
        "/assets/index-1a2b.js.br",
        "/secret.pem",
        "/../Cargo.toml",
        "/assets/../../rpc/Cargo.toml",
    ] {
        assert_eq!(
            ask(path, &[BROWSER]).status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_has_its_hash_in_its_name_is_kept_for_ever() {
    let response = ask("/assets/index-1a2b.js", &[]);
    assert!(header_of(&response, header::CACHE_CONTROL).contains("immutable"));
    assert_eq!(
        header_of(&response, header::CONTENT_TYPE),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(body(response).await, "let a");
    let icon = ask("/favicon.svg", &[]);
    assert_eq!(header_of(&icon, header::CACHE_CONTROL), "no-cache");
}

#[tokio::test]
async fn the_smallest_form_that_the_client_takes() {
    for (accepts, coding, text) in [
        ("gzip, br", "br", "BR"),
        ("gzip", "gzip", "GZ"),
        ("identity", "", "let a"),
    ] {
        let headers = [(header::ACCEPT_ENCODING, accepts)];
        let response = ask("/assets/index-1a2b.js", &headers);
        assert_eq!(header_of(&response, header::CONTENT_ENCODING), coding);
        assert_eq!(header_of(&response, header::VARY), "accept-encoding");
        assert_eq!(body(response).await, text);
    }
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let first = ask("/", &[BROWSER]);
    let tag = header_of(&first, header::ETAG).to_owned();
    let headers = HeaderMap::from_iter([
        (header::ACCEPT, HeaderValue::from_static("text/html")),
        (header::IF_NONE_MATCH, HeaderValue::from_str(&tag).unwrap()),
    ]);
    let again = answer(&some, &Method::GET, "/", &headers);
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(body(again).await, "");
}

#[tokio::test]
async fn without_the_app_a_page_says_how_to_build_it() {
    let response = document(&|_| None, &HeaderMap::new());
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(body(response).await.contains("make web"));
}
