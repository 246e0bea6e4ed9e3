//! Targets as they are written on the command line.

use std::fmt;
use std::path::Path;

use ureq::http::Uri;

use crate::cli::Failure;
use crate::model::arn::Arn;
use crate::policy::suggest::closest;

/// Somebody to tell.
pub(super) enum Target {
    /// A topic of SNS.
    Topic(String),
    /// An address that takes a POST. It may hold secrets: it is shown without path and query.
    Webhook(Uri),
    /// A program with its arguments.
    Command(Vec<String>),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic(arn) => write!(f, "sns:{arn}"),
            Self::Webhook(address) => {
                let (scheme, host) = (address.scheme_str().unwrap_or_default(), address.host().unwrap_or_default());
                let port = address.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
                write!(f, "webhook:{scheme}://{host}{port}/…")
            }
            // Arguments may hold secrets.
            Self::Command(words) => write!(f, "command:{}", words.first().map_or("", String::as_str)),
        }
    }
}

/// Read one.
pub(super) fn parse(text: &str) -> Result<Target, Failure> {
    match text.split_once(':') {
        Some(("sns", arn)) => topic(arn),
        Some(("webhook", address)) => webhook(address),
        Some(("command", line)) => command(line),
        other => {
            // What stands behind the colon may be secret.
            let word = other.map_or("", |(word, _)| word);
            let failure = Failure::usage(format!("`--notify` does not know the target `{word}`"));
            Err(match closest(word, ["sns", "webhook", "command"]) {
                Some(near) => failure.help(format!("did you mean `{near}:`?")),
                None => failure.help("write sns:TOPIC_ARN, webhook:URL or command:PROGRAM"),
            })
        }
    }
}

fn topic(text: &str) -> Result<Target, Failure> {
    let arn = Arn::parse(text).filter(|arn| {
        arn.service == "sns" && !arn.region.is_empty() && !arn.account.is_empty() && !arn.resource.contains([':', '/'])
    });
    if arn.is_none() {
        return Err(Failure::usage(format!("`{text}` is not the ARN of a topic"))
            .help("write it as sns:arn:aws:sns:REGION:ACCOUNT:NAME"));
    }
    if !cfg!(feature = "aws") {
        return Err(Failure::usage("this build of lastgood cannot talk to AWS, so not to SNS either")
            .help("build it with the feature `aws`, or use a webhook or a command"));
    }
    Ok(Target::Topic(text.to_owned()))
}

/// Only over HTTPS, but for this machine itself. The address is never shown: it may be the secret.
fn webhook(text: &str) -> Result<Target, Failure> {
    let bad = |why: &str| Failure::usage(format!("the address of the webhook {why}"));
    let Ok(address) = text.parse::<Uri>() else {
        return Err(bad("is not a URL").help("write it as webhook:https://HOST/PATH"));
    };
    let host = address.host().unwrap_or_default();
    if host.is_empty() {
        return Err(bad("names no host").help("write it as webhook:https://HOST/PATH"));
    }
    if address.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(bad("holds a user or a password").help("use an address with a token in its path, or a command"));
    }
    match address.scheme_str() {
        Some("https") => Ok(Target::Webhook(address)),
        Some("http") if matches!(host, "localhost" | "127.0.0.1" | "[::1]") => Ok(Target::Webhook(address)),
        Some("http") => Err(bad("is not encrypted").help("use https; http is for this machine itself")),
        _ => Err(bad("is neither https nor http").help("write it as webhook:https://HOST/PATH")),
    }
}

/// Split at spaces: there is no shell, and no quoting.
fn command(line: &str) -> Result<Target, Failure> {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let Some(program) = words.first() else {
        return Err(Failure::usage("`--notify command:` names no program").help("write command:PROGRAM ARGUMENT…"));
    };
    let there = if program.contains('/') {
        Path::new(program).is_file()
    } else {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    };
    if !there {
        return Err(Failure::usage(format!("the program `{program}` is not there")).help("give its path"));
    }
    Ok(Target::Command(words))
}
