//! Several inputs of one gate: what can be written of each, and by which name.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use super::super::args::GateArgs;
use super::super::output::{INPUT, Planned};
use super::super::{Exit, Failure};
use crate::report::Format;

/// What can follow each other on standard output: each input has one.
const FOLLOWING: [Format; 3] = [Format::Table, Format::Github, Format::Markdown];

/// See that every report of every input has a place of its own. Gives back the reports as they are to be written.
///
/// # Errors
/// What would overwrite another, or could not be read by anybody.
pub(super) fn outputs(args: &GateArgs, mut planned: Vec<Planned>) -> Result<Vec<Planned>, Failure> {
    if args.inputs.len() < 2 {
        return Ok(planned);
    }
    if args.write_baseline.is_some() {
        return Err(Failure::usage("a baseline is of one input").help("write one for each"));
    }
    let mut names: BTreeMap<String, &Path> = BTreeMap::new();
    for path in &args.inputs {
        if let Some(other) = names.insert(name(path), path) {
            let (one, other) = (other.display(), path.display());
            return Err(Failure::usage(format!("`{one}` and `{other}` would have the same name in reports"))
                .help("judge one of them by itself"));
        }
    }
    // In a folder each input has one of its own.
    if let Some(folder) = &args.output.out {
        planned = planned.into_iter().map(|report| report.within(folder, &folder.join(INPUT))).collect();
    }
    for report in &planned {
        let format = report.format();
        let fault = match report.path() {
            None if FOLLOWING.contains(&format) => continue,
            None => format!("with several inputs there is one `{format}` each, and standard output takes one"),
            Some(path) if path.to_string_lossy().contains(INPUT) => continue,
            Some(path) => format!("with several inputs `{}` would be written once for each", path.display()),
        };
        let help = format!(
            "let the path hold {INPUT}, for which the input's name is put: `--format {format}=out/{INPUT}.{format}`"
        );
        return Err(Failure::usage(fault).help(help));
    }
    Ok(planned)
}

/// The name of an input within a path: that of its file, with those of its folders before it.
pub(super) fn name(path: &Path) -> String {
    if path == Path::new("-") {
        return "stdin".to_owned();
    }
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        Component::ParentDir => Some("up".to_owned()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("_")
}

/// No audit wins over 3, 3 over 4, and all over 0.
pub(super) const fn worse(one: Exit, other: Exit) -> Exit {
    const fn rank(exit: Exit) -> u8 {
        match exit {
            Exit::Fine => 0,
            Exit::Findings => 2,
            Exit::Failed | Exit::Usage => 3,
            _ => 1,
        }
    }
    if rank(other) > rank(one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_named_by_their_paths() {
        for (path, named) in [
            ("plan.json", "plan.json"),
            ("./cdk.out/Shop.template.json", "cdk.out_Shop.template.json"),
            ("/tmp/plan.json", "tmp_plan.json"),
            ("../a/plan.json", "up_a_plan.json"),
            ("-", "stdin"),
        ] {
            assert_eq!(name(Path::new(path)), named);
        }
    }
}
