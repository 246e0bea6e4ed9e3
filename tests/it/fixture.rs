//! Fixtures of checks: the smallest inventory that shows one outcome.

use std::path::Path;

use lastgood::checks::{self, Arg, Args, Case, Context, Group, ParamType, Unit};
use lastgood::model::Instant;
use lastgood::model::estate::Estate;
use lastgood::model::inventory::Inventory;
use lastgood::model::judgement::Judgement;
use lastgood::policy::testing::parse_inventory;
use serde::Deserialize;

/// A fixture file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fixture {
    /// What it shows, for the check's page.
    pub(crate) note: String,
    /// The instant of judgement.
    pub(crate) as_of: Instant,
    /// The policy's zone.
    #[serde(default)]
    pub(crate) timezone: Option<String>,
    /// Parameters, as in a rule.
    #[serde(default)]
    pub(crate) with: toml::Table,
    /// ARN of the judged resource, or the name of the group (then `members` has the ARNs).
    pub(crate) judge: String,
    /// For checks of groups: the ARNs of its members; all resources when left out.
    #[serde(default)]
    pub(crate) members: Option<Vec<String>>,
    /// The expected outcome.
    pub(crate) outcome: String,
    /// The expected sentence, whole.
    pub(crate) reason: String,
    /// Expected facts; others may be there.
    #[serde(default)]
    pub(crate) observed: toml::Table,
    /// Expected ids of the evidence, in order; not compared when left out.
    #[serde(default)]
    pub(crate) evidence: Option<Vec<String>>,
    /// The inventory, in the form of the tests of policies: what every one must have is filled in.
    pub(crate) inventory: toml::Table,
}

/// Read a fixture.
pub(crate) fn load(path: &Path) -> (Fixture, Inventory) {
    let text = std::fs::read_to_string(path).unwrap();
    let fixture: Fixture = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let inventory = parse_inventory(&toml::to_string(&fixture.inventory).unwrap(), fixture.as_of)
        .unwrap_or_else(|error| panic!("{}: inventory: {error}", path.display()));
    (fixture, inventory)
}

/// Judge as a fixture says.
pub(crate) fn judge(check: &str, fixture: &Fixture, inventory: &Inventory) -> Judgement {
    let info = checks::find(check).unwrap_or_else(|| panic!("no check `{check}`"));
    let mut args = Args::default();
    for param in info.params {
        let text = match fixture.with.get(param.name) {
            Some(value) => value.clone(),
            None => match param.default {
                Some(default) => toml::from_str::<toml::Table>(&format!("v = {default}")).unwrap()["v"].clone(),
                None => {
                    assert!(!param.required, "`{}` is required", param.name);
                    continue;
                }
            },
        };
        args.set(param.name, arg(param.ty, &text));
    }
    for key in fixture.with.keys() {
        assert!(info.params.iter().any(|param| param.name == key), "no parameter `{key}`");
    }
    let prepared = (info.prepare)(&args).unwrap();
    let zone = fixture.timezone.as_deref().unwrap_or("UTC").parse().unwrap();
    let context = Context::new(Estate::new(inventory), fixture.as_of, zone);
    let answer = if prepared.unit() == Unit::Resource {
        let resource =
            context.estate.resource(&fixture.judge).unwrap_or_else(|| panic!("no resource {}", fixture.judge));
        prepared.judge(&Case::new(resource, &context))
    } else {
        let wanted =
            |arn: &str| fixture.members.as_ref().is_none_or(|members| members.iter().any(|member| member == arn));
        let members = inventory.resources.iter().filter(|resource| wanted(&resource.arn)).collect();
        prepared.judge_group(&Group { name: fixture.judge.as_str().into(), members, context: &context })
    };
    answer.unwrap_or_else(|unread| unread.judgement())
}

fn arg(ty: ParamType, value: &toml::Value) -> Arg {
    let texts = || value.as_array().unwrap().iter().map(|item| item.as_str().unwrap().into()).collect();
    match ty {
        ParamType::Span => Arg::Span(value.as_str().unwrap().parse().unwrap()),
        ParamType::Count => Arg::Count(value.as_integer().unwrap().try_into().unwrap()),
        ParamType::Flag => Arg::Flag(value.as_bool().unwrap()),
        ParamType::Text | ParamType::Choice(_) | ParamType::Condition => Arg::Text(value.as_str().unwrap().into()),
        ParamType::Texts | ParamType::Choices(_) => Arg::Texts(texts()),
    }
}

/// Compare a judgement with what its fixture expects.
pub(crate) fn expect(path: &Path, fixture: &Fixture, judgement: &Judgement) {
    let folder = path.parent().and_then(Path::file_name).unwrap().to_string_lossy();
    let place = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
    assert_eq!(judgement.outcome.id(), fixture.outcome, "{place}: {}", judgement.reason());
    assert_eq!(&*judgement.reason(), fixture.reason, "{place}");
    for (name, expected) in &fixture.observed {
        let found = judgement.observed.iter().find(|(known, _)| **known == **name);
        let found = found.unwrap_or_else(|| panic!("{place}: `{name}` was not observed: {:?}", judgement.observed));
        let expected = expected.as_str().map_or_else(|| expected.to_string(), str::to_owned);
        assert_eq!(found.1.to_string(), expected, "{place}: {name}");
    }
    if let Some(ids) = &fixture.evidence {
        let found: Vec<&str> = judgement.evidence.iter().map(|evidence| &*evidence.id).collect();
        assert_eq!(&found, ids, "{place}");
    }
    assert!(!judgement.reason().contains('{'), "{place}: a fact is missing from the sentence");
}
