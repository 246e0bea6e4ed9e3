//! Telling somebody: targets are understood before the scan, and tried again a few times after it.
//!
//! Whatever goes wrong here is a warning: the audit stands, and so does its exit code.

mod command;
mod target;
mod webhook;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use self::target::Target;
use super::args::{AwsArgs, NotifyArgs};
use super::{Failure, remark};
use crate::model::assessment::{Assessment, PolicyRef};
use crate::model::outcome::Severity;
use crate::notify::{Message, STATE_SCHEMA, State};
use crate::sources::inventory::{read_assessment, write_whole};

/// How often it is tried, and how long before the second time; the wait doubles.
const ATTEMPTS: u32 = 4;
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Why a target was not reached.
struct Problem {
    /// What went wrong; never with the path, the query or the credentials of an address.
    message: String,
    /// Whether it may work the next time.
    again: bool,
}

/// Who is to be told, and what was told before.
pub(super) struct Plan<'a> {
    targets: Vec<Target>,
    before: Option<State>,
    /// Where the state is kept.
    keep: Option<PathBuf>,
    limit: Duration,
    aws: &'a AwsArgs,
}

/// Work out who is to be told, before anything is read.
pub(super) fn plan<'a>(
    args: &NotifyArgs,
    aws: &'a AwsArgs,
    policy: &PolicyRef,
    threshold: Severity,
) -> Result<Plan<'a>, Failure> {
    let targets: Vec<Target> = args.notify.iter().map(|text| target::parse(text)).collect::<Result<_, _>>()?;
    let mut before = None;
    if let Some(path) = &args.baseline {
        before = Some(State::of(&read_assessment(path)?, None, threshold));
    } else if let Some(path) = &args.notify_state {
        before = read(path)?;
    }
    if let Some(before) = before.as_ref().filter(|before| before.policy != policy.id) {
        return Err(Failure::usage(format!(
            "what was told before is of the policy `{}`, and this one is `{}`",
            before.policy, policy.id
        ))
        .help("keep one `--notify-state` for each policy"));
    }
    Ok(Plan { targets, before, keep: args.notify_state.clone(), limit: args.notify_timeout, aws })
}

/// What a state file remembers; nothing where there is none yet.
fn read(path: &Path) -> Result<Option<State>, Failure> {
    let bad = |why: &dyn std::fmt::Display| {
        Failure::usage(format!("`{}` is not what `--notify-state` remembers: {why}", path.display()))
            .help("name another file; what is remembered there is told again")
    };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            return match folder {
                Some(folder) if !folder.is_dir() => Err(bad(&"its folder does not exist")),
                _ => Ok(None),
            };
        }
        Err(error) => return Err(bad(&error)),
    };
    let state: State = serde_json::from_slice(&bytes).map_err(|error| bad(&error))?;
    if state.schema != STATE_SCHEMA {
        return Err(bad(&format!("its form is `{}`", state.schema)));
    }
    Ok(Some(state))
}

impl Plan<'_> {
    /// Tell what is new in `assessment`.
    pub(super) fn tell(&self, assessment: &Assessment, threshold: Severity) {
        if self.targets.is_empty() {
            return;
        }
        let told = match Message::of(assessment, self.before.as_ref(), threshold) {
            Some(message) => self.send(&message),
            None => {
                remark("nobody was told: nothing changed");
                true
            }
        };
        if told {
            self.remember(&State::of(assessment, self.before.as_ref(), threshold));
        }
    }

    /// Tell that the scan ended without an audit: nothing at all was seen.
    pub(super) fn tell_no_audit(&self, policy: &PolicyRef, why: &str) {
        if self.targets.is_empty() {
            return;
        }
        if let Some(message) = Message::no_audit(policy, why, self.before.as_ref())
            && self.send(&message)
        {
            let before = self.before.clone().unwrap_or_else(|| State::empty(&policy.id));
            self.remember(&State { no_audit: true, ..before });
        }
    }

    fn remember(&self, state: &State) {
        let Some(path) = &self.keep else { return };
        let written = write_whole(path, |out| Ok(serde_json::to_writer(out, state)?));
        if let Err(error) = written {
            remark(format!("warning: {error}; what was told now is told again the next time"));
        }
    }

    /// Send to every target; whether all were reached. Each has its share of the time that is left.
    fn send(&self, message: &Message) -> bool {
        let json = match serde_json::to_string(message) {
            Ok(json) => json,
            Err(error) => {
                remark(format!("warning: nobody was told: {error}"));
                return false;
            }
        };
        let end = Instant::now() + self.limit;
        let mut all = true;
        for (at, target) in self.targets.iter().enumerate() {
            let others = u32::try_from(self.targets.len() - at).unwrap_or(u32::MAX);
            let share = end.saturating_duration_since(Instant::now()) / others;
            match self.deliver(target, message, &json, share) {
                Ok(()) => remark(format!("told {target}")),
                Err(why) => {
                    all = false;
                    remark(format!("warning: {target} was not told: {why}"));
                }
            }
        }
        all
    }

    /// Try a few times, each wait twice the one before, within `limit` in all.
    fn deliver(&self, target: &Target, message: &Message, json: &str, limit: Duration) -> Result<(), String> {
        let end = Instant::now() + limit;
        let mut wait = FIRST_WAIT;
        let mut attempt = 1;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let tried = match target {
                Target::Webhook(address) => webhook::post(address, json, left),
                Target::Command(words) => command::run(words, json, left),
                Target::Topic(topic) => publish(topic, message, json, self.aws, left),
            };
            let Err(Problem { message: why, again }) = tried else { return Ok(()) };
            let times = if attempt == 1 { String::new() } else { format!(" ({attempt} attempts)") };
            if !again || attempt == ATTEMPTS || end.saturating_duration_since(Instant::now()) <= wait {
                return Err(format!("{why}{times}"));
            }
            std::thread::sleep(wait);
            (wait, attempt) = (wait * 2, attempt + 1);
        }
    }
}

/// The SDK tries again by itself.
#[cfg(feature = "aws")]
fn publish(topic: &str, message: &Message, json: &str, aws: &AwsArgs, limit: Duration) -> Result<(), Problem> {
    use crate::aws;

    let options = aws::Options {
        profile: aws.profile.clone(),
        endpoint_url: aws.endpoint_url.clone(),
        ..aws::Options::default()
    };
    let notice = aws::Notice { topic, subject: &message.subject(), json, text: message.text() };
    aws::publish(&notice, &options, limit).map_err(|message| Problem { message, again: false })
}

#[cfg(not(feature = "aws"))]
fn publish(_: &str, _: &Message, _: &str, _: &AwsArgs, _: Duration) -> Result<(), Problem> {
    Err(Problem { message: "this build of lastgood cannot talk to AWS".into(), again: false })
}
