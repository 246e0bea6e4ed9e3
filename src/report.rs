//! An assessment as bytes: for the terminal, for programs, for spreadsheets, for pull requests, for auditors.
//!
//! A renderer is a pure function of the [`Assessment`]; whether that comes from memory or from its
//! saved JSON makes no difference to a single byte. It judges nothing anew and leaves nothing out
//! without saying so. What people named (resources, tags, waivers) is hostile until shown otherwise:
//! each format has one place that makes text safe, and every text goes through it.
//!
//! * `view`: verdicts grouped by clause and rule, gaps by permission; counted once for all formats.
//! * [`conclusion`]: the headline and its basis.
//! * one file per format; a new one is that file and a line in the table below.

use std::fmt;
use std::io;
use std::str::FromStr;

use crate::model::assessment::Assessment;

mod code_quality;
pub mod conclusion;
mod csv;
pub mod frameworks;
pub mod gate;
mod github;
mod html;
mod json;
mod junit;
mod lines;
mod located;
mod markdown;
mod ocsf;
mod openmetrics;
mod oscal;
#[cfg(feature = "pdf")]
mod pdf;
pub mod period;
pub mod plan;
pub mod recovery;
mod safe;
mod sarif;
mod table;
mod view;
mod words;
mod xlsx;

/// How a report is to look, where the format leaves a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderOptions<'o> {
    /// Columns of the terminal. Below [`RenderOptions::NARROWEST`] it is taken as that.
    pub width: u16,
    /// Whether the terminal may be sent colours. They never carry meaning alone.
    pub colour: bool,
    /// Which of several inputs of a gate it is of: code scanning takes reports of one name for one and the same.
    pub input: Option<&'o str>,
}

impl RenderOptions<'_> {
    /// The narrowest terminal that reports are laid out for.
    pub const NARROWEST: u16 = 60;
}

impl Default for RenderOptions<'_> {
    fn default() -> Self {
        Self { width: 80, colour: false, input: None }
    }
}

type Renderer = fn(&Assessment, &RenderOptions, &mut dyn io::Write) -> io::Result<()>;

/// What is known of a format.
#[derive(Clone, Copy)]
pub struct FormatInfo {
    /// The format.
    pub format: Format,
    /// Its name on the command line.
    pub name: &'static str,
    /// The file that `--out DIR` writes.
    pub file_name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What it is for, in a line.
    pub description: &'static str,
}

macro_rules! formats {
    ($($(#[doc = $doc:literal])* $(#[cfg($when:meta)])? $format:ident = $name:literal, $file:literal, $media:literal,
        $renderer:path, $description:literal;)*) => {
        /// A form of report.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Format { $($(#[doc = $doc])* $(#[cfg($when)])? $format),* }

        /// Every format, in the order in which help lists them.
        pub const FORMATS: &[FormatInfo] = &[$($(#[cfg($when)])? FormatInfo {
            format: Format::$format,
            name: $name,
            file_name: $file,
            media_type: $media,
            description: $description,
        }),*];

        impl Format {
            /// The name on the command line.
            pub const fn name(self) -> &'static str {
                match self { $($(#[cfg($when)])? Self::$format => $name),* }
            }

            const fn renderer(self) -> Renderer {
                match self { $($(#[cfg($when)])? Self::$format => $renderer),* }
            }
        }
    };
}

formats! {
    /// Text for a terminal.
    Table = "table", "report.txt", "text/plain; charset=utf-8", table::write,
        "text for a terminal: conclusion, clauses, findings, what was not read";
    /// The assessment itself.
    Json = "json", "assessment.json", "application/json", json::write,
        "the assessment itself, complete and authoritative; every other format can be made from it";
    /// The assessment with a line per verdict.
    JsonLines = "jsonl", "assessment.jsonl", "application/x-ndjson", lines::write,
        "the assessment as JSON Lines: a header, then one verdict per line";
    /// A row per verdict.
    Csv = "csv", "verdicts.csv", "text/csv; charset=utf-8; header=present", csv::write,
        "one row per verdict (RFC 4180); cells that a spreadsheet would run start with an apostrophe";
    /// A comment on a pull request.
    Markdown = "markdown", "report.md", "text/markdown; charset=utf-8; variant=GFM", markdown::write,
        "a pull request comment or job summary; shortened, and saying so, above 65536 characters";
    /// A page for auditors.
    Html = "html", "report.html", "text/html; charset=utf-8", html::write,
        "the auditor's report: one self-contained page that prints, needs no network and no script";
    /// A workbook with every population whole.
    Xlsx = "xlsx", "report.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx::write,
        "a workbook with every population whole: verdicts, clauses, rules, gaps, registers; no cell is a formula";
    /// The same on paper.
    #[cfg(feature = "pdf")]
    Pdf = "pdf", "report.pdf", "application/pdf", pdf::write,
        "the auditor's report on paper: PDF/A-2a and PDF/UA-1, with every finding and the population counted";
    /// Alerts of code scanning.
    Sarif = "sarif", "lastgood.sarif", "application/sarif+json", sarif::write,
        "SARIF 2.1.0 for code scanning: a result per finding at its place in the code, with a stable fingerprint";
    /// Results of a test run.
    Junit = "junit", "junit.xml", "application/xml", junit::write,
        "JUnit XML: a test case per verdict; unknown is an error, an approved exception is skipped";
    /// Annotations of a workflow.
    Github = "github", "annotations.txt", "text/plain; charset=utf-8", github::write,
        "workflow commands that annotate a pull request on GitHub, the worst ten of each level";
    /// Code quality of a merge request.
    CodeQuality = "gitlab", "gl-code-quality-report.json", "application/json", code_quality::write,
        "the code quality report of GitLab: an entry per finding, with a stable fingerprint";
    /// Assessment results in OSCAL.
    Oscal = "oscal", "oscal-assessment-results.json", "application/json", oscal::results,
        "OSCAL 1.2.1 assessment results: a finding per clause, observations, risks, subjects";
    /// A plan of action and milestones in OSCAL.
    OscalPoam = "oscal-poam", "oscal-poam.json", "application/json", oscal::poam,
        "OSCAL 1.2.1 plan of action and milestones: an item per open finding and approved exception";
    /// Events of a security lake.
    Ocsf = "ocsf", "ocsf.jsonl", "application/x-ndjson", ocsf::write,
        "OCSF 1.8.0 as JSON Lines: a Compliance Finding (2003) per verdict";
    /// Metrics.
    OpenMetrics = "openmetrics", "lastgood.prom", "application/openmetrics-text; version=1.0.0; charset=utf-8", openmetrics::write,
        "metrics for Prometheus: OpenMetrics that the textfile collector of node_exporter reads too";
}

impl Format {
    /// What is known of it.
    pub fn info(self) -> Option<&'static FormatInfo> {
        FORMATS.iter().find(|info| info.format == self)
    }
}

impl FormatInfo {
    /// Whether it is no text, and therefore nothing for a terminal.
    pub fn is_binary(&self) -> bool {
        is_binary(self.name)
    }
}

/// Whether the format of this name, of a run or of a period, is no text.
pub fn is_binary(name: &str) -> bool {
    matches!(name, "pdf" | "xlsx")
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for FormatInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormatInfo").field("name", &self.name).field("file_name", &self.file_name).finish()
    }
}

/// A name that no format has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a report format; the formats are {}", known())]
pub struct UnknownFormat {
    name: String,
}

fn known() -> String {
    FORMATS.iter().map(|info| info.name).collect::<Vec<_>>().join(", ")
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        FORMATS
            .iter()
            .find(|info| info.name == name)
            .map(|info| info.format)
            .ok_or_else(|| UnknownFormat { name: name.to_owned() })
    }
}

/// Write `assessment` to `out` in one format.
///
/// # Errors
///
/// Only those of `out`.
pub fn render(
    assessment: &Assessment,
    format: Format,
    options: &RenderOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    (format.renderer())(assessment, options, out)
}

/// A text that other people wrote, on one harmless line: for messages outside of reports.
pub fn one_line(text: &str) -> std::borrow::Cow<'_, str> {
    safe::visible(text)
}
