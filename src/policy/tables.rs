//! Every table of a policy.

use super::shape::Empty::{Allowed, Refused};
use super::shape::{Field, Shape, Type};
use crate::model::application::CRITICALITIES;

/// How much a broken rule matters, worst first.
pub(super) const SEVERITIES: &[&str] = &["critical", "high", "medium", "low", "info"];

/// How a clause is evidenced.
pub(super) const EVIDENCE: &[&str] = &["checked", "logged", "attested", "procedure"];

/// A file.
pub(super) static DOCUMENT: Shape = Shape {
    name: "the file",
    docs: "A policy is one TOML file or a directory of them; the tables may be spread over the files as you like.",
    fields: &[
        Field::new("policy", Type::Table(&POLICY), "", "What the policy is; once over all files."),
        Field::new("rule", Type::Tables(&RULE), "", "What is demanded."),
        Field::new("override", Type::Tables(&OVERRIDE), "", "Other parameters for some resources."),
        Field::new("waiver", Type::Tables(&WAIVER), "", "Approved exceptions, each with an end."),
        Field::new("clause", Type::Tables(&CLAUSE), "", "The register of the written policy."),
    ],
};

/// `[policy]`.
pub(super) static POLICY: Shape = Shape {
    name: "[policy]",
    docs: "What the policy is, who stands behind it, and what all rules share.",
    fields: &[
        Field::new("id", Type::Id, "\"infrastructure-backups\"", "Its name in reports.").required(),
        Field::new("title", Type::Line, "\"Infrastructure backups\"", "Its title for people.").required(),
        Field::new("version", Type::Line, "\"2026.1\"", "Its version, as your document control counts them.")
            .required(),
        Field::new("timezone", Type::Zone, "\"Europe/London\"", "The zone of local days and dates.").default("\"UTC\""),
        Field::new("owner", Type::Line, "\"platform@example.com\"", "Who keeps it."),
        Field::new("approved_by", Type::Line, "\"cto@example.com\"", "Who approved this version."),
        Field::new("approved_on", Type::Date, "2026-01-15", "When this version was approved."),
        Field::new(
            "extends",
            Type::LineOrLines,
            "\"builtin:infrastructure-backups\"",
            "Shipped policies to start from, left to right. A rule here with the id of one there changes it key by key.",
        ),
        Field::new(
            "application_tag",
            Type::Line,
            "\"application\"",
            "The tag whose value names the application of a resource.",
        )
        .default("\"application\""),
        Field::new(
            "criticality_tag",
            Type::Line,
            "\"criticality\"",
            "The tag whose value names the criticality of a resource.",
        )
        .default("\"criticality\""),
        Field::new("max_waiver", Type::Span, "\"365d\"", "How long a waiver may hold after its approval.")
            .default("\"365d\""),
    ],
};

/// `[[rule]]`.
pub(super) static RULE: Shape = Shape {
    name: "[[rule]]",
    docs: "One demand: a check with parameters, on the resources in its scope, for the clauses it serves.",
    fields: &[
        Field::new("id", Type::Id, "\"daily-backup\"", "Its name in reports and waivers.").required(),
        Field::new(
            "title",
            Type::Line,
            "\"backed up every day\"",
            "The demand in a line; without it, the check's title.",
        ),
        Field::new(
            "clauses",
            Type::Lines(Allowed),
            "[\"1.1\", \"5.2\"]",
            "The clauses of the written policy that it serves.",
        )
        .default("[]"),
        Field::new("check", Type::Check, "\"cadence\"", "The check that judges it.").required(),
        Field::new("severity", Type::Choice(SEVERITIES), "\"high\"", "How much a failure matters.")
            .default("\"medium\""),
        Field::new(
            "scope",
            Type::Table(&SCOPE),
            "{ kinds = [\"ebs-volume\"] }",
            "Which resources; without it, all that the check can judge.",
        ),
        Field::new("with", Type::With, "{ every = \"1d\" }", "The parameters of the check."),
        Field::new(
            "remedy",
            Type::Prose,
            "\"ask the platform team\"",
            "How to put a failure right, in place of the check's own advice.",
        ),
        Field::new("may_match_nothing", Type::Flag, "true", "Whether a scope without resources is as it should be.")
            .default("false"),
        Field::new("enabled", Type::Flag, "false", "Whether it is judged at all.").default("true"),
    ],
};

/// `[[override]]`.
pub(super) static OVERRIDE: Shape = Shape {
    name: "[[override]]",
    docs: "Other parameters or another severity of a rule for some resources, such as one application. Of several that match, the last one counts.",
    fields: &[
        Field::new("rule", Type::Id, "\"daily-backup\"", "The id of the rule.").required(),
        Field::new("scope", Type::Table(&SCOPE), "{ applications = [\"ledger\"] }", "Which of the rule's resources.")
            .required(),
        Field::new("with", Type::With, "{ every = \"4h\" }", "The parameters that differ; the others stay."),
        Field::new("severity", Type::Choice(SEVERITIES), "\"critical\"", "How much a failure matters here."),
        Field::new(
            "reason",
            Type::Prose,
            "\"recovery point objective of 4 hours\"",
            "Why these are judged differently.",
        )
        .required(),
    ],
};

/// `[[waiver]]`.
pub(super) static WAIVER: Shape = Shape {
    name: "[[waiver]]",
    docs: "An approved exception. The verdict stays on record and counts as waived until the waiver expires.",
    fields: &[
        Field::new("id", Type::Name, "\"W-2026-017\"", "Its name in reports.").required(),
        Field::new("rules", Type::Lines(Refused), "[\"daily-backup\"]", "Ids of rules, or patterns with `*`.")
            .required(),
        Field::new("resources", Type::Lines(Refused), "[\"arn:aws:s3:::scratch\"]", "ARNs, or patterns with `*`.")
            .required(),
        Field::new("reason", Type::Prose, "\"decommissioned in January\"", "Why the exception is justified.")
            .required(),
        Field::new("requested_by", Type::Line, "\"dev@example.com\"", "Who asked for it.").required(),
        Field::new("approved_by", Type::Line, "\"ciso@example.com\"", "Who approved it: never the one who asked.")
            .required(),
        Field::new("approved_on", Type::Date, "2026-11-20", "The day from which it holds.").required(),
        Field::new("expires", Type::Date, "2027-01-31", "The last day on which it holds.").required(),
    ],
};

/// `[[clause]]`.
pub(super) static CLAUSE: Shape = Shape {
    name: "[[clause]]",
    docs: "One numbered demand of the written policy.",
    fields: &[
        Field::new("id", Type::Name, "\"1.1\"", "Its number.").required(),
        Field::new(
            "demand",
            Type::Prose,
            "\"critical components are backed up daily\"",
            "What it demands, in your words.",
        )
        .required(),
        Field::new(
            "evidence",
            Type::Choice(EVIDENCE),
            "\"checked\"",
            "How it is evidenced: read from AWS, by the backup logs, by a statement, by the text of a procedure.",
        ),
        Field::new("in_force", Type::Flag, "false", "Whether it counts against compliance yet.").default("true"),
        Field::new(
            "not_assessed",
            Type::Line,
            "\"it defines a word and demands nothing\"",
            "Why no rule judges it; such a clause may have none.",
        ),
    ],
};

const KINDS: Field =
    Field::new("kinds", Type::Kinds, "[\"ebs-volume\"]", "Kinds of resources; `*` means all that the check can judge.");
const TAGS: Field = Field::new(
    "tags",
    Type::Tags,
    "{ env = [\"prod\", \"prod-*\"] }",
    "Tags, each with a pattern or a list of patterns for its value; all of them must match.",
);
const ACCOUNTS: Field =
    Field::new("accounts", Type::Lines(Refused), "[\"111122223333\"]", "Account numbers, or patterns with `*`.");
const REGIONS: Field = Field::new("regions", Type::Lines(Refused), "[\"eu-*\"]", "Regions, or patterns with `*`.");
const APPLICATIONS: Field =
    Field::new("applications", Type::Lines(Refused), "[\"shop\"]", "Applications, or patterns with `*`.");
const CRITICALITY: Field = Field::new(
    "criticality",
    Type::Choices(CRITICALITIES, Refused),
    "[\"critical\"]",
    "How critical the application is.",
);
const RESOURCES: Field =
    Field::new("resources", Type::Lines(Refused), "[\"arn:aws:s3:::assets-*\"]", "ARNs, or patterns with `*`.");

/// A scope.
pub(super) static SCOPE: Shape = Shape {
    name: "scope",
    docs: "Which resources. Every key that is given must match; within a key any entry is enough.",
    fields: &[
        KINDS,
        TAGS,
        ACCOUNTS,
        REGIONS,
        APPLICATIONS,
        CRITICALITY,
        RESOURCES,
        Field::new(
            "not",
            Type::Table(&NOT),
            "{ tags = { env = \"sandbox\" } }",
            "What is left out again; a resource is left out when all keys in it match.",
        ),
    ],
};

/// What a scope leaves out: the same keys, but no `not` in a `not`, which nobody reads right.
pub(super) static NOT: Shape = Shape {
    name: "not",
    docs: "What a scope leaves out again.",
    fields: &[KINDS, TAGS, ACCOUNTS, REGIONS, APPLICATIONS, CRITICALITY, RESOURCES],
};

/// Every table, in the order of the reference.
pub(super) static ALL: [&Shape; 7] = [&POLICY, &RULE, &SCOPE, &NOT, &OVERRIDE, &WAIVER, &CLAUSE];

#[cfg(test)]
mod tests {
    use super::super::place::File;
    use super::super::read::{Reader, default_value};
    use super::super::shape::Field;
    use super::*;
    use crate::checks::CHECKS;
    use toml::de::DeValue;

    fn assert_valid(whose: &str, field: &Field, text: &'static str) {
        let file = File::new("example", text);
        let mut problems = Vec::new();
        let value = DeValue::parse(text).unwrap_or_else(|error| panic!("{whose}.{}: {error}", field.name));
        Reader { file: &file, problems: &mut problems }.entry(field, &value);
        assert!(problems.is_empty(), "{whose}.{} = {text}: {problems:?}", field.name);
    }

    /// Help and reference show the examples, and a default that cannot be read would be none.
    #[test]
    fn examples_and_defaults_are_valid() {
        for shape in ALL {
            for field in shape.fields {
                assert!(field.docs.ends_with('.'), "{}.{}", shape.name, field.name);
                assert!(!field.example.is_empty(), "{}.{}", shape.name, field.name);
                assert_valid(shape.name, field, field.example);
                if let Some(default) = field.default {
                    assert!(default_value(field, default).is_some(), "{}.{}", shape.name, field.name);
                }
            }
        }
        for check in CHECKS {
            for param in check.params {
                let field = Field::from(param);
                if let Some(default) = param.default {
                    assert_valid(check.id, &field, default);
                    assert!(default_value(&field, default).is_some(), "{}.{}", check.id, param.name);
                }
            }
        }
    }

    #[test]
    fn the_words_are_those_of_the_model() {
        let severities = crate::model::outcome::Severity::ALL.map(|severity| severity.id());
        assert_eq!(SEVERITIES, severities);
    }
}
