//! Selections of AWS Backup: which resources a plan takes in, also those that have no ARN yet.

use super::super::ask::Ask;
use super::super::draft::Draft;
use super::super::resolve::Targets;
use super::super::view::{Got, View};
use super::{Role, TypeInfo};
use crate::model::protection::{Condition, ConditionOperator, Selection, TagTest};
use crate::model::text::Text;

pub(super) const TYPES: &[TypeInfo] = &[TypeInfo {
    name: "aws_backup_selection",
    attributes: &[
        "id",
        "name",
        "plan_id",
        "resources",
        "not_resources",
        "selection_tag",
        "condition",
        "iam_role_arn",
        "region",
    ],
    role: Role::Protection(selection),
}];

/// The operators with their blocks.
const OPERATORS: &[(&str, ConditionOperator)] = &[
    ("string_equals", ConditionOperator::StringEquals),
    ("string_not_equals", ConditionOperator::StringNotEquals),
    ("string_like", ConditionOperator::StringLike),
    ("string_not_like", ConditionOperator::StringNotLike),
];

fn selection<'p, 'a>(draft: &mut Draft<'p, 'a>, view: View<'p, 'a>) {
    let ask = draft.ask(view, None);
    let found = read(draft, &ask, view);
    // A selection that is there shows that protection is arranged here, whether it can be read or not.
    let (account, region) = draft.places.place(view);
    let plan = plan(draft, view);
    draft.declare_protection(&account, &region);
    match (plan, found) {
        (Some(plan), Some(selection)) => draft.select(&plan, selection),
        (Some(plan), None) => draft.undecided_plan(&plan),
        (None, _) => draft.undecided_selection(view, &account, &region),
    }
}

/// The plan that it belongs to.
fn plan(draft: &Draft<'_, '_>, view: View<'_, '_>) -> Option<Text> {
    if let Some(id) = view.text("plan_id") {
        return draft.plan_with_id(id);
    }
    match view.targets("plan_id", true) {
        Targets::All(instances) => draft.identity(*instances.first()?).cloned(),
        _ => None,
    }
}

fn read(draft: &Draft<'_, '_>, ask: &Ask<'_, '_, '_>, view: View<'_, '_>) -> Option<Selection> {
    Some(Selection {
        id: Text::from(view.text("id").unwrap_or(view.instance.address)),
        name: Text::from(view.text("name").unwrap_or(view.instance.address)),
        role: view.text("iam_role_arn").map(Text::from),
        resources: resources(draft, ask, view, "resources")?,
        not_resources: resources(draft, ask, view, "not_resources")?,
        list_of_tags: tags(ask, view)?,
        conditions: conditions(ask, view)?,
    })
}

/// ARNs and patterns, and the identities of what is named by reference. `None` where that cannot be told.
fn resources(draft: &Draft<'_, '_>, ask: &Ask<'_, '_, '_>, view: View<'_, '_>, path: &str) -> Option<Vec<Text>> {
    match view.got(path) {
        Got::NotSet => return Some(Vec::new()),
        // Elements that are open are `null` in the list.
        Got::Known(value) if view.open_below(path).is_none() => return Some(super::backup::texts(value)),
        _ => {}
    }
    match view.targets(path, false) {
        Targets::All(instances) => {
            let mut found: Vec<Text> =
                instances.iter().filter_map(|instance| draft.identity(*instance)).cloned().collect();
            if let Got::Known(value) = view.got(path) {
                found.extend(super::backup::texts(value));
            }
            found.sort();
            found.dedup();
            Some(found)
        }
        Targets::OneOf(_) | Targets::Other(_) => {
            let why = match view.targets(path, false) {
                Targets::Other(why) => why,
                _ => "is known only after apply".to_owned(),
            };
            ask.open("selections", path, &why);
            None
        }
    }
}

fn tags(ask: &Ask<'_, '_, '_>, view: View<'_, '_>) -> Option<Vec<TagTest>> {
    if let Got::Open(why) = view.got("selection_tag") {
        ask.open("selections", "selection_tag", &why);
        return None;
    }
    (0..view.blocks("selection_tag"))
        .map(|index| {
            let text = |name: &str| {
                ask.text("selections", &format!("selection_tag.{index}.{name}"), Some("")).known().cloned()
            };
            Some(TagTest { key: text("key")?, value: text("value")? })
        })
        .collect()
}

fn conditions(ask: &Ask<'_, '_, '_>, view: View<'_, '_>) -> Option<Vec<Condition>> {
    if let Got::Open(why) = view.got("condition") {
        ask.open("selections", "condition", &why);
        return None;
    }
    let mut conditions = Vec::new();
    for block in 0..view.blocks("condition") {
        for (name, operator) in OPERATORS {
            let list = format!("condition.{block}.{name}");
            for index in 0..view.blocks(&list) {
                let text =
                    |name: &str| ask.text("selections", &format!("{list}.{index}.{name}"), Some("")).known().cloned();
                conditions.push(Condition { operator: *operator, key: text("key")?, value: text("value")? });
            }
        }
    }
    Some(conditions)
}
