//! Whether a bucket policy makes the bucket public, as far as that can be said without S3: S3 itself weighs the
//! conditions, so a wildcard with a condition is left open.

use serde_json::Value;

/// What is said of a policy of which [`is_public`] cannot tell.
pub const ONLY_S3_CAN_TELL: &str = "lets everybody in under conditions that only S3 can weigh";

/// Whether a policy lets everybody in. `None` where a condition decides, or the form is another one.
pub fn is_public(policy: &Value) -> Option<bool> {
    let statements = match policy.get("Statement")? {
        Value::Array(statements) => statements.iter().collect(),
        one => vec![one],
    };
    let mut conditional = false;
    for statement in statements {
        if statement.get("Effect").and_then(Value::as_str) != Some("Allow") {
            continue;
        }
        if statement.get("NotPrincipal").is_some() {
            return None;
        }
        if statement.get("Principal").is_some_and(is_everybody) {
            if statement.get("Condition").is_none() {
                return Some(true);
            }
            conditional = true;
        }
    }
    (!conditional).then_some(false)
}

fn is_everybody(principal: &Value) -> bool {
    match principal {
        Value::String(text) => text == "*",
        Value::Array(items) => items.iter().any(is_everybody),
        Value::Object(fields) => fields.iter().any(|(key, value)| key == "AWS" && is_everybody(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_wildcard_without_condition_is_public_for_sure() {
        let judge = |principal: &str, more: &str| {
            let text = format!(r#"{{"Statement": [{{"Effect": "Allow", "Principal": {principal}{more}}}]}}"#);
            is_public(&serde_json::from_str(&text).unwrap())
        };
        assert_eq!(judge(r#""*""#, ""), Some(true));
        assert_eq!(judge(r#"{"AWS": ["*"]}"#, ""), Some(true));
        assert_eq!(judge(r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, ""), Some(false));
        assert_eq!(judge(r#"{"Service": "logging.s3.amazonaws.com"}"#, ""), Some(false));
        assert_eq!(judge(r#""*""#, r#", "Condition": {}"#), None);
        let all_but_one =
            r#"{"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}}}"#;
        assert_eq!(is_public(&serde_json::from_str(all_but_one).unwrap()), None, "everybody but one is no wildcard");
    }
}
