//! Checking a part with the real tool of its file system, without changing it.

mod ext;
mod xfs;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::content::{Content, recognise};
use super::layout::Part;
use super::manifest::Comparison;
use super::scratch::{Copy, Image, VOLUME};
use super::tools::{Ended, Evidence, Ran, Tool, Tools};

/// What came of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartOutcome {
    /// The tool checked all of it, and found nothing wrong.
    Clean,
    /// It is damaged.
    Damaged,
    /// It was checked, but the check proves little: its log could not be replayed here.
    Partial,
    /// It holds something that cannot be checked here.
    NotUnderstood,
    /// It holds nothing that could be damaged: swap space, zeros, boot code.
    NothingToCheck,
    /// It was not checked: the tool is missing, took too long or failed.
    Unknown,
}

/// A part, what it holds, and what its check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Which part.
    pub part: Part,
    /// What it holds.
    pub content: Content,
    /// What came of it.
    pub outcome: PartOutcome,
    /// The same as a sentence.
    pub sentence: String,
    /// What tools were asked, and what they said.
    pub evidence: Vec<Evidence>,
}

/// How to check.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the tools are.
    pub tools: Tools,
    /// How long each run of a tool may take.
    pub time_limit: Duration,
}

impl Default for Options {
    /// The usual tools, and an hour for each run.
    fn default() -> Self {
        Self { tools: Tools::default(), time_limit: Duration::from_secs(3600) }
    }
}

/// Where a file system that was checked lies: in the image, or in a copy whose journal was replayed.
#[derive(Debug)]
pub(super) struct Place {
    copy: Option<Copy>,
    offset: u64,
}

impl Place {
    /// As the tools of ext are told of it.
    pub(super) fn ext(&self) -> String {
        let file = self.copy.as_ref().map_or(VOLUME, |copy| &copy.name);
        if self.offset == 0 { file.into() } else { format!("{file}?offset={}", self.offset) }
    }
}

type Found = (PartOutcome, String);

/// Check a part of an image. Nothing in the image is changed: what has to be changed is changed in a copy.
pub fn check(image: &Image, part: &Part, options: &Options) -> Checked {
    check_and_compare(image, part, options, None)
}

/// The same, and compare the files in it with a manifest.
pub(super) fn check_and_compare(
    image: &Image,
    part: &Part,
    options: &Options,
    comparison: Option<&mut Comparison<'_>>,
) -> Checked {
    let name = part.name();
    let mut evidence = Vec::new();
    let content = match recognise(image.file(), part) {
        Ok(content) => content,
        Err(error) => {
            let sentence = format!("{name} cannot be read from the image: {error}");
            return Checked {
                part: part.clone(),
                content: Content::Unknown,
                outcome: PartOutcome::Unknown,
                sentence,
                evidence,
            };
        }
    };
    let holds = content.name();
    let cut = |size: u64| {
        let sentence = format!("{name} has {} bytes, and the {holds} in it says that it spans {size}", part.size);
        (PartOutcome::Damaged, sentence)
    };
    let (outcome, sentence) = match &content {
        Content::Ext(ext) if ext.size > part.size => cut(ext.size),
        Content::Xfs(xfs) if xfs.size > part.size => cut(xfs.size),
        Content::Ext(ext) => {
            let mut work = Work { image, part, options, evidence: &mut evidence };
            let (found, place) = ext::check(&mut work, ext);
            if let (Some(place), Some(comparison)) = (place, comparison) {
                comparison.look_in(image, &place, options);
            }
            found
        }
        Content::Xfs(_) => xfs::check(&mut Work { image, part, options, evidence: &mut evidence }, &content),
        Content::Broken { sign, .. } => {
            (PartOutcome::Damaged, format!("{name} holds {holds}: its superblock cannot be read, though {sign}"))
        }
        Content::Swap | Content::Empty | Content::BareCode => {
            (PartOutcome::NothingToCheck, format!("{name} holds {holds}: there is nothing to check"))
        }
        _ => (PartOutcome::NotUnderstood, format!("{name} holds {holds}, which is not understood here")),
    };
    Checked { part: part.clone(), content, outcome, sentence, evidence }
}

/// One check at work.
struct Work<'a> {
    image: &'a Image,
    part: &'a Part,
    options: &'a Options,
    evidence: &'a mut Vec<Evidence>,
}

impl Work<'_> {
    fn find(&self, name: &'static str, package: &str) -> Result<Tool, Found> {
        let missing =
            || format!("{} was not checked: `{name}` of the package `{package}` is missing", self.part.name());
        self.options.tools.find(name).ok_or_else(|| (PartOutcome::Unknown, missing()))
    }

    fn copy(&self) -> Result<Copy, Found> {
        let failed = |error| format!("{} was not checked: copying it failed: {error}", self.part.name());
        self.image.copy(self.part.offset, self.part.size).map_err(|error| (PartOutcome::Unknown, failed(error)))
    }

    /// Run a tool in the folder of the image, and keep what it said. Its exit status, if it had one.
    fn run(&mut self, tool: &Tool, name: &str, arguments: &[&str]) -> Result<(i32, Ran), Found> {
        let part = self.part.name();
        let unknown = |why: String| (PartOutcome::Unknown, format!("{part} was not checked: `{name}` {why}"));
        let ran = tool
            .run(arguments, self.image.folder(), self.options.time_limit, &mut |_| {})
            .map_err(|error| unknown(format!("could not be run: {error}")))?;
        self.evidence.push(tool.evidence(arguments, &ran));
        match ran.ended {
            Ended::Exited(status) => Ok((status, ran)),
            Ended::Signalled(signal) => Err(unknown(format!("was ended by signal {signal}"))),
            Ended::TimedOut => Err(unknown(format!("took longer than {} seconds", self.options.time_limit.as_secs()))),
        }
    }
}

/// A line of a tool's, to be quoted.
fn quoted(line: &str) -> String {
    format!("`{}`", line.trim().chars().take(200).collect::<String>())
}
