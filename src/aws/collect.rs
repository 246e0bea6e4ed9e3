//! From options to an inventory: the blocking entry of the collectors.

use std::collections::BTreeMap;

use super::error::CollectError;
use super::join::for_each;
use super::options::Options;
use super::place::{GLOBAL, Place};
use super::s3::Found as FoundBucket;
use super::session::{Account, Session};
use super::{backup, dlm, dynamodb, ec2, efs, events, kms, rds, s3, sns};
use crate::model::Instant;
use crate::model::inventory::Inventory;
use crate::model::text::{Interning, Text};
use crate::sources::link::{Hints, link};

/// The services of a region, for the number of steps.
const SERVICES: usize = 10;

/// Is told how far the reading is.
pub trait Progress {
    /// Reading begins: this many steps will follow.
    fn started(&self, total: usize);
    /// A step is done; `label` says which, such as `111122223333 eu-west-2 ec2`.
    fn step(&self, label: &str);
}

/// Shows nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _: usize) {}
    fn step(&self, _: &str) {}
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Collected {
    /// The inventory, linked and in canonical order.
    pub inventory: Inventory,
    /// How many requests it took, retries included.
    pub requests: u64,
}

/// Read AWS. Blocks until done; `captured_at` is the instant for which the inventory will speak.
pub fn collect(options: &Options, captured_at: Instant, progress: &dyn Progress) -> Result<Collected, CollectError> {
    // One thread: converting a page takes far less time than waiting for it, and equal texts can be shared.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _interning = Interning::start();
    runtime.block_on(read(options, captured_at, progress))
}

async fn read(options: &Options, captured_at: Instant, progress: &dyn Progress) -> Result<Collected, CollectError> {
    let session = Session::open(options).await?;
    let mut inventory = Inventory::empty(captured_at, "aws");
    inventory.caller = Some(session.caller.clone());
    inventory.accounts.clone_from(&session.wanted);
    inventory.gaps.clone_from(&session.gaps);
    // A region in which everything failed was to be read all the same.
    inventory.regions.extend(session.gaps.iter().map(|gap| gap.region.clone()).filter(|region| *region != GLOBAL));
    inventory.regions.extend(session.accounts.iter().flat_map(|account| account.regions.clone()));

    let steps = session.accounts.iter().map(|account| 1 + SERVICES * account.regions.len()).sum();
    progress.started(steps);
    let mut hints = Hints::default();
    let at_once = options.patience.places_at_once;
    let lists = for_each(at_once, &session.accounts, |account| buckets(account, options, captured_at, progress)).await;
    let mut places = Vec::new();
    for (account, (place, mut buckets)) in session.accounts.iter().zip(lists) {
        for region in &account.regions {
            places.push((account, region, buckets.remove(region).unwrap_or_default()));
        }
        let elsewhere = buckets.into_values().flatten().map(|bucket| s3::arn(&account.partition, &bucket.name));
        hints.elsewhere.extend(elsewhere);
        place.finish(&mut inventory, &mut hints);
    }
    let read = for_each(at_once, places, |(account, region, buckets)| async move {
        read_place(account, region, buckets, options, captured_at, progress).await
    })
    .await;
    for place in read {
        place.finish(&mut inventory, &mut hints);
    }
    link(&mut inventory, &hints);
    Ok(Collected { inventory, requests: session.requests() })
}

/// The buckets of an account by region.
async fn buckets(
    account: &Account,
    options: &Options,
    captured_at: Instant,
    progress: &dyn Progress,
) -> (Place, BTreeMap<Text, Vec<FoundBucket>>) {
    let place = Place::new(&account.id, GLOBAL, &account.partition, captured_at, options.patience.requests_at_once);
    let buckets = match account.regions.is_empty() {
        true => BTreeMap::new(),
        false => s3::list(&place, &account.clients(&account.home).s3).await,
    };
    progress.step(&format!("{} s3", account.id));
    (place, buckets)
}

/// Everything of one account in one region.
async fn read_place(
    account: &Account,
    region: &Text,
    buckets: Vec<FoundBucket>,
    options: &Options,
    captured_at: Instant,
    progress: &dyn Progress,
) -> Place {
    let limit = options.patience.requests_at_once;
    let place = Place::new(&account.id, region, &account.partition, captured_at, limit);
    let clients = account.clients(region);
    let done = |service: &str| progress.step(&format!("{} {region} {service}", account.id));
    // Boxed, since together the futures are too large for a thread's stack.
    tokio::join!(
        Box::pin(async {
            ec2::read(&place, &clients.ec2, options.share_details).await;
            done("ec2");
        }),
        Box::pin(async {
            backup::read(&place, &clients.backup).await;
            done("backup");
        }),
        Box::pin(async {
            s3::read(&place, &clients.s3, buckets).await;
            done("s3");
        }),
        Box::pin(async {
            rds::read(&place, &clients.rds, options.share_details).await;
            done("rds");
        }),
        Box::pin(async {
            dynamodb::read(&place, &clients.dynamodb).await;
            done("dynamodb");
        }),
        Box::pin(async {
            dlm::read(&place, &clients.dlm).await;
            done("dlm");
        }),
        Box::pin(async {
            efs::read(&place, &clients.efs).await;
            done("efs");
        }),
        Box::pin(async {
            events::read(&place, &clients.events).await;
            done("events");
        }),
    );
    // These ask about what the others found.
    Box::pin(kms::read(&place, &clients.kms)).await;
    done("kms");
    Box::pin(sns::read(&place, &clients.sns)).await;
    done("sns");
    place
}
