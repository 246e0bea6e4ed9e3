//! AWS as the world in which a plan is carried out: the one place that changes anything.
//!
//! Every change is one method of [`Executor`]; what is read here is read a moment before, with the collectors'
//! own conversions, so that planned facts and present ones can be compared.

mod blocks;
mod managed;
mod points;
mod restored;
mod restores;
mod settings;
mod snapshots;
mod versions;
mod volumes;

use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::rc::Rc;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::calls::Call;
use super::error::CollectError;
use super::failure::Failure;
use super::options::Options;
use super::pages::{Missing, Page};
use super::place::Place;
use super::session::{Account, Clients, Session};
use crate::model::Instant;
use crate::model::gap::GapStatus;
use crate::model::kind::Kind;
use crate::model::plan::{BucketPrefix, GoodCopy, PointFacts, Sample, Target, VolumeRef};
use crate::model::recovery_point::{PointKind, PointStatus};
use crate::model::resource::{LifecycleRule, Tags, Versioning};
use crate::model::span::Span;
use crate::model::text::Text;
use crate::remediate::port::{
    BackupOrder, Blocks, BlocksRead, CallError, CallErrorKind, Called, Executor, Inspection, Job, Made, RestoreOrder,
    RestoreTo, RestoredVersion, Restorer, Temporary, TestInstance, VersionsRead, VolumeOrder,
};

/// Requests under way at most: only restore tests send more than one at once.
const AT_ONCE: usize = 32;

/// Live AWS.
pub struct AwsExecutor {
    runtime: tokio::runtime::Runtime,
    accounts: Vec<Account>,
    places: HashMap<Target, Rc<Spot>>,
    now: fn() -> Instant,
}

/// One account in one region, with its clients.
struct Spot {
    place: Place,
    clients: Clients,
}

impl AwsExecutor {
    /// Confirm who acts, in the accounts of the roles. `now` is the clock of this machine.
    ///
    /// # Errors
    /// As for [`collect`](super::collect()).
    pub fn open(options: &Options, now: fn() -> Instant) -> Result<Self, CollectError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let session = runtime.block_on(Session::open(options))?;
        Ok(Self { runtime, accounts: session.accounts, places: HashMap::new(), now })
    }

    /// Every account in every region that is enabled, or was asked for.
    pub fn places(&self) -> Vec<Target> {
        let of = |account: &Account| {
            account.regions.iter().map(|region| Target::new(&account.id, region)).collect::<Vec<Target>>()
        };
        self.accounts.iter().flat_map(of).collect()
    }

    /// The account that sees a bucket, and the region in which it lies.
    ///
    /// # Errors
    /// What the first account says, if none sees it.
    pub fn place_of_bucket(&mut self, bucket: &str) -> Called<Target> {
        let homes: Vec<Target> = self.accounts.iter().map(|account| Target::new(&account.id, &account.home)).collect();
        let mut first = None;
        for home in homes {
            match self.run(&home, |spot| async move { restored::region_of(&spot, bucket).await }) {
                Ok(region) => return Ok(Target { region, ..home }),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.unwrap_or_else(|| unreadable(super::calls::GET_BUCKET_LOCATION, "account")))
    }

    fn account_of(&self, at: &Target) -> Called<&Account> {
        self.accounts.iter().find(|account| account.id == at.account).ok_or_else(|| CallError {
            kind: CallErrorKind::Denied,
            call: Text::from("sts:AssumeRole"),
            code: Text::from("no-credentials"),
            message: Text::from(format!("no credentials are given for account {}", at.account)),
        })
    }

    fn spot(&mut self, at: &Target) -> Called<Rc<Spot>> {
        if let Some(known) = self.places.get(at) {
            return Ok(Rc::clone(known));
        }
        let account = self.account_of(at)?;
        let place = Place::new(&account.id, &at.region, &account.partition, (self.now)(), AT_ONCE);
        let spot = Rc::new(Spot { place, clients: account.clients(&at.region) });
        self.places.insert(at.clone(), Rc::clone(&spot));
        Ok(spot)
    }

    /// Run one question or change to its end.
    fn run<T, F: Future<Output = Called<T>>>(&mut self, at: &Target, ask: impl FnOnce(Rc<Spot>) -> F) -> Called<T> {
        let spot = self.spot(at)?;
        self.runtime.block_on(ask(spot))
    }
}

impl Spot {
    /// Send one request.
    async fn send<T, E>(
        &self,
        call: Call,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Called<T>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.place.send(request).await.map_err(|failure| call_error(call, &failure))
    }

    /// Walk a list to its end, as the collectors do.
    async fn walk<T, E, F>(
        &self,
        call: Call,
        fetch: impl FnMut(Option<String>) -> F,
        take: impl FnMut(T) -> Result<(), Missing>,
    ) -> Called<()>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<Page<T>, SdkError<E, HttpResponse>>>,
    {
        self.place.walk(call, None, fetch, take).await.map(|_| ()).map_err(|failure| call_error(call, &failure))
    }
}

/// What a failed call means for what comes next.
fn call_error(call: Call, failure: &Failure) -> CallError {
    let kind = match (failure.status, failure.code.as_str()) {
        (GapStatus::Denied, _) => CallErrorKind::Denied,
        (_, code) if code.ends_with(".NotFound") || code.starts_with("NoSuch") => CallErrorKind::NotFound,
        (_, "ResourceNotFoundException" | "NotFoundException" | "FileSystemNotFound") => CallErrorKind::NotFound,
        // RDS says both of instances, and the latter of clusters.
        (_, "DBInstanceNotFound" | "DBInstanceNotFoundFault" | "DBClusterNotFoundFault") => CallErrorKind::NotFound,
        (_, code) if code.ends_with(".InUse") => CallErrorKind::Protected,
        // Locks and holds; AWS Backup says so of points that must stay.
        (_, "SnapshotLocked" | "InvalidResourceStateException" | "InvalidRequestException") => CallErrorKind::Protected,
        _ => CallErrorKind::Failed,
    };
    CallError {
        kind,
        call: Text::from(call.name()),
        code: failure.code.clone(),
        message: failure.message.clone().unwrap_or_default(),
    }
}

/// An answer without something that it must have.
fn unreadable(call: Call, what: &str) -> CallError {
    CallError {
        kind: CallErrorKind::Failed,
        call: Text::from(call.name()),
        code: Text::from("unreadable-answer"),
        message: Text::from(format!("the answer has no {what}")),
    }
}

/// `None` for what is not there.
fn found<T>(answer: Called<T>) -> Called<Option<T>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == CallErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Executor for AwsExecutor {
    fn account(&mut self, at: &Target) -> Called<Text> {
        self.who_and_when(at).map(|(account, _)| account)
    }

    fn clock(&mut self, at: &Target) -> Called<Instant> {
        let (_, clock) = self.who_and_when(at)?;
        clock.ok_or_else(|| unreadable(super::calls::GET_CALLER_IDENTITY, "`Date`"))
    }

    fn pause(&mut self, time: Span) {
        self.runtime.block_on(tokio::time::sleep(time.delta().to_std().unwrap_or_default()));
    }

    fn point(&mut self, at: &Target, point: &PointFacts) -> Called<Option<PointFacts>> {
        self.run(at, |spot| async move { points::describe(&spot, point).await })
    }

    fn good_copy(&mut self, copy: &GoodCopy) -> Called<Option<PointStatus>> {
        self.run(&copy.at, |spot| async move { points::status(&spot, copy).await })
    }

    fn tag_point(&mut self, at: &Target, arn: &str, kind: PointKind, tags: &Tags) -> Called<()> {
        self.run(at, |spot| async move { points::tag(&spot, arn, kind, tags).await })
    }

    fn delete_point(&mut self, at: &Target, point: &PointFacts) -> Called<()> {
        self.run(at, |spot| async move { points::delete(&spot, point).await })
    }

    fn residue(&mut self, at: &Target, point: &PointFacts) -> Called<Option<Text>> {
        self.run(at, |spot| async move { points::residue(&spot, point).await })
    }

    fn keep_point(&mut self, at: &Target, point: &PointFacts, delete_after_days: u32) -> Called<()> {
        self.run(at, |spot| async move { points::keep(&spot, point, delete_after_days).await })
    }

    fn made(&mut self, at: &Target, item: &str) -> Called<Vec<Made>> {
        self.run(at, |spot| async move { snapshots::made(&spot, item).await })
    }

    fn snapshot(&mut self, at: &Target, instance: Option<&str>, volumes: &[VolumeRef], tags: &Tags) -> Called<()> {
        self.run(at, |spot| async move { snapshots::make(&spot, instance, volumes, tags).await })
    }

    fn copy_encrypted(&mut self, at: &Target, snapshot: &str, tags: &Tags) -> Called<()> {
        self.run(at, |spot| async move { snapshots::copy_encrypted(&spot, snapshot, tags).await })
    }

    fn start_backup(&mut self, at: &Target, order: &BackupOrder<'_>) -> Called<Text> {
        self.run(at, |spot| async move { snapshots::start_backup(&spot, order).await })
    }

    fn backup_job(&mut self, at: &Target, job: &str) -> Called<Job> {
        self.run(at, |spot| async move { snapshots::backup_job(&spot, job).await })
    }

    fn versioning(&mut self, at: &Target, bucket: &str) -> Called<Versioning> {
        self.run(at, |spot| async move { settings::versioning(&spot, bucket).await })
    }

    fn enable_versioning(&mut self, at: &Target, bucket: &str) -> Called<()> {
        self.run(at, |spot| async move { settings::enable_versioning(&spot, bucket).await })
    }

    fn bucket_encryption(&mut self, at: &Target, bucket: &str) -> Called<(Text, Option<Text>)> {
        self.run(at, |spot| async move { settings::encryption(&spot, bucket).await })
    }

    fn encrypt_bucket(&mut self, at: &Target, bucket: &str, kms_key: Option<&str>) -> Called<()> {
        self.run(at, |spot| async move { settings::encrypt(&spot, bucket, kms_key).await })
    }

    fn lifecycle(&mut self, at: &Target, bucket: &str) -> Called<Vec<LifecycleRule>> {
        self.run(at, |spot| async move { settings::lifecycle(&spot, bucket).await })
    }

    fn keep_versions(&mut self, at: &Target, bucket: &str, days: u32) -> Called<()> {
        self.run(at, |spot| async move { settings::keep_versions(&spot, bucket, days).await })
    }

    fn volumes_encrypted(&mut self, at: &Target) -> Called<bool> {
        self.run(at, |spot| async move { settings::volumes_encrypted(&spot).await })
    }

    fn encrypt_volumes(&mut self, at: &Target) -> Called<()> {
        self.run(at, |spot| async move { settings::encrypt_volumes(&spot).await })
    }
}

impl Restorer for AwsExecutor {
    fn read_blocks(
        &mut self,
        at: &Target,
        snapshot: &str,
        sample: Option<Sample>,
        to: &mut dyn Blocks,
    ) -> Called<BlocksRead> {
        self.run(at, |spot| async move { blocks::read(&spot, snapshot, sample, to).await })
    }

    fn read_versions(
        &mut self,
        at: &Target,
        bucket: &str,
        sample: Option<Sample>,
        to: Option<&RestoreTo<'_>>,
    ) -> Called<VersionsRead> {
        self.run(at, |spot| async move { versions::read(&spot, bucket, sample, to).await })
    }

    fn restored_versions(
        &mut self,
        at: &Target,
        place: &BucketPrefix,
        item: Option<&str>,
    ) -> Called<Vec<RestoredVersion>> {
        self.run(at, |spot| async move { restored::list(&spot, place, item).await })
    }

    fn remove_versions(&mut self, at: &Target, place: &BucketPrefix, these: &[RestoredVersion]) -> Called<()> {
        self.run(at, |spot| async move { restored::remove(&spot, place, these).await })
    }

    fn test_instance(&mut self, at: &Target, id: &str) -> Called<Option<TestInstance>> {
        self.run(at, |spot| async move { volumes::instance(&spot, id).await })
    }

    fn make_volume(&mut self, at: &Target, order: &VolumeOrder<'_>) -> Called<Text> {
        self.run(at, |spot| async move { volumes::make(&spot, order).await })
    }

    fn temporary(&mut self, at: &Target, item: Option<&str>) -> Called<Vec<Temporary>> {
        self.run(at, |spot| async move { volumes::temporary(&spot, item).await })
    }

    fn restored(&mut self, at: &Target, kind: Kind) -> Called<Vec<Temporary>> {
        self.run(at, |spot| async move { managed::list(&spot, kind).await })
    }

    fn temporary_state(&mut self, at: &Target, arn: &str) -> Called<Option<Temporary>> {
        self.run(at, |spot| async move {
            match managed::kind(arn) {
                Some(kind) => managed::state(&spot, kind, arn).await,
                None => volumes::state(&spot, arn).await,
            }
        })
    }

    fn tag_temporary(&mut self, at: &Target, arn: &str, tags: &Tags) -> Called<()> {
        self.run(at, |spot| async move {
            match managed::kind(arn) {
                Some(kind) => managed::tag(&spot, kind, arn, tags).await,
                None => snapshots::tag(&spot, arn, tags).await,
            }
        })
    }

    fn attach(&mut self, at: &Target, volume: &str, instance: &str, device: &str) -> Called<()> {
        self.run(at, |spot| async move { volumes::attach(&spot, volume, instance, device).await })
    }

    fn detach(&mut self, at: &Target, volume: &str) -> Called<()> {
        self.run(at, |spot| async move { volumes::detach(&spot, volume).await })
    }

    fn remove(&mut self, at: &Target, arn: &str) -> Called<()> {
        self.run(at, |spot| async move {
            match managed::kind(arn) {
                Some(kind) => managed::remove(&spot, kind, arn).await,
                None => volumes::remove(&spot, arn).await,
            }
        })
    }

    fn inspect(&mut self, at: &Target, instance: &str, script: &str) -> Called<Text> {
        self.run(at, |spot| async move { volumes::inspect(&spot, instance, script).await })
    }

    fn inspection(&mut self, at: &Target, instance: &str, command: &str) -> Called<Inspection> {
        self.run(at, |spot| async move { volumes::inspection(&spot, instance, command).await })
    }

    fn start_restore(&mut self, at: &Target, order: &RestoreOrder<'_>) -> Called<Text> {
        self.run(at, |spot| async move { restores::start(&spot, order).await })
    }

    fn restore_job(&mut self, at: &Target, job: &str) -> Called<Job> {
        self.run(at, |spot| async move { restores::job(&spot, job).await })
    }

    fn report_restore(&mut self, at: &Target, job: &str, good: bool, message: &str) -> Called<()> {
        self.run(at, |spot| async move { restores::report(&spot, job, good, message).await })
    }
}

impl AwsExecutor {
    fn who_and_when(&mut self, at: &Target) -> Called<(Text, Option<Instant>)> {
        let asked = self.runtime.block_on(self.account_of(at)?.who_and_when(&at.region));
        asked.map_err(|failure| call_error(super::calls::GET_CALLER_IDENTITY, &failure))
    }
}
