//! Why nothing could be read at all.

use super::failure::{Failure, is_expired};
use crate::model::gap::GapStatus;

/// The tool could not start reading: no audit was performed. What fails later is a gap instead.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// No source of credentials had any.
    #[error("no AWS credentials were found: {0}")]
    NoCredentials(String),
    /// The session is over.
    #[error("the AWS credentials have expired ({0})")]
    Expired(String),
    /// The credentials are not valid.
    #[error("AWS does not accept the credentials ({0})")]
    Refused(String),
    /// Nobody answers.
    #[error("{endpoint} cannot be reached: {detail}")]
    Unreachable {
        /// The endpoint or region that was asked.
        endpoint: String,
        /// What went wrong.
        detail: String,
    },
    /// There is no such region.
    #[error("there is no region `{region}` in this partition")]
    UnknownRegion {
        /// As it was given.
        region: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The regions to read are not known.
    #[error("the enabled regions of account {account} cannot be listed ({detail})")]
    RegionsUnknown {
        /// The account.
        account: String,
        /// Code and message.
        detail: String,
    },
    /// A role to assume is not written as an ARN.
    #[error("`{0}` is not the ARN of an IAM role")]
    BadRole(String),
    /// Two roles would read the same account.
    #[error("two roles of account {0} are to be assumed")]
    TwoRoles(String),
    /// The service answered in another way.
    #[error("{call} failed ({detail})")]
    Failed {
        /// The call.
        call: String,
        /// Code and message.
        detail: String,
    },
    /// The machinery for network requests could not be started.
    #[error("network requests are not possible: {0}")]
    Runtime(#[from] std::io::Error),
}

impl CollectError {
    /// What to do about it, in one sentence.
    pub fn help(&self) -> String {
        match self {
            Self::NoCredentials(_) => "set AWS_PROFILE or --profile, sign in with `aws sso login`, or set \
                 AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                .into(),
            Self::Expired(_) => "sign in again (`aws sso login`) or renew the session's keys".into(),
            Self::Refused(_) => {
                "check the profile, the keys and, outside the standard partition, that --region names a region \
                 of the credentials' own partition"
                    .into()
            }
            Self::Unreachable { .. } => "check the network, the proxy, --endpoint-url and --region".into(),
            Self::UnknownRegion { known, .. } => format!("the regions are {}", known.join(", ")),
            Self::RegionsUnknown { .. } => "name the regions with --region, or allow ec2:DescribeRegions".into(),
            Self::BadRole(_) => "write it as arn:aws:iam::ACCOUNT:role/NAME".into(),
            Self::TwoRoles(_) => "name one role for each account".into(),
            Self::Failed { .. } => "try again; if it persists, check the service's health and the endpoint".into(),
            Self::Runtime(_) => "check the limits of open files and of memory".into(),
        }
    }

    /// What the very first request's failure means.
    pub(crate) fn from_first(call: &str, endpoint: &str, failure: Failure) -> Self {
        let message = failure.message.as_deref().unwrap_or_default();
        let detail = match (failure.code.as_str(), message) {
            (code, "") => code.to_owned(),
            (code, message) => format!("{code}: {message}"),
        };
        match failure.code.as_str() {
            "timeout" | "connection" | "no-address" => Self::Unreachable { endpoint: endpoint.to_owned(), detail },
            "credentials" => Self::NoCredentials(detail),
            code if is_expired(code) => Self::Expired(detail),
            "SignatureDoesNotMatch" | "IncompleteSignature" | "AuthFailure" | "MissingAuthenticationToken" => {
                Self::Refused(detail)
            }
            _ if failure.status == GapStatus::Disabled => Self::Refused(detail),
            _ => Self::Failed { call: call.to_owned(), detail },
        }
    }
}
