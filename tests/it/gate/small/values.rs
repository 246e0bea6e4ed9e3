//! Values that say little, or in another form.

use lastgood::model::fact::Fact;
use serde_json::json;

use super::{after, named, open};

#[test]
fn an_expression_that_the_plan_does_not_show_is_open() {
    let database = json!([{
        "type": "aws_db_instance", "name": "d", "after": {"identifier": "d"},
        "unknown": {"backup_retention_period": true}, "expressions": {"backup_retention_period": {}},
    }]);
    let inventory = after(&database);
    assert_eq!(named(&inventory, "aws_db_instance.d").database().unwrap().backup_retention_days, Fact::Unread);
    let why = open(&database);
    assert!(why.iter().any(|why| why.contains("is set by an expression that the plan does not show")), "{why:?}");
}
