//! A message as a POST over HTTPS: rustls on ring, as the SDK has it, and the machine's own trust store.

use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::Problem;

/// One attempt may take so long, so that a second one has a chance.
const ATTEMPT: Duration = Duration::from_secs(10);

/// Post it once. A redirect is not followed: the message is for the address that was named.
pub(super) fn post(address: &Uri, json: &str, limit: Duration) -> Result<(), Problem> {
    let trusted = if address.scheme_str() == Some("https") { trusted() } else { Vec::new() };
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(trusted)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(limit.min(ATTEMPT)))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("lastgood/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls)
        .build()
        .into();
    match agent.post(address).content_type("application/json").send(json) {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => {
            let status = answer.status();
            let again = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
            Err(Problem { message: format!("the answer was {}", status.as_u16()), again })
        }
        Err(error) => Err(explain(&error)),
    }
}

/// The authorities that this machine trusts, or those of `SSL_CERT_FILE`. With none, no server is trusted.
fn trusted() -> Vec<Certificate<'static>> {
    let found = rustls_native_certs::load_native_certs();
    found.certs.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect()
}

/// In our own words: the client's may name the address.
fn explain(error: &ureq::Error) -> Problem {
    let (message, again) = match error {
        ureq::Error::Timeout(_) => ("there was no answer in time".to_owned(), true),
        ureq::Error::HostNotFound => ("its host is not known".to_owned(), true),
        ureq::Error::ConnectionFailed => ("no connection".to_owned(), true),
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            (format!("the connection cannot be trusted: {error}"), false)
        }
        ureq::Error::Io(error) => (format!("the connection failed: {error}"), true),
        ureq::Error::Protocol(_) => ("the answer is not HTTP".to_owned(), true),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => ("the connection cannot be trusted (TLS)".to_owned(), false),
        _ => ("the request was not possible".to_owned(), false),
    };
    Problem { message, again }
}
