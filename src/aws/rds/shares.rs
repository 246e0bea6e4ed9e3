//! With whom snapshots are shared: a request for each, so only on demand.

use aws_sdk_rds::Client;

use crate::aws::calls::{DESCRIBE_CLUSTER_SNAPSHOT_ATTRIBUTES, DESCRIBE_DB_SNAPSHOT_ATTRIBUTES};
use crate::aws::place::Place;
use crate::model::arn::Arn;
use crate::model::fact::Fact;
use crate::model::recovery_point::{PointKind, RecoveryPoint};
use crate::model::text::Text;

/// Pause between requests, so that others may ask RDS, too.
const PACE: std::time::Duration = std::time::Duration::from_millis(100);

/// The attribute that lists who may restore.
const RESTORE: &str = "restore";

/// Ask for each snapshot. Those that RDS made by itself cannot be shared.
pub(super) async fn read(place: &Place, client: &Client, points: &mut [RecoveryPoint]) {
    for point in points.iter_mut().filter(|point| point.continuous().is_none()) {
        if point.extra.as_ref().is_some_and(|extra| extra.managed_by.as_deref() == Some("rds")) {
            let extra = point.extra_mut();
            (extra.public, extra.shared_with) = (Fact::Known(false), Fact::Known(Vec::new()));
            continue;
        }
        let Some(name) = name(&point.arn) else { continue };
        let with = match point.kind {
            PointKind::DbClusterSnapshot => of_cluster(place, client, point, name).await,
            _ => of_instance(place, client, point, name).await,
        };
        if let Some(with) = with {
            let everybody = with.iter().any(|who| who == "all");
            let extra = point.extra_mut();
            extra.public = Fact::Known(everybody);
            extra.shared_with = Fact::Known(with.iter().filter(|who| *who != "all").map(Text::from).collect());
        }
        tokio::time::sleep(PACE).await;
    }
}

/// The identifier: all that follows `snapshot:`, colons included.
fn name(arn: &str) -> Option<&str> {
    Arn::parse(arn).and_then(|arn| arn.resource.split_once(':')).map(|(_, name)| name)
}

async fn of_instance(place: &Place, client: &Client, point: &RecoveryPoint, name: &str) -> Option<Vec<String>> {
    let request = client.describe_db_snapshot_attributes().db_snapshot_identifier(name).send();
    let answer = place.ask(DESCRIBE_DB_SNAPSHOT_ATTRIBUTES, Some(&point.arn), request).await?;
    let attributes = answer.db_snapshot_attributes_result?.db_snapshot_attributes.unwrap_or_default();
    let restore = attributes.into_iter().find(|attribute| attribute.attribute_name() == Some(RESTORE));
    Some(restore.and_then(|restore| restore.attribute_values).unwrap_or_default())
}

async fn of_cluster(place: &Place, client: &Client, point: &RecoveryPoint, name: &str) -> Option<Vec<String>> {
    let request = client.describe_db_cluster_snapshot_attributes().db_cluster_snapshot_identifier(name).send();
    let answer = place.ask(DESCRIBE_CLUSTER_SNAPSHOT_ATTRIBUTES, Some(&point.arn), request).await?;
    let attributes = answer.db_cluster_snapshot_attributes_result?.db_cluster_snapshot_attributes.unwrap_or_default();
    let restore = attributes.into_iter().find(|attribute| attribute.attribute_name() == Some(RESTORE));
    Some(restore.and_then(|restore| restore.attribute_values).unwrap_or_default())
}
