//! From the SDK's errors to gaps: the one place that decides what a failed request means.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::calls::Call;
use crate::model::gap::{Gap, GapStatus};
use crate::model::text::Text;

/// Longest message that a gap keeps, in characters.
const LONGEST: usize = 300;

/// Why a request gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// How it failed.
    pub(crate) status: GapStatus,
    /// The service's code, or a word of ours: `timeout`, `connection`, `no-address`, `credentials`, `request`,
    /// `unreadable-answer`, `repeated-token`, `too-many-pages`, `missing-field`.
    pub(crate) code: Text,
    /// One line about it.
    pub(crate) message: Option<Text>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{}: {message}", self.code),
            None => write!(f, "{}", self.code),
        }
    }
}

impl Failure {
    /// A failure that we found ourselves.
    pub(crate) fn new(status: GapStatus, code: &str, message: &str) -> Self {
        let message = one_line(message);
        Self { status, code: Text::from(code), message: (!message.is_empty()).then(|| Text::from(message)) }
    }

    /// The body of an answer broke off, or is not what its checksum says.
    pub(crate) fn of_body(error: &(dyn Error + 'static)) -> Self {
        Self::new(GapStatus::Failed, "body", &chain(error))
    }

    /// A later page of a list failed: whatever came before is not the whole.
    pub(crate) fn of_later_page(mut self) -> Self {
        if matches!(self.status, GapStatus::Failed | GapStatus::NotUnderstood) {
            self.status = GapStatus::Incomplete;
        }
        self
    }

    /// The gap that it leaves.
    pub(crate) fn into_gap(self, account: &Text, region: &Text, call: &Call, resource: Option<Text>) -> Gap {
        Gap {
            account: account.clone(),
            region: region.clone(),
            service: Text::from(call.service),
            operation: Text::from(call.operation),
            resource,
            status: self.status,
            code: self.code,
            message: self.message,
            iam_action: Text::from(call.iam_action),
        }
    }
}

impl<E> From<&SdkError<E, HttpResponse>> for Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn from(error: &SdkError<E, HttpResponse>) -> Self {
        let ours = |status, code| Self::new(status, code, &chain(error));
        match error {
            SdkError::TimeoutError(_) => ours(GapStatus::Failed, "timeout"),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => ours(GapStatus::Failed, "timeout"),
            SdkError::DispatchFailure(_) if is_about_credentials(error) => ours(GapStatus::Failed, "credentials"),
            SdkError::DispatchFailure(failure) if failure.is_user() => ours(GapStatus::Failed, "request"),
            SdkError::DispatchFailure(_) if chain(error).contains("dns error") => {
                let message = "the service's host name is not known: the region may not offer the service";
                Self::new(GapStatus::Failed, "no-address", message)
            }
            SdkError::DispatchFailure(_) => ours(GapStatus::Failed, "connection"),
            SdkError::ServiceError(answer) => {
                let http = answer.raw().status().as_u16();
                match answer.err().code() {
                    Some(code) => {
                        let message = answer.err().message().unwrap_or_default();
                        Self::new(status_of(code, message), code, message)
                    }
                    // A success that the SDK cannot parse comes as a service error without a code.
                    None if http < 300 => ours(GapStatus::NotUnderstood, "unreadable-answer"),
                    None if http == 403 => ours(GapStatus::Denied, "403"),
                    None => ours(GapStatus::Failed, &http.to_string()),
                }
            }
            SdkError::ResponseError(_) => ours(GapStatus::NotUnderstood, "unreadable-answer"),
            _ => ours(GapStatus::Failed, "request"),
        }
    }
}

/// What a service's error code says about the reason.
pub(crate) fn status_of(code: &str, message: &str) -> GapStatus {
    match code {
        // EC2 uses one code for a missing permission and for a region that does not know the caller.
        "AuthFailure" if message.contains("authorized") => GapStatus::Denied,
        // The caller's identity was confirmed before: a region that refuses it is not enabled.
        "AuthFailure"
        | "OptInRequired"
        | "SubscriptionRequiredException"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "RegionDisabledException"
        | "InvalidRegion" => GapStatus::Disabled,
        "UnauthorizedOperation"
        | "UnauthorizedAccess"
        | "NotAuthorized"
        | "NotAuthorizedException"
        | "AuthorizationError"
        | "AllAccessDisabled"
        | "InsufficientPrivilegesException"
        | "Forbidden" => GapStatus::Denied,
        "RequestLimitExceeded" | "SlowDown" | "BandwidthLimitExceeded" | "PriorRequestNotComplete" => {
            GapStatus::Throttled
        }
        _ if code.starts_with("AccessDenied") => GapStatus::Denied,
        _ if code.contains("Throttl") || code.starts_with("TooManyRequests") => GapStatus::Throttled,
        _ => GapStatus::Failed,
    }
}

/// Whether the session ended, rather than lacking a right.
pub(crate) fn is_expired(code: &str) -> bool {
    matches!(code, "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired")
}

fn is_about_credentials(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|error| error.is::<CredentialsError>())
}

/// An error and its causes, the outermost first.
pub(crate) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in causes(error) {
        let part = part.to_string();
        // Wrappers often repeat what they wrap.
        if !parts.iter().any(|known| known.contains(&part)) {
            parts.push(part);
        }
    }
    parts.join(": ")
}

/// A message fit for a report: one line of bounded length, without key ids and without the encoded
/// authorization message, which describes the caller's policies.
pub(crate) fn one_line(message: &str) -> String {
    let message = message.split("Encoded authorization failure message").next().unwrap_or_default();
    let words: Vec<String> = message.split_whitespace().map(masked).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

fn masked(word: &str) -> String {
    let is_key = |part: &str| {
        part.len() >= 16
            && ["AKIA", "ASIA", "AROA", "AIDA"].iter().any(|head| part.starts_with(head))
            && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let parts = word.split(|c: char| !c.is_ascii_alphanumeric());
    parts
        .filter(|part| is_key(part))
        .fold(word.to_owned(), |word, key| word.replace(key, &format!("{}…", key.get(..4).unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_one_meaning() {
        for (code, status) in [
            ("AccessDenied", GapStatus::Denied),
            ("AccessDeniedException", GapStatus::Denied),
            ("UnauthorizedOperation", GapStatus::Denied),
            ("RequestLimitExceeded", GapStatus::Throttled),
            ("ThrottlingException", GapStatus::Throttled),
            ("Throttling", GapStatus::Throttled),
            ("SlowDown", GapStatus::Throttled),
            ("OptInRequired", GapStatus::Disabled),
            ("UnrecognizedClientException", GapStatus::Disabled),
            ("InternalError", GapStatus::Failed),
            ("ExpiredToken", GapStatus::Failed),
        ] {
            assert_eq!(status_of(code, ""), status, "{code}");
        }
        assert_eq!(status_of("AuthFailure", "not authorized for images"), GapStatus::Denied);
        assert_eq!(status_of("AuthFailure", "unable to validate the access credentials"), GapStatus::Disabled);
    }

    #[test]
    fn messages_are_short_single_lines_without_keys() {
        let message =
            one_line("The key\n AKIAIOSFODNN7EXAMPLE, is   wrong. Encoded authorization failure message: zzz");
        assert_eq!(message, "The key AKIA…, is wrong.");
        let long = one_line(&"é".repeat(1_000));
        assert_eq!(long.chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_lost_later_page_is_incomplete_and_a_throttled_one_stays_throttled() {
        let failed = Failure::new(GapStatus::Failed, "InternalError", "");
        assert_eq!(failed.of_later_page().status, GapStatus::Incomplete);
        let throttled = Failure::new(GapStatus::Throttled, "SlowDown", "");
        assert_eq!(throttled.of_later_page().status, GapStatus::Throttled);
    }
}
