//! Policies from files, with everything that is wrong with them.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::args::PolicyArgs;
use super::{Failure, remark};
use crate::demo;
use crate::policy::diagnostic::{Style, render};
use crate::policy::{Diagnostic, Policy, SourceFile, builtin, frameworks, load};
use crate::sources::files::read_policies;

/// The folder that is used when none is named.
pub(super) const FOLDER: &str = "policies";

/// Policies, waivers and mappings as they were read.
pub(super) struct Sources {
    pub(super) policies: Vec<SourceFile>,
    /// Empty for the shipped mappings.
    pub(super) mappings: Vec<SourceFile>,
}

/// What the arguments name, or the shipped policy.
pub(super) fn sources(args: &PolicyArgs, is_demo: bool) -> Result<Sources, Failure> {
    let mappings = if args.mappings.is_empty() { Vec::new() } else { read(&args.mappings)? };
    Ok(Sources { policies: files(args, is_demo)?, mappings })
}

/// The policy that the arguments name, or the shipped one.
pub(super) fn policy(args: &PolicyArgs, is_demo: bool) -> Result<Policy, Failure> {
    policy_of(&sources(args, is_demo)?)
}

/// The policy of these sources; what is wrong with them is shown.
pub(super) fn policy_of(sources: &Sources) -> Result<Policy, Failure> {
    let mut policy = load(&sources.policies).map_err(|problems| invalid("policy", &problems))?;
    if !sources.mappings.is_empty() {
        policy.frameworks =
            frameworks::load(&sources.mappings, &policy).map_err(|problems| invalid("framework mapping", &problems))?;
    }
    if !policy.warnings.is_empty() {
        remark(render(&policy.warnings, style()).trim_end());
    }
    Ok(policy)
}

fn files(args: &PolicyArgs, is_demo: bool) -> Result<Vec<SourceFile>, Failure> {
    let mut paths = args.paths.clone();
    if paths.is_empty() && !is_demo && Path::new(FOLDER).is_dir() {
        paths.push(PathBuf::from(FOLDER));
    }
    let mut files = if paths.is_empty() {
        builtin::default().map(builtin::Builtin::sources).unwrap_or_default()
    } else {
        read(&paths)?
    };
    if let Some(path) = &args.waivers {
        files.extend(read(std::slice::from_ref(path))?);
    } else if is_demo && args.paths.is_empty() {
        files.push(SourceFile { name: "demo/waivers.toml".into(), text: demo::WAIVERS.into() });
    }
    Ok(files)
}

pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<SourceFile>, Failure> {
    read_policies(paths).map_err(|error| {
        let help = error.help();
        Failure::usage(error).help(help)
    })
}

/// Show every problem, and end with the number of them.
pub(super) fn invalid(what: &str, problems: &[Diagnostic]) -> Failure {
    remark(render(problems, style()).trim_end());
    let plural = if problems.len() == 1 { "" } else { "s" };
    Failure::usage(format!("the {what} has {} problem{plural}", problems.len()))
}

pub(super) fn style() -> Style {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if std::io::stderr().is_terminal() && !refused { Style::Coloured } else { Style::Plain }
}
