//! What to read, as whom, and how patiently.

use std::fmt;
use std::time::Duration;

/// What to read, as whom, and how patiently.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The regions to read; empty for every region that is enabled in the account.
    pub regions: Vec<String>,
    /// Profile of the AWS configuration; otherwise the default chain decides.
    pub profile: Option<String>,
    /// ARNs of roles to assume; each is one more account to read.
    pub assume_roles: Vec<String>,
    /// External id that the roles' trust policies demand.
    pub external_id: Option<String>,
    /// A policy that narrows what the assumed roles may do (`sts:AssumeRole`, `Policy`).
    pub session_policy: Option<String>,
    /// Another server than AWS, for tests and emulators.
    pub endpoint_url: Option<String>,
    /// Whether to ask each snapshot and image with whom it is shared: one request each.
    pub share_details: bool,
    /// How long and how often to try.
    pub patience: Patience,
    /// Keys to use instead of the default chain, for tests and emulators.
    pub keys: Option<Keys>,
}

/// Access keys. They never show in debug output.
#[derive(Clone)]
pub struct Keys {
    /// The id.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
    /// The token of a temporary session.
    pub session_token: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// Time limits, retries and concurrency.
#[derive(Clone, Debug)]
pub struct Patience {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the first byte of the answer.
    pub read: Duration,
    /// For one attempt.
    pub attempt: Duration,
    /// For one request with all its attempts.
    pub operation: Duration,
    /// Attempts per request, the first included.
    pub attempts: u32,
    /// Longest wait before the second attempt; it doubles for each further one.
    pub backoff: Duration,
    /// Requests under way per account and region. AWS Backup does not publish its limits; EC2 refills
    /// 20 a second, which other tools need too.
    pub requests_at_once: usize,
    /// Account-region pairs read at the same time.
    pub places_at_once: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(30),
            attempt: Duration::from_secs(30),
            operation: Duration::from_secs(120),
            attempts: 4,
            backoff: Duration::from_secs(1),
            requests_at_once: 4,
            places_at_once: 8,
        }
    }
}
