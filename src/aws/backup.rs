//! AWS Backup: vaults with their recovery points, plans, jobs, restore testing, legal holds, protected resources, opt-in.

mod holds;
mod jobs;
pub(super) mod map;
mod plans;
mod protected;
mod testing;
mod vaults;

use aws_sdk_backup::Client;

use super::calls::DESCRIBE_REGION_SETTINGS;
use super::place::Place;
use crate::model::fact::Fact;
use crate::model::text::Text;

/// Page size of every list.
const PAGE: i32 = 1_000;

/// Details asked about at the same time, within the place's own limit.
const AT_ONCE: usize = 8;

/// Read everything of the region.
pub(crate) async fn read(place: &Place, client: &Client) {
    tokio::join!(
        settings(place, client),
        vaults::read(place, client),
        plans::read(place, client),
        jobs::backups(place, client),
        jobs::copies(place, client),
        jobs::restores(place, client),
        testing::read(place, client),
        holds::read(place, client),
        protected::read(place, client),
    );
}

async fn settings(place: &Place, client: &Client) {
    let request = client.describe_region_settings().send();
    let Some(answer) = place.ask(DESCRIBE_REGION_SETTINGS, None, request).await else { return };
    if let Some(preferences) = answer.resource_type_opt_in_preference {
        let preferences = preferences.iter().map(|(name, on)| (Text::from(name), *on)).collect();
        place.add(|found| found.settings.backup_opt_in = Fact::Known(preferences));
    }
}
