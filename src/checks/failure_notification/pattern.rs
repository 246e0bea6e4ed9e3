//! Whether an event pattern of EventBridge takes an event: as much of the language as decides the events of
//! backup jobs. What is not known here decides nothing.

use serde_json::Value;

/// Whether a pattern takes all events of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// All of them.
    All,
    /// Some of them: the pattern asks for more than the sort, such as a certain resource.
    Some,
    /// None.
    None,
    /// The pattern uses words that this version does not know, or is no JSON.
    Unknown,
}

/// Whether the pattern takes every *Backup Job State Change* of AWS Backup in this state.
///
/// Source: EventBridge user guide, "event patterns": fields that a pattern does not name match, a list matches
/// if one of its entries does.
pub(super) fn takes(pattern: &str, account: &str, region: &str, state: &str) -> Takes {
    let Ok(Value::Object(fields)) = serde_json::from_str(pattern) else { return Takes::Unknown };
    let mut worst = Takes::All;
    for (key, wanted) in &fields {
        let takes = match key.as_str() {
            "source" => one(wanted, "aws.backup"),
            "detail-type" => one(wanted, "Backup Job State Change"),
            "account" => one(wanted, account),
            "region" => one(wanted, region),
            "detail" => detail(wanted, state),
            // Alternatives, times, resources: narrower than all, or beyond what is read here.
            "resources" | "time" | "id" | "version" => Takes::Some,
            _ => Takes::Unknown,
        };
        worst = both(worst, takes);
    }
    worst
}

/// One refusal refuses; else what is not known decides nothing; else a narrowing narrows.
fn both(a: Takes, b: Takes) -> Takes {
    let rank = |takes| match takes {
        Takes::None => 3,
        Takes::Unknown => 2,
        Takes::Some => 1,
        Takes::All => 0,
    };
    if rank(a) >= rank(b) { a } else { b }
}

fn detail(pattern: &Value, state: &str) -> Takes {
    let Value::Object(fields) = pattern else { return Takes::Unknown };
    fields.iter().fold(Takes::All, |worst, (key, wanted)| {
        both(worst, if key == "state" { one(wanted, state) } else { Takes::Some })
    })
}

/// Whether a list of wanted values takes this one.
fn one(wanted: &Value, value: &str) -> Takes {
    let Value::Array(list) = wanted else { return Takes::Unknown };
    let mut unknown = false;
    for entry in list {
        match entry {
            Value::String(text) if text == value => return Takes::All,
            Value::String(_) => {}
            Value::Object(test) if test.len() == 1 => match test.iter().next() {
                Some((word, operand)) => match matches(word, operand, value) {
                    Some(true) => return Takes::All,
                    Some(false) => {}
                    None => unknown = true,
                },
                None => unknown = true,
            },
            _ => unknown = true,
        }
    }
    if unknown { Takes::Unknown } else { Takes::None }
}

fn matches(word: &str, operand: &Value, value: &str) -> Option<bool> {
    match (word, operand) {
        ("prefix", Value::String(prefix)) => Some(value.starts_with(prefix)),
        ("suffix", Value::String(suffix)) => Some(value.ends_with(suffix)),
        ("equals-ignore-case", Value::String(text)) => Some(value.eq_ignore_ascii_case(text)),
        ("exists", Value::Bool(exists)) => Some(*exists),
        ("anything-but", Value::String(not)) => Some(value != not),
        ("anything-but", Value::Array(list)) if list.iter().all(Value::is_string) => {
            Some(list.iter().all(|not| not.as_str() != Some(value)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> Takes {
        takes(pattern, "111122223333", "eu-west-2", "FAILED")
    }

    #[test]
    fn patterns_take_what_eventbridge_would() {
        for (pattern, wanted) in [
            (r#"{"source":["aws.backup"]}"#, Takes::All),
            (
                r#"{"source":["aws.ec2","aws.backup"],"detail-type":["Backup Job State Change"],"detail":{"state":["FAILED"]}}"#,
                Takes::All,
            ),
            (r#"{"source":["aws.backup"],"detail":{"state":["COMPLETED"]}}"#, Takes::None),
            (r#"{"source":["aws.backup"],"detail":{"state":[{"anything-but":"COMPLETED"}]}}"#, Takes::All),
            (r#"{"source":["aws.backup"],"detail":{"state":[{"anything-but":["FAILED","X"]}]}}"#, Takes::None),
            (r#"{"source":[{"prefix":"aws."}]}"#, Takes::All),
            (r#"{"source":["aws.ec2"]}"#, Takes::None),
            (r#"{"source":["aws.backup"],"detail":{"resourceType":["EBS"],"state":["FAILED"]}}"#, Takes::Some),
            (r#"{"source":["aws.backup"],"resources":["arn:aws:x"]}"#, Takes::Some),
            (r#"{"source":["aws.backup"],"detail":{"state":[{"wildcard":"F*"}]}}"#, Takes::Unknown),
            (r#"{"source":["aws.ec2"],"detail":{"state":[{"wildcard":"F*"}]}}"#, Takes::None),
            (r#"{"$or":[{"source":["aws.backup"]}]}"#, Takes::Unknown),
            (r#"{"account":["444455556666"],"source":["aws.backup"]}"#, Takes::None),
            (r#"{"region":["eu-west-1"],"source":["aws.backup"]}"#, Takes::None),
            (r#"{"detail-type":["Copy Job State Change"]}"#, Takes::None),
            (r#"{"detail-type":[{"suffix":"State Change"}]}"#, Takes::All),
            (r#"{"detail-type":[{"suffix":"Backup"}]}"#, Takes::None),
            (r#"{"source":[{"prefix":"backup"}]}"#, Takes::None),
            (r#"{"detail":{"state":[{"equals-ignore-case":"failed"}]}}"#, Takes::All),
            (r#"{"detail":{"state":[{"exists":true}]}}"#, Takes::All),
            (r#"{"detail":{"state":[{"exists":false}]}}"#, Takes::None),
            (r#"{"detail":{"state":[{"anything-but":"FAILED"}]}}"#, Takes::None),
            (r#"{"detail":{"state":[{"anything-but":["COMPLETED"]}]}}"#, Takes::All),
            // Not the language of patterns, or more of it than is read here.
            (r#"{"detail":{"state":[{"anything-but":[1]}]}}"#, Takes::Unknown),
            (r#"{"detail":{"state":[{"prefix":"FAIL","suffix":"ED"}]}}"#, Takes::Unknown),
            (r#"{"detail":{"state":[7]}}"#, Takes::Unknown),
            (r#"{"detail":{"state":"FAILED"}}"#, Takes::Unknown),
            (r#"{"detail":"FAILED"}"#, Takes::Unknown),
            (r#"{"detail":{"resourceType":["EBS"],"state":[7]}}"#, Takes::Unknown),
            ("{", Takes::Unknown),
        ] {
            assert_eq!(of(pattern), wanted, "{pattern}");
        }
    }
}
