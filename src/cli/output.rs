//! Which reports go where.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use super::args::{Color, OutputArgs};
use super::{Failure, forgive_broken_pipe, remark};
use crate::model::assessment::Assessment;
use crate::report::{FORMATS, Format, RenderOptions, render};
use crate::sources::inventory::{FileError, write_whole};

/// A report to write; no path means standard output.
pub(super) struct Planned {
    format: Format,
    path: Option<PathBuf>,
}

/// Work out what is to be written, before anything is read.
pub(super) fn plan(args: &OutputArgs) -> Result<Vec<Planned>, Failure> {
    let mut planned = Vec::new();
    for text in &args.formats {
        let (name, path) = text.split_once('=').map_or((text.as_str(), None), |(name, path)| (name, Some(path)));
        let format: Format = name.parse().map_err(|error| {
            let names = FORMATS.iter().map(|info| info.name);
            let near = crate::policy::suggest::closest(name, names);
            let failure = Failure::usage(error);
            match near {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure,
            }
        })?;
        if path == Some("") {
            return Err(Failure::usage(format!("`--format {text}` names no file after `=`")));
        }
        planned.push(Planned { format, path: path.map(PathBuf::from) });
    }
    if let Some(folder) = &args.out {
        if planned.is_empty() {
            planned = FORMATS.iter().map(|info| Planned { format: info.format, path: None }).collect();
        }
        for report in planned.iter_mut().filter(|report| report.path.is_none()) {
            report.path = report.format.info().map(|info| folder.join(info.file_name));
        }
    }
    if planned.is_empty() {
        planned.push(Planned { format: Format::Table, path: None });
    }
    if planned.iter().filter(|report| report.path.is_none()).count() > 1 {
        return Err(Failure::usage("only one format can go to standard output").help(
            "write the others to files, `--format html=report.html`, or all of them to a folder with `--out DIR`",
        ));
    }
    Ok(planned)
}

impl Planned {
    pub(super) const fn format(&self) -> Format {
        self.format
    }
}

/// A table of another kind than that of an audit.
pub(super) type OtherTable<'t> = &'t dyn Fn(&RenderOptions, &mut dyn io::Write) -> io::Result<()>;

/// Write every planned report. Each file appears whole or not at all.
pub(super) fn write(planned: &[Planned], args: &OutputArgs, assessment: &Assessment) -> Result<(), Failure> {
    write_with(planned, args, assessment, None)
}

/// The same with a table of another kind.
pub(super) fn write_with(
    planned: &[Planned],
    args: &OutputArgs,
    assessment: &Assessment,
    table: Option<OtherTable<'_>>,
) -> Result<(), Failure> {
    let render = |format, options: &RenderOptions, out: &mut dyn io::Write| match (table, format) {
        (Some(table), Format::Table) => table(options, out),
        _ => render(assessment, format, options, out),
    };
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder).map_err(|source| FileError::Io {
            verb: "write",
            path: folder.clone(),
            source,
        })?;
    }
    for report in planned {
        let options = RenderOptions { width: width(args.width), colour: report.path.is_none() && colour(args.color) };
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
