//! The tables of a file of tests.

use crate::policy::shape::{Field, Shape, Type};

/// What a rule can say; `none` is that it does not judge the resource.
pub(super) const OUTCOMES: &[&str] = &["pass", "fail", "unknown", "not-applicable", "waived", "none"];

const AS_OF: Field = Field::new(
    "as_of",
    Type::Time,
    "2026-11-22T00:00:00Z",
    "The instant of judgement; a test of its own, or one for all tests of the file.",
);

/// A file.
pub(in crate::policy) static DOCUMENT: Shape = Shape {
    name: "*.test.toml",
    docs: "Tests of a policy are TOML files that end in `.test.toml` and lie beside the policies. `lastgood policy test` judges the facts of each test by the policy and compares what its rules say with what the test expects.",
    fields: &[
        AS_OF,
        Field::new(
            "inventory",
            Type::Raw,
            "{ reads = [{ call = \"ec2:*\" }] }",
            "Facts that all tests of the file share; the lists of each test are added to these.",
        ),
        Field::new("test", Type::Tables(&TEST), "", "The tests."),
    ],
};

/// `[[test]]`.
pub(in crate::policy) static TEST: Shape = Shape {
    name: "[[test]]",
    docs: "Given facts and what must come of them. The facts have the form of a saved inventory (`docs/schemas/inventory.schema.json`): what nobody read is left out, and a list is complete only if `reads` says so. Accounts and regions may be left out; an instant may be written `now`, `now-26h` or `now+35d`.",
    fields: &[
        Field::new("name", Type::Line, "\"a volume without backups fails\"", "What it shows.").required(),
        AS_OF,
        Field::new(
            "inventory",
            Type::Raw,
            "{ resources = [{ arn = \"arn:aws:s3:::assets\", kind = \"s3-bucket\" }] }",
            "The facts: `resources`, `points`, `plans`, `activities`, `applications`, `attestations`, `reads`, `gaps`, …",
        ),
        Field::new(
            "expect",
            Type::Tables(&EXPECT),
            "[{ rule = \"daily-backup\", outcome = \"pass\" }]",
            "What the rules must say; one at least.",
        )
        .required(),
    ],
};

/// `[[test.expect]]`.
pub(in crate::policy) static EXPECT: Shape = Shape {
    name: "[[test.expect]]",
    docs: "What one rule must say of one resource.",
    fields: &[
        Field::new("rule", Type::Id, "\"daily-backup\"", "The id of the rule.").required(),
        Field::new(
            "resource",
            Type::Line,
            "\"vol-1\"",
            "The resource by ARN, last part of the ARN or name, or `estate` or `application:shop`; not needed where the rule gives one verdict alone.",
        ),
        Field::new(
            "outcome",
            Type::Choice(OUTCOMES),
            "\"pass\"",
            "What it must say; `none` when it must not judge the resource.",
        )
        .required(),
        Field::new("reason", Type::Line, "\"no usable recovery point\"", "What its sentence must contain."),
    ],
};

/// Every table, in the order of the reference.
pub(in crate::policy) static ALL: [&Shape; 3] = [&DOCUMENT, &TEST, &EXPECT];
