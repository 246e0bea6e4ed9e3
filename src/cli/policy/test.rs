//! `lastgood policy test`: users' own tests of their policies.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::args::{PolicyArgs, PolicyTestArgs};
use crate::cli::{Exit, Failure, Outcome, load, print};
use crate::evaluate::testing::run as carry_out;
use crate::policy::testing::{self, Test};
use crate::policy::{Policy, SourceFile};
use crate::sources::files::{SourceError, read_policies, read_tests};

/// Tests, and the policies that they are of.
struct Suite {
    policies: Vec<PathBuf>,
    files: Vec<SourceFile>,
}

pub(in crate::cli) fn run(args: &PolicyTestArgs) -> Outcome {
    let mut loaded: Vec<(Policy, Vec<Test>)> = Vec::new();
    for suite in suites(args)? {
        let policies = PolicyArgs {
            paths: suite.policies,
            waivers: args.policies.waivers.clone(),
            mappings: args.policies.mappings.clone(),
        };
        let policy = load::policy(&policies, false)?;
        let tests =
            testing::load(&suite.files, &policy).map_err(|problems| load::invalid("suite of tests", &problems))?;
        loaded.push((policy, tests));
    }
    if let Some(filter) = &args.filter {
        loaded.iter_mut().for_each(|(_, tests)| tests.retain(|test| test.name.contains(filter.as_str())));
        if loaded.iter().all(|(_, tests)| tests.is_empty()) {
            return Err(Failure::usage(format!("no test has `{filter}` in its name"))
                .help("without `--filter` every test is run and named"));
        }
    }
    let mut text = String::new();
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for (policy, tests) in &loaded {
        for test in tests {
            let differences = carry_out(policy, test);
            *(if differences.is_empty() { &mut passed } else { &mut failed }) += 1;
            let word = if differences.is_empty() { "ok    " } else { "FAILED" };
            let _ = writeln!(text, "{word}  {}:{}  {}", test.at.file, test.at.line, test.name);
            for difference in differences {
                let at = &difference.at;
                let _ = writeln!(text, "        {}:{}: {}: {}", at.file, at.line, difference.about, difference.message);
                if let Some(said) = difference.said {
                    let _ = writeln!(text, "          it says: {said}");
                }
            }
        }
    }
    let plural = if passed + failed == 1 { "" } else { "s" };
    let _ = writeln!(text, "{} test{plural}: {passed} passed, {failed} failed", passed + failed);
    print(text.as_bytes())?;
    Ok(if failed == 0 { Exit::Fine } else { Exit::Failed })
}

/// The tests that the arguments name, or those beside the policies, each with its policies.
fn suites(args: &PolicyTestArgs) -> Result<Vec<Suite>, Failure> {
    let named = &args.policies.paths;
    if args.files.is_empty() {
        let policies = if named.is_empty() { vec![PathBuf::from(load::FOLDER)] } else { named.clone() };
        let mut folders: Vec<PathBuf> = policies.iter().map(|path| folder(path)).collect();
        folders.dedup();
        return Ok(vec![Suite { policies, files: read(&folders)? }]);
    }
    if !named.is_empty() {
        return Ok(vec![Suite { policies: named.clone(), files: read(&args.files)? }]);
    }
    // A test is one of the policies that it lies beside.
    let mut by_folder: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for file in &args.files {
        by_folder.entry(folder(file)).or_default().push(file.clone());
    }
    let suite = |(folder, files): (PathBuf, Vec<PathBuf>)| {
        let has_policies = read_policies(std::slice::from_ref(&folder)).is_ok();
        Ok(Suite { policies: if has_policies { vec![folder] } else { Vec::new() }, files: read(&files)? })
    };
    by_folder.into_iter().map(suite).collect()
}

/// The folder itself, or that of a file.
fn folder(path: &Path) -> PathBuf {
    if path.is_dir() {
        return path.to_owned();
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new(".")).to_owned()
}

fn read(paths: &[PathBuf]) -> Result<Vec<SourceFile>, Failure> {
    read_tests(paths).map_err(|error: SourceError| {
        let help = error.help();
        Failure::usage(error).help(help)
    })
}
