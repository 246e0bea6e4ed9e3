//! Data Lifecycle Manager.

use serde_json::Value;

use super::super::draft::Draft;
use super::super::view::{Got, View};
use super::{Role, TypeInfo};
use crate::model::protection::{DlmPolicy, DlmSchedule, TagTest};
use crate::model::text::Text;
use crate::sources::iac::alike;

pub(super) const TYPES: &[TypeInfo] = &[TypeInfo {
    name: "aws_dlm_lifecycle_policy",
    attributes: &["id", "arn", "state", "policy_details", "default_policy", "region"],
    role: Role::Protection(policy),
}];

const DETAILS: &str = "policy_details.0";

fn policy<'p, 'a>(draft: &mut Draft<'p, 'a>, view: View<'p, 'a>) {
    let (account, region) = draft.places.place(view);
    draft.declare_protection(&account, &region);
    let at = |name: &str| format!("{DETAILS}.{name}");
    if let Some((path, why)) = open(view) {
        draft.ask(view, None).open("lifecycle_policies", &path, &why);
        draft.leave_service_open(&account, &region, "dlm:");
        return;
    }
    let target = match view.got(&at("resource_types.0")) {
        Got::Known(Value::String(text)) => text.to_lowercase(),
        // A default policy says it as one word.
        _ => view.text(&at("resource_type")).or_else(|| view.text("default_policy")).unwrap_or_default().to_lowercase(),
    };
    let target_tags = match view.got(&at("target_tags")) {
        Got::Known(Value::Object(fields)) => {
            let texts = fields.iter().filter_map(|(key, value)| Some((key, value.as_str()?)));
            texts.map(|(key, value)| TagTest { key: Text::from(key.as_str()), value: Text::from(value) }).collect()
        }
        _ => Vec::new(),
    };
    let mut schedules: Vec<DlmSchedule> =
        (0..view.blocks(&at("schedule"))).map(|index| schedule(view, &at(&format!("schedule.{index}")))).collect();
    if schedules.is_empty() && view.text("default_policy").is_some() {
        let days = |name: &str| view.number(&at(name)).and_then(|days| u32::try_from(days).ok());
        schedules.push(alike::default_schedule(days("create_interval"), days("retain_interval")));
    }
    let arn = draft.own(view, "dlm", "policy/");
    draft.inventory.dlm_policies.push(DlmPolicy {
        arn,
        account,
        region,
        enabled: view.text("state").unwrap_or("ENABLED") == "ENABLED",
        target: Text::from(target),
        target_tags,
        schedules,
    });
}

/// What decides which volumes it takes, how often and for how long.
fn open(view: View<'_, '_>) -> Option<(String, String)> {
    const OF_POLICY: &[&str] = &[
        "state",
        "default_policy",
        DETAILS,
        "policy_details.0.target_tags",
        "policy_details.0.resource_types",
        "policy_details.0.resource_type",
        "policy_details.0.create_interval",
        "policy_details.0.retain_interval",
    ];
    const OF_SCHEDULE: &[&str] = &[
        "create_rule.0.interval",
        "create_rule.0.cron_expression",
        "retain_rule.0.count",
        "retain_rule.0.interval",
        "retain_rule.0.interval_unit",
    ];
    let of_policy = OF_POLICY.iter().map(|path| (*path).to_owned());
    let schedules = 0..view.blocks("policy_details.0.schedule");
    let of_schedule =
        schedules.flat_map(|index| OF_SCHEDULE.iter().map(move |path| format!("{DETAILS}.schedule.{index}.{path}")));
    of_policy.chain(of_schedule).find_map(|path| match view.got(&path) {
        Got::Open(why) => Some((path, why)),
        _ if path.ends_with("tags") => view.open_below(&path).map(|why| (path, why)),
        _ => None,
    })
}

fn schedule(view: View<'_, '_>, at: &str) -> DlmSchedule {
    let number = |name: &str| {
        view.number(&format!("{at}.{name}")).and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
    };
    let cron = view.text(&format!("{at}.create_rule.0.cron_expression"));
    let unit = view.text(&format!("{at}.retain_rule.0.interval_unit")).unwrap_or_default();
    DlmSchedule {
        name: Text::from(view.text(&format!("{at}.name")).unwrap_or_default()),
        every_hours: if cron.is_some() { None } else { number("create_rule.0.interval") },
        cron: cron.map(Text::from),
        keep_count: number("retain_rule.0.count"),
        keep_days: number("retain_rule.0.interval")
            .map(|interval| interval.saturating_mul(alike::days_of_unit(unit)))
            .filter(|d| *d > 0),
    }
}
