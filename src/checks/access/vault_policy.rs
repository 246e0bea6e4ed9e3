//! Who an AWS Backup vault's access policy lets in.

use serde_json::Value;

use crate::model::arn::Arn;
use crate::model::judgement::Judgement;

/// Whom one statement lets in, from good to bad.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// The owner and allowed accounts only.
    Ours,
    /// A principal whose account cannot be told.
    Unclear(String),
    /// An account outside.
    Outside(String),
    /// Everybody.
    Everybody,
}

/// Judge a policy; `allows` says which accounts may be let in.
pub(super) fn judge(text: &str, allows: &dyn Fn(&str) -> bool) -> Judgement {
    if text.trim().is_empty() {
        return Judgement::pass("the vault has no access policy, so nobody outside the account is let in");
    }
    let policy: Value = match serde_json::from_str(text) {
        Ok(policy) => policy,
        Err(error) => {
            return Judgement::unknown("the access policy of the vault cannot be read as JSON: {error}")
                .with("error", error.to_string());
        }
    };
    let Some(statements) = policy.get("Statement") else {
        return Judgement::unknown("the access policy of the vault has no statements");
    };
    let allowing = list(statements).filter(|statement| text_of(statement, "Effect") != Some("Deny"));
    match allowing.map(|statement| reach(statement, allows)).max() {
        None | Some(Reach::Ours) => {
            Judgement::pass("the vault's access policy lets in nobody but the allowed accounts")
        }
        Some(Reach::Unclear(who)) => {
            Judgement::unknown("the vault's access policy names a principal whose account cannot be told: {principal}")
                .with("principal", who)
        }
        Some(Reach::Outside(who)) => {
            Judgement::fail("the vault's access policy lets in a principal outside the allowed accounts: {principal}")
                .with("principal", who)
        }
        Some(Reach::Everybody) => {
            Judgement::fail("the vault's access policy lets everybody in, without a condition that limits it")
        }
    }
}

fn reach(statement: &Value, allows: &dyn Fn(&str) -> bool) -> Reach {
    if text_of(statement, "Effect") != Some("Allow") {
        return Reach::Unclear("a statement without an effect".to_owned());
    }
    let widest = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => principals(principal, allows),
        (None, Some(_)) => Reach::Everybody,
        (None, None) => Reach::Unclear("a statement without a principal".to_owned()),
    };
    if widest != Reach::Ours && statement.get("Condition").is_some_and(|condition| limits(condition, allows)) {
        return Reach::Ours;
    }
    widest
}

/// The widest of the principals: `"*"`, or a map of types to one or many.
fn principals(principal: &Value, allows: &dyn Fn(&str) -> bool) -> Reach {
    match principal {
        Value::Object(types) => {
            let of_type = |(kind, names): (&String, &Value)| {
                let reach = list(names).map(|name| match (kind.as_str(), name.as_str()) {
                    ("AWS", Some(name)) => account_principal(name, allows),
                    ("Service", Some(_)) => Reach::Ours,
                    (_, Some(name)) => Reach::Unclear(name.to_owned()),
                    (_, None) => Reach::Unclear(name.to_string()),
                });
                reach.max().unwrap_or(Reach::Ours)
            };
            types.iter().map(of_type).max().unwrap_or(Reach::Ours)
        }
        Value::String(name) => account_principal(name, allows),
        other => Reach::Unclear(other.to_string()),
    }
}

/// A principal of type `AWS`: an account number, an ARN with one, or `*`.
fn account_principal(name: &str, allows: &dyn Fn(&str) -> bool) -> Reach {
    let account = Arn::parse(name).map_or(name, |arn| arn.account);
    if name == "*" || account == "*" {
        Reach::Everybody
    } else if !is_account(account) {
        Reach::Unclear(name.to_owned())
    } else if allows(account) {
        Reach::Ours
    } else {
        Reach::Outside(name.to_owned())
    }
}

/// Whether a condition keeps everybody else out. All of its tests must hold, so one that does is enough.
fn limits(condition: &Value, allows: &dyn Fn(&str) -> bool) -> bool {
    let tests = condition.as_object().into_iter().flatten();
    tests.filter(|(operator, _)| is_strict(operator)).any(|(_, keys)| {
        keys.as_object().into_iter().flatten().any(|(key, values)| {
            let mut values = list(values).peekable();
            values.peek().is_some()
                && values.all(|value| value.as_str().is_some_and(|value| keeps_to(key, value, allows)))
        })
    })
}

/// Whether an operator holds only when the key is there and equals one of the values.
fn is_strict(operator: &str) -> bool {
    let operator = operator.to_ascii_lowercase();
    let plain = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    matches!(plain, "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike")
}

/// Whether one value of a condition key stands for allowed accounts or an organisation.
fn keeps_to(key: &str, value: &str, allows: &dyn Fn(&str) -> bool) -> bool {
    match key.to_ascii_lowercase().as_str() {
        "aws:principalorgid" | "aws:principalorgpaths" | "aws:sourceorgid" | "aws:sourceorgpaths" => {
            let organisation = value.split('/').next().unwrap_or_default();
            organisation.starts_with("o-") && !organisation.contains(['*', '?'])
        }
        "aws:principalaccount" | "aws:sourceaccount" => is_account(value) && allows(value),
        "aws:principalarn" | "aws:sourcearn" => {
            Arn::parse(value).is_some_and(|arn| is_account(arn.account) && allows(arn.account))
        }
        _ => false,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn text_of<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

/// IAM writes one thing with or without a list around it.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    }
    .iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(principal: &str, condition: &str) -> Reach {
        let statement =
            format!(r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "*", "Condition": {condition}}}"#);
        reach(&serde_json::from_str(&statement).unwrap(), &|account| account == "111122223333")
    }

    #[test]
    fn principals_in_every_form() {
        for ours in [
            r#""111122223333""#,
            r#"{"AWS": "arn:aws:iam::111122223333:root"}"#,
            r#"{"AWS": ["111122223333", "arn:aws:sts::111122223333:assumed-role/backup/x"]}"#,
            r#"{"Service": "backup.amazonaws.com"}"#,
        ] {
            assert_eq!(of(ours, "{}"), Reach::Ours, "{ours}");
        }
        for everybody in [r#""*""#, r#"{"AWS": "*"}"#, r#"{"AWS": ["111122223333", "*"]}"#] {
            assert_eq!(of(everybody, "{}"), Reach::Everybody, "{everybody}");
        }
        let outside = r#"{"AWS": ["111122223333", "arn:aws:iam::999988887777:root"]}"#;
        assert_eq!(of(outside, "{}"), Reach::Outside("arn:aws:iam::999988887777:root".to_owned()));
        for unclear in [r#"{"AWS": "AIDAEXAMPLE"}"#, r#"{"Federated": "accounts.google.com"}"#, "7", r#"{"AWS": 7}"#] {
            assert!(matches!(of(unclear, "{}"), Reach::Unclear(_)), "{unclear}");
        }
    }

    #[test]
    fn a_condition_limits_only_when_it_cannot_hold_for_others() {
        for limit in [
            r#"{"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}"#,
            r#"{"StringEquals": {"AWS:PrincipalOrgId": ["o-abc", "o-def"]}}"#,
            r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/*"}}"#,
            r#"{"StringEquals": {"aws:PrincipalAccount": "111122223333"}}"#,
            r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}"#,
            r#"{"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-abc"}}"#,
        ] {
            assert_eq!(of(r#""*""#, limit), Reach::Ours, "{limit}");
        }
        for open in [
            "{}",
            r#"{"Bool": {"aws:SecureTransport": "true"}}"#,
            r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}"#,
            r#"{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}}"#,
            r#"{"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-abc"}}"#,
            r#"{"StringLike": {"aws:PrincipalOrgID": "*"}}"#,
            r#"{"StringLike": {"aws:PrincipalOrgID": "o-*"}}"#,
            r#"{"StringEquals": {"aws:PrincipalAccount": ["111122223333", "999988887777"]}}"#,
            r#"{"StringLike": {"aws:PrincipalAccount": "1*"}}"#,
            r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/backup"}}"#,
            r#"{"StringEquals": {"aws:PrincipalOrgID": []}}"#,
        ] {
            assert_eq!(of(r#""*""#, open), Reach::Everybody, "{open}");
        }
    }

    #[test]
    fn the_widest_statement_decides_and_nothing_odd_passes() {
        let ours = |account: &str| account == "111122223333";
        let outcome = |text: &str| judge(text, &ours).outcome.id();
        assert_eq!(outcome(""), "pass");
        assert_eq!(outcome(r#"{"Statement": []}"#), "pass");
        assert_eq!(outcome(r#"{"Statement": {"Effect": "Deny", "Principal": "*"}}"#), "pass");
        assert_eq!(outcome(r#"{"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}}}"#), "fail");
        assert_eq!(
            outcome(
                r#"{"Statement": [{"Effect": "Allow", "Principal": "111122223333"}, {"Effect": "Allow", "Principal": "*"}]}"#
            ),
            "fail"
        );
        for odd in ["{", "{}", "[]", "7", r#"{"Statement": 7}"#, r#"{"Statement": {"Principal": "*"}}"#, "null"] {
            assert_eq!(outcome(odd), "unknown", "{odd}");
        }
    }
}
