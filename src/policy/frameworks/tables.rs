//! Every table of a framework mapping.

use super::super::shape::Empty::Refused;
use super::super::shape::{Field, Shape, Type};

/// How much of a control the rules can show.
pub(super) const STRENGTHS: &[&str] = &["full", "partial", "supporting"];

/// A file.
pub(in crate::policy) static DOCUMENT: Shape = Shape {
    name: "the mapping",
    docs: "A mapping says for each control of an outside framework which clauses and rules of the policy show how much of it. One file holds one framework.",
    fields: &[
        Field::new("framework", Type::Table(&FRAMEWORK), "{ id = \"iso-27001\" }", "The framework.").required(),
        Field::new("control", Type::Tables(&CONTROL), "", "One of its controls."),
    ],
};

/// `[framework]`.
pub(in crate::policy) static FRAMEWORK: Shape = Shape {
    name: "[framework]",
    docs: "Which framework it is.",
    fields: &[
        Field::new("id", Type::Id, "\"iso-27001\"", "Its name for `--framework`.").required(),
        Field::new("title", Type::Line, "\"ISO/IEC 27001:2022\"", "Its name and edition for people.").required(),
        Field::new("note", Type::Prose, "\"only controls on which backups bear\"", "What the mapping leaves out.")
            .required(),
    ],
};

/// `[[control]]`.
pub(in crate::policy) static CONTROL: Shape = Shape {
    name: "[[control]]",
    docs: "A control, and what shows how much of it. At least one clause or rule must be named.",
    fields: &[
        Field::new("id", Type::Line, "\"A.8.13\"", "Its number in the framework.").required(),
        Field::new("title", Type::Line, "\"copies are kept and tested\"", "What it asks, in your words.").required(),
        Field::new(
            "strength",
            Type::Choice(STRENGTHS),
            "\"partial\"",
            "`full`: all that it asks, of what was read; `partial`: a part of it; `supporting`: evidence for something near.",
        )
        .required(),
        Field::new("clauses", Type::Lines(Refused), "[\"1.1\"]", "Clauses of the register; every rule that serves one is judged."),
        Field::new("rules", Type::Lines(Refused), "[\"encrypted\"]", "Rules that are judged besides."),
        Field::new("demand", Type::Tables(&DEMAND), "", "What the control itself asks of a rule's parameter."),
        Field::new("rationale", Type::Prose, "\"shows copies; does not show …\"", "What it shows and what it does not.")
            .required(),
    ],
};

/// `[[control.demand]]`.
pub(in crate::policy) static DEMAND: Shape = Shape {
    name: "[[control.demand]]",
    docs: "A bound that the control sets. Where the rule demands less, the control is never passed, and `full` is refused.",
    fields: &[
        Field::new("rule", Type::Id, "\"kept-35-days\"", "The rule; it must be among those judged for the control.")
            .required(),
        Field::new("parameter", Type::Line, "\"keep\"", "The parameter of its check, a length of time.").required(),
        Field::new("at_least", Type::Span, "\"365d\"", "The least that the control asks for."),
        Field::new("at_most", Type::Span, "\"92d\"", "The most that it allows."),
    ],
};

/// Every table, in the order of the reference.
pub(in crate::policy) static ALL: [&Shape; 3] = [&FRAMEWORK, &CONTROL, &DEMAND];

#[cfg(test)]
mod tests {
    use crate::model::framework::Strength;

    #[test]
    fn the_words_are_those_of_the_model() {
        assert_eq!(super::STRENGTHS, Strength::ALL.map(Strength::id));
    }
}
