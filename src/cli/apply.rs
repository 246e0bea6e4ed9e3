//! `lastgood apply`: carry out what is approved of a plan.

mod bench;
#[cfg(feature = "aws")]
mod live;

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::args::ApplyArgs;
use super::{Exit, Failure, Outcome, log, print, remark};
use crate::image::Manifest;
use crate::model::activity::Activity;
use crate::model::log::RecordType;
use crate::model::plan::{Item, Plan};
use crate::model::text::Text;
use crate::policy::suggest::closest;
use crate::remediate::apply::{Apply, Approved, Report, Unfit, Watcher, Went, apply, fit};
use crate::remediate::journal::{Ending, Entry, Journal, replay};
#[cfg(not(feature = "aws"))]
use crate::remediate::port::Executor;
use crate::report::one_line;
use crate::sources::inventory::read_plan;
use crate::sources::journal::{JournalError, JournalFile};
use crate::sources::logs::append::{self, append};
#[cfg(feature = "aws")]
use live::live;

pub(super) fn run(args: &ApplyArgs) -> Outcome {
    let plan = read_plan(&args.plan)?;
    let approved = approved(&args.approve, &plan)?;
    fit(&plan, &approved, log::now()).map_err(|unfit| refuse(&unfit))?;
    if !plan.items.iter().any(|item| approved.covers(item)) {
        return Err(Failure::usage("nothing is approved, so nothing is done")
            .help("`--approve all-safe`, `--approve all`, or `--approve ID` for each item after a review"));
    }
    let operator = args.operator.clone().or_else(log::user).unwrap_or_else(|| "unknown".into());
    let path = args.journal.clone().unwrap_or_else(|| journal_of(args));
    let (file, entries) = JournalFile::open(&path)?;
    let mut books = Books { file, log: args.log.clone() };
    let report = work(args, &plan, &approved, &entries, &mut books, &operator)?;
    print(summary(&plan, &report, args.dry_run).as_bytes())?;
    Ok(if report.is_complete() { Exit::Fine } else { Exit::Stopped })
}

fn journal_of(args: &ApplyArgs) -> PathBuf {
    let mut name = args.plan.file_name().unwrap_or_default().to_os_string();
    name.push(".journal.jsonl");
    args.plan.with_file_name(name)
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let help = error.help();
        Self::new(error).help(help)
    }
}

fn approved(said: &[String], plan: &Plan) -> Result<Approved, Failure> {
    let mut approved = Approved::default();
    for word in said {
        match word.as_str() {
            "all" => approved.all = true,
            "all-safe" => approved.safe = true,
            id if plan.items.iter().any(|item| *item.id == *id) => {
                approved.ids.insert(Text::from(id));
            }
            other => {
                let failure = Failure::usage(format!("the plan has no item `{other}`"));
                let ids = plan.items.iter().map(|item| item.id.as_str()).chain(["all", "all-safe"]);
                return Err(match closest(other, ids) {
                    Some(near) => failure.help(format!("did you mean `{near}`?")),
                    None => failure.help("`lastgood plan` prints the id of each item"),
                });
            }
        }
    }
    Ok(approved)
}

fn refuse(unfit: &Unfit) -> Failure {
    let help = match unfit {
        Unfit::Edited => "make a new plan: what was reviewed is not what stands there",
        Unfit::Expired(..) => "make a new plan: the facts may have moved since",
        Unfit::Early(..) | Unfit::Skew { .. } => "put the clock of this machine right: ages are counted by it",
        Unfit::Account { .. } => {
            "use the credentials, or with `--assume-role` a role, of the account that was planned for"
        }
        Unfit::Unasked(_) => "check the credentials and the network",
        Unfit::NoItem(_) => "`lastgood plan` prints the id of each item",
    };
    Failure::usage(unfit).help(help)
}

/// Journal and backup log.
struct Books {
    file: JournalFile,
    log: PathBuf,
}

impl Journal for Books {
    fn write(&mut self, entry: &Entry) -> std::io::Result<()> {
        self.file.write(entry)
    }

    fn record(&mut self, activity: Activity) -> std::io::Result<()> {
        let entry = append::Entry::activity(RecordType::Recorded, activity);
        append(&self.log, vec![entry], &log::writer(), log::now()).map(|_| ()).map_err(std::io::Error::other)
    }
}

/// Says on standard error what goes on.
struct Says;

impl Watcher for Says {
    fn says(&mut self, item: &Item, text: &str) {
        remark(format!("{}: {}: {}", one_line(&item.id), one_line(&item.name), one_line(text)));
    }
}

fn work(
    args: &ApplyArgs,
    plan: &Plan,
    approved: &Approved,
    entries: &[Entry],
    books: &mut Books,
    operator: &str,
) -> Result<Report, Failure> {
    let items: Vec<&Item> = plan.items.iter().filter(|item| approved.covers(item)).collect();
    let mut bench = bench(args, plan)?;
    let mut executor = live(args, &items)?;
    let run = Apply {
        executor: &mut *executor,
        journal: books,
        past: replay(entries, &plan.sha256),
        now: &log::now,
        watcher: &mut Says,
        bench: &mut bench,
        operator: Text::from(operator),
        team: args.team.as_deref().map(Text::from),
        environment: args.environment.as_deref().map(Text::from),
        dry_run: args.dry_run,
    };
    apply(plan, approved, run).map_err(|unfit| refuse(&unfit))
}

/// Where restore tests take place on this machine.
fn bench(args: &ApplyArgs, plan: &Plan) -> Result<bench::Here, Failure> {
    let mut manifests = BTreeMap::new();
    for given in &args.file_manifest {
        let known = given.split_once('=').filter(|(id, _)| plan.items.iter().any(|item| *item.id == **id));
        let Some((id, path)) = known else {
            return Err(Failure::usage(format!("`--file-manifest {given}` names no item of the plan"))
                .help("write ITEM=FILE, with the id that `lastgood plan` prints"));
        };
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format!("cannot read `{path}`: {error}")).help("it is what `sha256sum` writes")
        })?;
        let manifest = Manifest::parse(&text)
            .map_err(|error| Failure::usage(format!("`{path}`: {error}")).help("it is what `sha256sum` writes"))?;
        manifests.insert(id.to_owned(), manifest);
    }
    let scratch = args.scratch.clone().unwrap_or_else(std::env::temp_dir);
    Ok(bench::Here { scratch, blocks: args.block_lists.clone(), manifests, validator: args.validator.clone() })
}

#[cfg(not(feature = "aws"))]
fn live(_: &ApplyArgs, _: &[&Item]) -> Result<Box<dyn Executor>, Failure> {
    Err(Failure::usage("this build of lastgood cannot talk to AWS").help("build it with the feature `aws`"))
}

/// One line for each item that was approved, and the totals.
fn summary(plan: &Plan, report: &Report, dry_run: bool) -> String {
    let mut text = String::new();
    let (mut done, mut bad, mut skipped) = (0_usize, 0_usize, 0_usize);
    for (id, went) in &report.items {
        let Some(item) = plan.items.iter().find(|item| item.id == *id) else { continue };
        let (word, why) = match went {
            Went::NotApproved => {
                skipped += 1;
                continue;
            }
            Went::Would => ("would", String::from("nothing stands against it now")),
            Went::Before(ending) => ("before", ended(ending).1),
            Went::NotBegun => ("not begun", String::new()),
            Went::Ended(ending) => ended(ending),
        };
        match went {
            Went::Would | Went::Before(_) | Went::Ended(Ending::Done { .. }) => done += 1,
            _ => bad += 1,
        }
        text.push_str(&format!("{word:<9} {}  {}  {}\n", one_line(id), one_line(&item.name), one_line(&why)));
    }
    let verb = if dry_run { "would be done" } else { "done" };
    text.push_str(&format!("{done} {verb}, {bad} not, {skipped} not approved\n"));
    if let Some(stopped) = &report.stopped {
        text.push_str(&format!("stopped: {}\n", one_line(stopped)));
    }
    text
}

fn ended(ending: &Ending) -> (&'static str, String) {
    match ending {
        Ending::Done { what, made } if made.is_empty() => ("done", what.to_string()),
        Ending::Done { what, made } => {
            let made: Vec<&str> = made.iter().map(|arn| crate::model::arn::short(arn)).collect();
            ("done", format!("{what}: {}", made.join(", ")))
        }
        Ending::Refused { guard, why } => ("refused", format!("{}: {why}", guard.id())),
        Ending::Failed { why } => ("failed", why.to_string()),
    }
}
