//! Publishing a message to a topic of SNS.

use std::time::Duration;

use aws_config::Region;

use super::failure::Failure;
use super::options::{Options, Patience};
use super::session::configure;
use crate::model::arn::Arn;

/// A message for a topic.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    /// ARN of the topic; its region is where it is published.
    pub topic: &'a str,
    /// At most 100 characters of ASCII.
    pub subject: &'a str,
    /// For programs: queues, functions, addresses.
    pub json: &'a str,
    /// For people: mail.
    pub text: &'a str,
}

/// Publish it, within `limit`, with the SDK's own retries. Needs `sns:Publish`, which the role that scans does
/// not otherwise have.
///
/// # Errors
/// What went wrong, in a line.
pub fn publish(notice: &Notice<'_>, options: &Options, limit: Duration) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    // The timer is made inside of the runtime, whose clock it needs.
    let sent = runtime.block_on(async { tokio::time::timeout(limit, send(notice, options, limit)).await });
    sent.unwrap_or_else(|_| Err("there was no answer in time".to_owned()))
}

async fn send(notice: &Notice<'_>, options: &Options, limit: Duration) -> Result<(), String> {
    let patience = Patience { operation: limit, attempt: limit / 2, attempts: 4, ..options.patience.clone() };
    let config = configure(&Options { patience, ..options.clone() }).await;
    let region = Arn::parse(notice.topic).map(|arn| arn.region.to_owned()).unwrap_or_default();
    let client =
        aws_sdk_sns::Client::from_conf(aws_sdk_sns::config::Builder::from(&config).region(Region::new(region)).build());
    // Mail gets the text, everything else the document.
    let message = serde_json::json!({ "default": notice.json, "email": notice.text, "sms": notice.subject });
    let sent = client
        .publish()
        .topic_arn(notice.topic)
        .subject(notice.subject)
        .message_structure("json")
        .message(message.to_string())
        .send()
        .await;
    sent.map(|_| ()).map_err(|error| Failure::from(&error).to_string())
}
