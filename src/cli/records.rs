//! What people and programs wrote down: registers and logs, read before AWS is, put into the inventory after.

use std::path::{Path, PathBuf};

use super::args::RecordArgs;
use super::{Failure, load, log, remark};
use crate::model::attestation::REGISTER;
use crate::model::gap::Read;
use crate::model::inventory::Inventory;
use crate::model::text::Text;
use crate::policy::applications::{self, Register};
use crate::policy::diagnostic;
use crate::sources::evidence;
use crate::sources::logs::attribute::attribute;
use crate::sources::logs::chain::Anchor;
use crate::sources::logs::collect::{self, Logs};

/// The register that is used when none is named.
const APPLICATIONS: &str = "applications.toml";

/// The attestation register that is used when none is named.
const ATTESTATIONS: &str = "attestations.jsonl";

/// What was read.
pub(super) struct Records {
    register: Option<Register>,
    logs: Option<Logs>,
    attestations: Option<Logs>,
}

/// Read everything that the arguments name, or that lies where it is looked for.
pub(super) fn read(args: &RecordArgs, is_demo: bool) -> Result<Records, Failure> {
    let paths = named_or(&args.applications, APPLICATIONS, is_demo);
    let register = if paths.is_empty() { None } else { Some(register(&paths)?) };
    let anchors: Vec<Anchor> = args.anchors.as_deref().map(log::read_anchors).transpose()?.unwrap_or_default();
    let logs = (!args.logs.is_empty()).then(|| collect::read(&args.logs, &anchors));
    let paths = named_or(&args.attestations, ATTESTATIONS, is_demo);
    let attestations = (!paths.is_empty()).then(|| {
        let mut read = collect::read(&paths, &[]);
        let folder = paths.first().and_then(|path| path.parent()).unwrap_or(Path::new("."));
        let files = read.attestations.iter_mut().flat_map(|attestation| &mut attestation.evidence);
        files.for_each(|file| evidence::look_again(file, folder));
        read
    });
    Ok(Records { register, logs, attestations })
}

/// Every file that is read, with the sort of record that it holds.
pub(super) fn files(args: &RecordArgs, is_demo: bool) -> Vec<(&'static str, PathBuf)> {
    let named = [
        ("applications", named_or(&args.applications, APPLICATIONS, is_demo)),
        ("logs", args.logs.clone()),
        ("anchors", args.anchors.iter().cloned().collect()),
        ("attestations", named_or(&args.attestations, ATTESTATIONS, is_demo)),
    ];
    let mut all = Vec::new();
    for (sort, paths) in named {
        for path in paths {
            let mut files = Vec::new();
            files_under(&path, &mut files);
            files.sort();
            all.extend(files.into_iter().map(|file| (sort, file)));
        }
    }
    all
}

/// The file, or those in the folder. What cannot be listed was told when it was read.
fn files_under(path: &Path, found: &mut Vec<PathBuf>) {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| files_under(&entry.path(), found)),
        Err(_) if path.is_file() => found.push(path.to_owned()),
        Err(_) => {}
    }
}

/// The files that are named, or the one in the working directory; the demo looks at none by itself.
fn named_or(named: &[PathBuf], usual: &str, is_demo: bool) -> Vec<PathBuf> {
    let found = named.is_empty() && !is_demo && Path::new(usual).is_file();
    if found { vec![PathBuf::from(usual)] } else { named.to_vec() }
}

/// The application register alone; `None` where none is named.
pub(super) fn applications(paths: &[PathBuf]) -> Result<Option<Records>, Failure> {
    if paths.is_empty() {
        return Ok(None);
    }
    Ok(Some(Records { register: Some(register(paths)?), logs: None, attestations: None }))
}

fn register(paths: &[PathBuf]) -> Result<Register, Failure> {
    let files = load::read(paths)?;
    let register = applications::load(&files).map_err(|problems| load::invalid("application register", &problems))?;
    if !register.warnings.is_empty() {
        remark(diagnostic::render(&register.warnings, load::style()).trim_end());
    }
    Ok(register)
}

impl Records {
    /// Say which application each resource belongs to.
    pub(super) fn assign_to(&self, inventory: &mut Inventory, application_tag: &str) -> Result<(), Failure> {
        if let Some(register) = &self.register {
            let assigned = register.assign(inventory, application_tag);
            assigned.map_err(|problems| load::invalid("application register", &problems))?;
        }
        inventory.sort();
        Ok(())
    }

    /// Put all of them into the inventory, in place of what it held of the same sort.
    pub(super) fn put_into(self, inventory: &mut Inventory, application_tag: &str) -> Result<(), Failure> {
        if let Some(register) = &self.register {
            let assigned = register.assign(inventory, application_tag);
            assigned.map_err(|problems| load::invalid("application register", &problems))?;
        }
        if let Some(logs) = self.logs {
            logs.put_into(inventory);
        }
        if let Some(read) = self.attestations {
            put_attestations(read, inventory);
        }
        attribute(inventory);
        inventory.sort();
        Ok(())
    }
}

/// Statements, in place of those that the inventory held. A register that is broken or could not be read
/// proves nothing by what it does not hold.
fn put_attestations(read: Logs, inventory: &mut Inventory) {
    let broken = |problem: &crate::model::log::LogProblem| problem.code != "torn-line";
    let whole = read.gaps.is_empty() && !read.streams.iter().flat_map(|stream| &stream.problems).any(broken);
    inventory.reads.retain(|read| read.call != REGISTER);
    if whole {
        inventory.reads.push(Read::declared(REGISTER, read.attestations.len() as u64, None));
    }
    let of_register = read.gaps.into_iter().map(|gap| crate::model::gap::Gap {
        service: Text::from("attestations"),
        operation: Text::from("ReadRegister"),
        ..gap
    });
    inventory.gaps.extend(of_register);
    for stream in &read.streams {
        for problem in stream.problems.iter().filter(|problem| problem.code != "not-understood") {
            remark(format!("{}:{}: {}: {}", problem.file, problem.line, problem.code, problem.message));
        }
    }
    inventory.attestations = read.attestations;
}
