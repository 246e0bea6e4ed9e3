//! Every table of the application register.

use super::super::shape::Empty::{Allowed, Refused};
use super::super::shape::{Field, Shape, Type};
use super::COMPONENT_KINDS;
use crate::model::application::CRITICALITIES;

/// A file.
pub(in crate::policy) static DOCUMENT: Shape = Shape {
    name: "the register",
    docs: "The application register is one TOML file or several; together they hold every application.",
    fields: &[Field::new("application", Type::Tables(&APPLICATION), "", "One application.")],
};

/// `[[application]]`.
pub(in crate::policy) static APPLICATION: Shape = Shape {
    name: "[[application]]",
    docs: "What makes up one application, who answers for it, and how soon it must be back.",
    fields: &[
        Field::new("id", Type::Name, "\"shop\"", "Its name in tags, logs and reports.").required(),
        Field::new("name", Type::Line, "\"Web shop\"", "Its name for people."),
        Field::new("owner", Type::Line, "\"shop@example.com\"", "Who answers for it."),
        Field::new("criticality", Type::Choice(CRITICALITIES), "\"critical\"", "How much it matters."),
        Field::new("timezone", Type::Zone, "\"Europe/London\"", "The zone of its off-peak hours."),
        Field::new(
            "off_peak",
            Type::Lines(Refused),
            "[\"Mon-Fri 22:00-06:00\", \"Sat,Sun 00:00-24:00\"]",
            "When it may be slowed down, on its own clock; without days, every day.",
        ),
        Field::new("rto", Type::Span, "\"4h\"", "Recovery time objective: how soon it must be back."),
        Field::new("rpo", Type::Span, "\"1d\"", "Recovery point objective: how much may be lost."),
        Field::new("priority", Type::Count, "1", "Its place in recovery; 1 comes first."),
        Field::new(
            "depends_on",
            Type::Lines(Allowed),
            "[\"identity\"]",
            "Applications that must be up before it; `[]` says that it has none.",
        ),
        Field::new("runbook", Type::Line, "\"runbooks/shop.md\"", "Where its recovery is described."),
        Field::new("stakeholder", Type::Tables(&STAKEHOLDER), "", "Who is told."),
        Field::new(
            "resources",
            Type::Tables(&SELECTOR),
            "",
            "Its AWS resources; without it, those whose tag names the application.",
        ),
        Field::new("component", Type::Tables(&COMPONENT), "", "What belongs to it and is not of AWS."),
    ],
};

/// `[[application.stakeholder]]`.
pub(in crate::policy) static STAKEHOLDER: Shape = Shape {
    name: "[[application.stakeholder]]",
    docs: "Somebody who is told when the application is down and when it is back.",
    fields: &[
        Field::new("name", Type::Line, "\"customers\"", "Who.").required(),
        Field::new("contact", Type::Line, "\"status.example.com\"", "How to reach them.").required(),
    ],
};

/// `[[application.resources]]`.
pub(in crate::policy) static SELECTOR: Shape = Shape {
    name: "[[application.resources]]",
    docs: "AWS resources of the application. Every key that is given must match; of several tables one is enough.",
    fields: &[
        Field::new("arns", Type::Lines(Refused), "[\"arn:aws:s3:::shop-*\"]", "ARNs, or patterns with `*`."),
        Field::new("tags", Type::Tags, "{ application = \"shop\" }", "Tags, each with a pattern for its value."),
        Field::new("kinds", Type::Kinds, "[\"ebs-volume\"]", "Kinds of resources."),
        Field::new("accounts", Type::Lines(Refused), "[\"111122223333\"]", "Account numbers, or patterns with `*`."),
        Field::new("regions", Type::Lines(Refused), "[\"eu-*\"]", "Regions, or patterns with `*`."),
    ],
};

/// `[[application.component]]`.
pub(in crate::policy) static COMPONENT: Shape = Shape {
    name: "[[application.component]]",
    docs: "Something that must be recoverable and is not of AWS; it is known by the backup logs.",
    fields: &[
        Field::new(
            "name",
            Type::Name,
            "\"orders-db\"",
            "Its name inside the application; logs name it `component:APPLICATION/NAME`.",
        )
        .required(),
        Field::new("kind", Type::Choice(COMPONENT_KINDS), "\"mysql\"", "What it is.").required(),
        Field::new(
            "criticality",
            Type::Choice(CRITICALITIES),
            "\"low\"",
            "How much it matters, if not as the application.",
        ),
        Field::new("description", Type::Line, "\"orders of the shop\"", "What it is, for people."),
        Field::new("since", Type::Date, "2026-01-15", "Since when it has to be backed up."),
        Field::new(
            "stored_in",
            Type::Lines(Refused),
            "[\"s3://acme-backups/shop/*\"]",
            "Where its backups are to lie: places, or patterns with `*`.",
        ),
        Field::new(
            "sources",
            Type::Lines(Refused),
            "[\"/srv/shop\", \"/etc/nginx\"]",
            "What each backup of it must hold: paths, databases. A folder holds what lies in it.",
        ),
        Field::new("logged_as", Type::Tables(&LOGGED_AS), "", "Log records that are about it without naming it."),
    ],
};

/// `[[application.component.logged_as]]`.
pub(in crate::policy) static LOGGED_AS: Shape = Shape {
    name: "[[application.component.logged_as]]",
    docs: "Log records that are about the component. Every key that is given must match.",
    fields: &[
        Field::new("tool", Type::Line, "\"restic\"", "The name of the tool."),
        Field::new("host", Type::Line, "\"db1*\"", "The machine, or a pattern with `*`."),
        Field::new(
            "resource",
            Type::Line,
            "\"/var/lib/mysql*\"",
            "What the record names as resource or source, or a pattern.",
        ),
    ],
};

/// Every table, in the order of the reference.
pub(in crate::policy) static ALL: [&Shape; 5] = [&APPLICATION, &STAKEHOLDER, &SELECTOR, &COMPONENT, &LOGGED_AS];
