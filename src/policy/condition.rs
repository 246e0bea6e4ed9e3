//! Conditions in policies: what is wrong with them, each mistake at its place in the file.

use super::diagnostic::Diagnostic;
use super::literal;
use super::params::Given;
use super::place::At;
use super::row::Word;
use super::suggest::{closest, did_you_mean};
use crate::cel::{Help, Problem};
use crate::checks::params::Arg;
use crate::checks::{CheckInfo, ParamType, condition};
use crate::model::kind::Kind;

/// Names that are listed in a message; more are not read.
const MOST_LISTED: usize = 20;

/// Whether an expression can be used; whatever is wrong with it is reported.
pub(super) fn read(word: &Word, problems: &mut Vec<Diagnostic>) -> bool {
    let Err(found) = condition::compile(&word.text) else { return true };
    report(found, &word.text, &word.at, problems);
    false
}

/// Whether the conditions among the parameters can ever be told for one of these kinds.
pub(super) fn fits(check: &CheckInfo, given: &Given, kinds: &[Kind], problems: &mut Vec<Diagnostic>) -> bool {
    let before = problems.len();
    for param in check.params.iter().filter(|param| param.ty == ParamType::Condition) {
        let Some((Arg::Text(text), at)) = given.get(param.name) else { continue };
        if let Ok(program) = condition::compile(text) {
            report(condition::foreign(&program, kinds), text, at, problems);
        }
    }
    problems.len() == before
}

/// Show problems of an expression where it stands: also in a text of many lines or with escapes.
fn report(found: Vec<Problem>, text: &str, at: &At, problems: &mut Vec<Diagnostic>) {
    let places = literal::places(at.text(), text);
    for problem in found {
        let help = match problem.help {
            Help::None => String::new(),
            Help::Text(help) => help,
            Help::Names { word, known, .. } if known.len() > MOST_LISTED && closest(&word, known.clone()).is_none() => {
                "`lastgood policy explain condition` lists them".to_owned()
            }
            Help::Names { word, what, known } => did_you_mean(&word, &what, known),
        };
        let place =
            |byte: usize| places.as_ref().and_then(|places| places.get(byte)).map(|place| at.span.start + place);
        let at = match (place(problem.span.start), place(problem.span.end)) {
            (Some(start), Some(end)) => At::new(&at.file, start..end),
            _ => at.clone(),
        };
        let message = one_line(&problem.message);
        problems.push(Diagnostic::error("bad-condition", message).at(&at, "").help(one_line(&help)));
    }
}

/// A message may hold what the user wrote, line breaks and all.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r', '\t'], " ")
}
