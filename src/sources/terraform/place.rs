//! The account and region of an instance: by its own ARN, its provider, or its availability zone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::plan::{Plan, expressions, parent};
use super::view::View;
use crate::model::arn::Arn;
use crate::model::text::Text;
use crate::sources::iac::{UNKNOWN_ACCOUNT, UNKNOWN_REGION};

/// What providers say.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// By the key of the provider's configuration.
    providers: BTreeMap<String, Provider>,
    /// The account of everything, where there is one.
    account: Option<Text>,
}

/// One configured provider of AWS.
#[derive(Clone, Debug, Default)]
struct Provider {
    region: Option<Text>,
    /// Tags that every resource gets; `None` when they cannot be told.
    default_tags: Option<BTreeMap<String, String>>,
    account: Option<Text>,
    /// What makes its credentials differ from those of others.
    credentials: String,
}

impl Places {
    /// Look at the providers, and at the ARNs of what exists. `account` is that of the live inventory.
    pub(super) fn of(plan: &Plan<'_>, account: Option<&Text>) -> Self {
        let mut places = Self::default();
        let configured = plan.document.configuration.iter().flat_map(|configuration| &configuration.provider_config);
        for (key, config) in configured.clone() {
            if config.name != "aws" && !config.name.is_empty() && !key.contains("aws") {
                continue;
            }
            let expressions = expressions(config.expressions);
            if expressions.is_empty() && config.module_address.is_some() {
                continue;
            }
            let constant = |value: Option<&Value>| known(plan, value?);
            let default_tags = match expressions.get("default_tags") {
                None => Some(BTreeMap::new()),
                Some(blocks) => match blocks.get(0).and_then(|block| block.get("tags")) {
                    None => Some(BTreeMap::new()),
                    Some(tags) => tags.get("constant_value").and_then(|tags| serde_json::from_value(tags.clone()).ok()),
                },
            };
            let role = expressions.get("assume_role").and_then(|blocks| blocks.get(0)?.get("role_arn"));
            let role = role.map(|role| constant(Some(role)).unwrap_or_else(|| format!("{role} of {key}")));
            let allowed =
                expressions.get("allowed_account_ids").and_then(|ids| ids.get("constant_value")?.get(0)?.as_str());
            let of_role = role.as_deref().and_then(Arn::parse).map(|arn| arn.account);
            let named = |name: &str| expressions.get(name).map(Value::to_string).unwrap_or_default();
            places.providers.insert(
                key.to_string(),
                Provider {
                    region: constant(expressions.get("region")).map(Text::from),
                    default_tags,
                    account: of_role.or(allowed).filter(|account| !account.is_empty()).map(Text::from),
                    credentials: [role.clone().unwrap_or_default(), named("profile"), named("access_key")].join(" "),
                },
            );
        }
        // Where all providers use the same credentials there is one account.
        let one = {
            let mut all = places.providers.values().map(|provider| &provider.credentials);
            let first = all.next();
            all.all(|other| Some(other) == first)
        };
        if one {
            places.account = account_of_arns(plan).or_else(|| account.cloned());
        }
        places
    }

    fn provider(&self, view: View<'_, '_>) -> Option<&Provider> {
        let Some(block) = view.instance.block else { return self.only() };
        let key = block.provider_config_key.as_deref().unwrap_or("aws");
        if let Some(provider) = self.providers.get(key) {
            return Some(provider);
        }
        // `module.a.module.b:aws` without a configuration of its own has that of a module further out.
        let (_, name) = key.rsplit_once(':')?;
        let mut module = view.instance.module.as_str();
        while let Some((outer, _)) = parent(module) {
            let key = if outer.is_empty() {
                name.to_owned()
            } else {
                format!("module.{}:{name}", outer.replace('.', ".module."))
            };
            if let Some(provider) = self.providers.get(&key) {
                return Some(provider);
            }
            module = outer;
        }
        self.only()
    }

    /// The only one there is.
    fn only(&self) -> Option<&Provider> {
        let mut all = self.providers.values();
        all.next().filter(|_| all.next().is_none())
    }

    /// The account and region of an instance.
    pub(super) fn place(&self, view: View<'_, '_>) -> (Text, Text) {
        let arn = view.text("arn").or_else(|| view.text("backup_vault_arn")).and_then(Arn::parse);
        let provider = self.provider(view);
        let of_arn =
            |part: fn(&Arn<'_>) -> String| arn.as_ref().map(part).filter(|part| !part.is_empty()).map(Text::from);
        let account = of_arn(|arn| arn.account.to_owned())
            .or_else(|| provider.and_then(|provider| provider.account.clone()))
            .or_else(|| self.account.clone())
            .unwrap_or_else(|| UNKNOWN_ACCOUNT.into());
        let region = of_arn(|arn| arn.region.to_owned())
            .or_else(|| view.text("region").map(Text::from))
            .or_else(|| provider.and_then(|provider| provider.region.clone()))
            .or_else(|| view.text("availability_zone").and_then(region_of_zone).map(Text::from))
            .unwrap_or_else(|| UNKNOWN_REGION.into());
        (account, region)
    }

    /// Tags that every resource of the instance's provider gets; `None` when they cannot be told.
    pub(super) fn default_tags(&self, view: View<'_, '_>) -> Option<&BTreeMap<String, String>> {
        self.provider(view)?.default_tags.as_ref()
    }
}

/// A constant, or a root variable with a value.
fn known(plan: &Plan<'_>, expression: &Value) -> Option<String> {
    if let Some(constant) = expression.get("constant_value") {
        return constant.as_str().map(str::to_owned);
    }
    let [Value::String(only)] = expression.get("references")?.as_array()?.as_slice() else { return None };
    let raw = plan.document.variables.as_ref()?.get(only.strip_prefix("var.")?)?;
    let variable: Value = serde_json::from_str(raw.get()).ok()?;
    variable.get("value")?.as_str().map(str::to_owned)
}

/// `eu-west-2a` lies in `eu-west-2`; zones of other forms (local, wavelength) are not told here.
fn region_of_zone(zone: &str) -> Option<&str> {
    let region = zone.strip_suffix(|c: char| c.is_ascii_lowercase())?;
    (region.ends_with(|c: char| c.is_ascii_digit()) && region.matches('-').count() == 2).then_some(region)
}

/// The account that every ARN of an existing resource names.
fn account_of_arns(plan: &Plan<'_>) -> Option<Text> {
    let arns = plan.instances.iter().filter_map(|instance| {
        let attributes = instance.after.as_ref().filter(|a| a.contains_key("arn")).or(instance.before.as_ref())?;
        Some(Arn::parse(attributes.get("arn")?.as_str()?)?.account)
    });
    let mut accounts = arns.filter(|account| !account.is_empty());
    let one = accounts.next()?;
    accounts.all(|other| other == one).then(|| Text::from(one))
}

#[cfg(test)]
mod tests {
    #[test]
    fn zones_lie_in_regions() {
        assert_eq!(super::region_of_zone("eu-west-2a"), Some("eu-west-2"));
        for other in ["us-west-2-lax-1a", "eu-west-2", "a", ""] {
            assert_eq!(super::region_of_zone(other), None, "{other}");
        }
    }
}
