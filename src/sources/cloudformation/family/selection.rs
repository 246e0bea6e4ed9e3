//! Selections of AWS Backup: which resources a plan takes in, also those that have no ARN yet.

use super::super::draft::Draft;
use super::super::value::{Props, Told, Why};
use super::super::view::View;
use super::TypeInfo;
use crate::model::protection::{Condition, ConditionOperator, Selection, TagTest};
use crate::model::text::Text;
use crate::sources::iac::alike;

pub(super) const TYPES: &[TypeInfo] =
    &[TypeInfo { name: "AWS::Backup::BackupSelection", naming: None, pass: 3, put: selection, holds_data: false }];

const OPERATORS: &[(&str, ConditionOperator)] = &[
    ("StringEquals", ConditionOperator::StringEquals),
    ("StringNotEquals", ConditionOperator::StringNotEquals),
    ("StringLike", ConditionOperator::StringLike),
    ("StringNotLike", ConditionOperator::StringNotLike),
];

fn selection<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    // A selection that is there shows that protection is arranged here, whether it can be read or not.
    draft.declare_protection();
    let id = Text::from(view.declaration.id.as_str());
    let found = view.tell(|p| {
        let p = p.at("BackupSelection")?;
        let texts = |path: &str| Ok(p.names(path)?.into_iter().map(Text::from).collect());
        Ok(Selection {
            id: id.clone(),
            name: p.name("SelectionName").ok().flatten().map_or_else(|| id.clone(), Text::from),
            role: p.name("IamRoleArn").ok().flatten().map(Text::from),
            resources: texts("Resources")?,
            not_resources: texts("NotResources")?,
            list_of_tags: list_of_tags(&p)?,
            conditions: conditions(&p)?,
        })
    });
    let plan = view.name("BackupPlanId").and_then(|plan| draft.plan_with_id(&plan));
    match (plan, view.unless_doubtful(found)) {
        (Some(plan), Ok(selection)) => draft.select(&plan, selection),
        (Some(plan), Err(stuck)) => {
            view.open(None, "selections", &stuck);
            draft.undecided_plan(&plan);
        }
        (None, _) => undecided(draft, view),
    }
}

/// A selection whose plan is not known here may cover anything it names.
fn undecided(draft: &mut Draft<'_>, view: &View<'_, '_>) {
    let stuck = match view.tell(|p| Ok(p.name("BackupPlanId")?.map(str::to_owned))) {
        Err(stuck) => stuck,
        Ok(_) => Why::new(alike::UNKNOWN_PLAN).at("BackupPlanId"),
    };
    view.open(None, "selections", &stuck);
    let (account, region) = view.place();
    draft.inventory.plans.push(alike::unknown_plan(account, region, &view.declaration.id));
}

fn list_of_tags(p: &Props<'_>) -> Told<Vec<TagTest>> {
    let test = |item: &Props<'_>| {
        let text = |name: &str| Ok(Text::from(item.text(name)?.unwrap_or_default()));
        Ok(TagTest { key: text("ConditionKey")?, value: text("ConditionValue")? })
    };
    p.items("ListOfTags")?.iter().map(test).collect()
}

fn conditions(p: &Props<'_>) -> Told<Vec<Condition>> {
    let mut conditions = Vec::new();
    for (name, operator) in OPERATORS {
        for item in p.items(&format!("Conditions.{name}"))? {
            let text = |name: &str| Ok(Text::from(item.text(name)?.unwrap_or_default()));
            let (key, value) = (text("ConditionKey")?, text("ConditionValue")?);
            conditions.push(Condition { operator: *operator, key, value });
        }
    }
    Ok(conditions)
}
