//! What a restore test made, whatever it is: it carries tags, is removed whatever comes of looking, and seen to be gone.
//!
//! What a killed run left is found again by its tag, its name or its job, or by `lastgood sweep` once it has expired.

use sha2::{Digest as _, Sha256};

use super::super::{Ending, Stop, Work, failed};
use super::Test;
use crate::model::activity::{Items, Validation};
use crate::model::arn::kind;
use crate::model::inventory::hex;
use crate::model::kind::Kind;
use crate::model::resource::Tags;
use crate::model::text::Text;
use crate::remediate::apply::ITEM_TAG;
use crate::remediate::port::{EXPIRY_TAG, LIFE, PURPOSE, PURPOSE_TAG, Temporary};
use crate::remediate::sweep::reached;

/// What looking found.
pub(super) struct Looked {
    /// Whether the data is as it should be; `None` where that is not known, or only of a part.
    pub(super) good: Option<bool>,
    /// What it is.
    pub(super) sentence: String,
}

/// Whatever came of looking, the volume goes, and is seen to be gone.
pub(super) fn conclude(
    work: &mut Work<'_, '_>,
    arn: &Text,
    looked: Result<Looked, Stop>,
    mut test: Test,
) -> Result<Ending, Stop> {
    if let Err(Stop::Journal(error)) = looked {
        return Err(Stop::Journal(error));
    }
    let left = match remove(work, arn) {
        Ok(()) => None,
        Err(Stop::Journal(error)) => return Err(Stop::Journal(error)),
        Err(stop) => Some(why_not(stop)),
    };
    test.cleanup = Some(if left.is_none() { "successful" } else { "failed" }.into());
    test.items = Items { total: Some(1), done: Some(u64::from(looked.is_ok())), ..Items::default() };
    let ending = match (looked, left) {
        (Err(stop), _) => Err(stop),
        (Ok(looked), Some(why)) => Err(failed(format!("{}; {arn} could not be removed: {why}", looked.sentence))),
        (Ok(Looked { good: Some(true), sentence }), None) => {
            test.validation = Some(Validation::Successful);
            Ok(Ending::Done { what: format!("{sentence}; the {} is gone again", noun(arn)).into(), made: Vec::new() })
        }
        (Ok(Looked { good: Some(false), sentence }), None) => {
            test.validation = Some(Validation::Failed);
            test.errors.push(sentence.as_str().into());
            Err(failed(sentence))
        }
        (Ok(Looked { good: None, sentence }), None) => {
            test.partial = true;
            Err(failed(format!("it proves only a part: {sentence}")))
        }
    };
    work.test = Some(test);
    ending
}

/// Why something could not be removed.
pub(super) fn why_not(stop: Stop) -> Text {
    match stop {
        Stop::Ended(Ending::Failed { why } | Ending::Refused { why, .. }) => why,
        Stop::Journal(error) => error.to_string().into(),
        Stop::Ended(Ending::Done { .. }) | Stop::Would => "it was not tried".into(),
    }
}

/// What an item is called where its own mark has no room: the same for the same mark.
pub(super) fn id(mark: &str) -> String {
    let digest = hex(&Sha256::digest(mark));
    digest.get(..24).unwrap_or(&digest).to_owned()
}

/// Tags of what a test makes: whose it is, what for, and until when.
pub(super) fn tags(work: &Work<'_, '_>) -> Tags {
    let expires = (work.run.now)() + LIFE.delta();
    [
        (Text::from(ITEM_TAG), Text::from(work.mark())),
        (Text::from(PURPOSE_TAG), Text::from(PURPOSE)),
        (Text::from(EXPIRY_TAG), Text::from(expires.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))),
    ]
    .into()
}

/// Detach it, delete it, and see that it is gone.
fn remove(work: &mut Work<'_, '_>, arn: &Text) -> Result<(), Stop> {
    let Some(now) = work.run.executor.temporary_state(&work.at, arn)? else { return Ok(()) };
    if now.attached_to.is_some() {
        work.change("detach", arn, |()| None, |executor, at| executor.detach(at, arn))?;
        wait(work, arn, "detached", |state| state.attached_to.is_none())?;
    }
    work.change("remove", arn, |()| None, |executor, at| executor.remove(at, arn))?;
    match reached(work.run.executor, &work.at, arn, |now| now.is_none())? {
        true => Ok(()),
        false => Err(failed("it is still there an hour after its deletion")),
    }
}

pub(super) fn wait(
    work: &mut Work<'_, '_>,
    arn: &Text,
    what: &str,
    is: impl Fn(&Temporary) -> bool,
) -> Result<Temporary, Stop> {
    let mut last = None;
    let seen = reached(work.run.executor, &work.at, arn, |now| {
        last = now.cloned();
        now.is_none_or(&is)
    })?;
    match last {
        None => Err(failed(format!("{arn} is gone"))),
        Some(now) if seen => Ok(now),
        Some(_) => Err(failed(format!("{arn} is not {what} after an hour"))),
    }
}

/// What people call it.
fn noun(arn: &str) -> &'static str {
    match kind(arn) {
        Some(Kind::RdsInstance | Kind::RdsCluster) => "database",
        Some(Kind::DynamodbTable) => "table",
        Some(Kind::EfsFileSystem) => "file system",
        _ => "volume",
    }
}
