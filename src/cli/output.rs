//! Which reports go where.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::args::{Color, OutputArgs};
use super::{Failure, forgive_broken_pipe, remark};
use crate::model::assessment::Assessment;
use crate::policy::suggest::closest;
use crate::report::{FORMATS, Format, RenderOptions, is_binary, render};
use crate::sources::inventory::{FileError, write_whole};

/// A report to write; no path means standard output.
#[derive(Clone)]
pub(super) struct Planned<F = Format> {
    format: F,
    path: Option<PathBuf>,
}

/// In a path it stands for the input that a report is of.
pub(super) const INPUT: &str = "{input}";

/// The formats that something can be written in: each with its file in a folder. The first is the usual one.
pub(super) type Formats<'f, F> = &'f [(F, &'f str)];

/// What helps where `pdf` is no format.
pub(super) const NO_PDF: &str =
    "this program was built without PDF; build it with `cargo build --release --features pdf`";

/// Work out what is to be written of an assessment, before anything is read.
pub(super) fn plan(args: &OutputArgs) -> Result<Vec<Planned>, Failure> {
    let formats: Vec<(Format, &str)> = FORMATS.iter().map(|info| (info.format, info.file_name)).collect();
    plan_in(args, &formats, "html=report.html", |name| {
        name.parse().map_err(|error| {
            let near = closest(name, FORMATS.iter().map(|info| info.name));
            let failure = Failure::usage(error);
            if name == "pdf" {
                return failure.help(NO_PDF);
            }
            match near {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure,
            }
        })
    })
}

/// The same of something else, in formats of its own, with one of them as an example.
pub(super) fn plan_in<F: Copy + PartialEq + Display>(
    args: &OutputArgs,
    formats: Formats<'_, F>,
    example: &str,
    named: impl Fn(&str) -> Result<F, Failure>,
) -> Result<Vec<Planned<F>>, Failure> {
    let mut planned = Vec::new();
    for text in &args.formats {
        let (name, path) = text.split_once('=').map_or((text.as_str(), None), |(name, path)| (name, Some(path)));
        let format = named(name)?;
        if path == Some("") {
            return Err(Failure::usage(format!("`--format {text}` names no file after `=`")));
        }
        planned.push(Planned { format, path: path.map(PathBuf::from) });
    }
    if let Some(folder) = &args.out {
        if planned.is_empty() {
            planned = formats.iter().map(|(format, _)| Planned { format: *format, path: None }).collect();
        }
        for report in planned.iter_mut().filter(|report| report.path.is_none()) {
            let file = formats.iter().find(|(format, _)| *format == report.format);
            report.path = file.map(|(_, file)| folder.join(file));
        }
    }
    if let (true, Some((usual, _))) = (planned.is_empty(), formats.first()) {
        planned.push(Planned { format: *usual, path: None });
    }
    if planned.iter().filter(|report| report.path.is_none()).count() > 1 {
        return Err(Failure::usage("only one format can go to standard output").help(format!(
            "write the others to files, `--format {example}`, or all of them to a folder with `--out DIR`"
        )));
    }
    let names = planned.iter().filter(|report| report.path.is_none()).map(|report| report.format.to_string());
    refuse_binary(names, formats, io::stdout().is_terminal())?;
    Ok(planned)
}

/// Bytes that are no text would upset a terminal.
fn refuse_binary<F: Display>(
    mut names: impl Iterator<Item = String>,
    formats: Formats<'_, F>,
    terminal: bool,
) -> Result<(), Failure> {
    let Some(name) = names.find(|name| terminal && is_binary(name)) else { return Ok(()) };
    let file = formats.iter().find(|(format, _)| format.to_string() == name).map_or("FILE", |(_, file)| *file);
    Err(Failure::usage(format!("`{name}` is no text, and standard output is a terminal"))
        .help(format!("write it to a file: `--format {name}={file}`")))
}

impl<F: Copy> Planned<F> {
    pub(super) const fn format(&self) -> F {
        self.format
    }

    /// Where it is written to, unless that is standard output.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The same in another folder, if it is written into this one.
    pub(super) fn within(mut self, folder: &Path, other: &Path) -> Self {
        if let Some(rest) = self.path.as_deref().and_then(|path| path.strip_prefix(folder).ok()) {
            self.path = Some(other.join(rest));
        }
        self
    }

    /// The report of one input: its name stands for `{input}` in the path.
    pub(super) fn of(&self, input: &str) -> Self {
        let named = |path: &PathBuf| match path.to_str() {
            Some(text) => PathBuf::from(text.replace(INPUT, input)),
            None => path.clone(),
        };
        Self { format: self.format, path: self.path.as_ref().map(named) }
    }
}

/// A table of another kind than that of an audit.
pub(super) type OtherTable<'t> = &'t dyn Fn(&RenderOptions, &mut dyn io::Write) -> io::Result<()>;

/// Write every planned report of an assessment.
pub(super) fn write(planned: &[Planned], args: &OutputArgs, assessment: &Assessment) -> Result<(), Failure> {
    write_with(planned, args, assessment, None, None)
}

/// The same with a table of another kind, of one of several inputs.
pub(super) fn write_with(
    planned: &[Planned],
    args: &OutputArgs,
    assessment: &Assessment,
    table: Option<OtherTable<'_>>,
    input: Option<&str>,
) -> Result<(), Failure> {
    write_in(planned, args, |format, options, out| match (table, format) {
        (Some(table), Format::Table) => table(options, out),
        _ => render(assessment, format, &RenderOptions { input, ..*options }, out),
    })
}

/// Write every planned report by `render`. Each file appears whole or not at all.
pub(super) fn write_in<F: Copy + Display>(
    planned: &[Planned<F>],
    args: &OutputArgs,
    render: impl Fn(F, &RenderOptions, &mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let within = |path: &&Path| args.out.as_ref().is_some_and(|folder| path.starts_with(folder));
    for folder in planned.iter().filter_map(|report| report.path.as_deref()?.parent().filter(within)) {
        std::fs::create_dir_all(folder).map_err(|source| FileError::Io {
            verb: "write",
            path: folder.to_owned(),
            source,
        })?;
    }
    for report in planned {
        let colour = report.path.is_none() && colour(args.color);
        let options = RenderOptions { width: width(args.width), colour, input: None };
        match &report.path {
            Some(path) => {
                write_whole(path, |out| render(report.format, &options, out))?;
                remark(format!("{} written to {}", report.format, path.display()));
            }
            None => {
                let mut out = io::BufWriter::new(io::stdout().lock());
                let written = render(report.format, &options, &mut out).and_then(|()| out.flush());
                forgive_broken_pipe(written)?;
            }
        }
    }
    Ok(())
}

/// The width that was asked for, or that of the terminal.
pub(super) fn width(asked: Option<u16>) -> u16 {
    let from_environment = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let from_terminal = || terminal_size::terminal_size().map(|(width, _)| width.0);
    asked.or_else(from_environment).or_else(from_terminal).unwrap_or(100)
}

/// See <https://no-color.org>: any value but the empty one switches colour off.
pub(super) fn colour(asked: Color) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    match asked {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => io::stdout().is_terminal() && !refused && !dumb,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_kept_from_a_terminal() {
        let refused = |name: &str, terminal| {
            refuse_binary([name.to_owned()].into_iter(), &[("xlsx", "report.xlsx"), ("csv", "v.csv")], terminal)
                .is_err()
        };
        assert!(refused("xlsx", true));
        assert!(!refused("xlsx", false) && !refused("csv", true));
    }
}
