//! One account in one region while it is being read: what was found, what was read to its end, and
//! what was not.
//!
//! Everything runs on one thread, so plain cells are enough.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::future::Future;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::Semaphore;

use super::calls::Call;
use super::failure::Failure;
use crate::model::Instant;
use crate::model::arn::Arn;
use crate::model::gap::{Gap, GapStatus, Read};
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::resource::{Detail, Existence, RegionSettings, Resource};
use crate::model::text::Text;
use crate::sources::link::Hints;

/// One account in one region (or `global`).
pub(crate) struct Place {
    pub(crate) account: Text,
    pub(crate) region: Text,
    pub(crate) partition: Text,
    pub(crate) captured_at: Instant,
    permits: Semaphore,
    found: RefCell<Found>,
    counts: RefCell<BTreeMap<Call, Count>>,
}

/// What has been found so far.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) resources: Vec<Resource>,
    pub(crate) points: Vec<crate::model::recovery_point::RecoveryPoint>,
    pub(crate) plans: Vec<crate::model::protection::BackupPlan>,
    pub(crate) dlm_policies: Vec<crate::model::protection::DlmPolicy>,
    pub(crate) keys: Vec<crate::model::kms::KmsKey>,
    pub(crate) event_rules: Vec<crate::model::notification::EventRule>,
    pub(crate) topics: Vec<crate::model::notification::Topic>,
    pub(crate) restore_testing: Vec<crate::model::protection::RestoreTestingPlan>,
    pub(crate) legal_holds: Vec<crate::model::protection::LegalHold>,
    pub(crate) protected: Vec<Text>,
    pub(crate) activities: Vec<crate::model::activity::Activity>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) settings: RegionSettings,
    pub(crate) hints: Hints,
}

/// How the requests of one call went.
#[derive(Default)]
struct Count {
    items: u64,
    requests: u64,
    since: Option<Instant>,
    failed: bool,
}

impl Place {
    pub(crate) fn new(account: &Text, region: &str, partition: &Text, captured_at: Instant, limit: usize) -> Self {
        Self {
            account: account.clone(),
            region: Text::from(region),
            partition: partition.clone(),
            captured_at,
            permits: Semaphore::new(limit.max(1)),
            found: RefCell::default(),
            counts: RefCell::default(),
        }
    }

    /// ARN of a thing of this account and region.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> Text {
        Text::from(format!("arn:{}:{service}:{}:{}:{resource}", self.partition, self.region, self.account))
    }

    /// ARN of an EBS snapshot or image: those have no account in them, as AWS Backup writes them too.
    pub(crate) fn stored_arn(&self, resource: &str) -> Text {
        Text::from(format!("arn:{}:ec2:{}::{resource}", self.partition, self.region))
    }

    /// Send one request, when fewer than the limit are under way here.
    pub(crate) async fn send<T, E>(
        &self,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        // The semaphore is never closed; without a permit the request would only be less patient.
        let _permit = self.permits.acquire().await.ok();
        request.await.map_err(|error| Failure::from(&error))
    }

    /// Ask one question. A failure becomes a gap.
    pub(crate) async fn ask<T, E>(
        &self,
        call: Call,
        about: Option<&Text>,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Option<T>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match self.send(request).await {
            Ok(answer) => {
                self.read(call, 1, 1);
                Some(answer)
            }
            Err(failure) => {
                self.failed(call, about, failure);
                None
            }
        }
    }

    /// `call` was answered completely.
    pub(crate) fn read(&self, call: Call, items: u64, requests: u64) {
        let mut counts = self.counts.borrow_mut();
        let count = counts.entry(call).or_default();
        count.items += items;
        count.requests += requests;
    }

    /// There was nothing that `call` could be asked about, which is as good as an empty answer.
    pub(crate) fn nothing_to_ask(&self, calls: &[Call]) {
        calls.iter().for_each(|call| self.read(*call, 0, 0));
    }

    /// `call` will be asked about what others found here: where something of that was not read, there may be
    /// more to ask about.
    pub(crate) fn follow_up(&self, call: Call) {
        match self.found.borrow().gaps.is_empty() {
            true => self.nothing_to_ask(&[call]),
            false => self.unread(&[call]),
        }
    }

    /// Whether the ARN names something of this service in this region, of whichever account.
    pub(crate) fn reaches(&self, service: &str, arn: &str) -> bool {
        Arn::parse(arn).is_some_and(|arn| arn.service == service && *arn.region == *self.region)
    }

    /// The records of `call` are complete from `since` on only.
    pub(crate) fn complete_since(&self, call: Call, since: Instant) {
        self.counts.borrow_mut().entry(call).or_default().since = Some(since);
    }

    /// `call` was not answered, completely or at all.
    pub(crate) fn failed(&self, call: Call, about: Option<&Text>, mut failure: Failure) {
        self.unread(&[call]);
        if let Some(second) = call.second {
            let said = failure.message.as_deref().unwrap_or_default();
            failure.message = Some(Text::from(format!("asking for {second}: {said}")));
        }
        let gap = failure.into_gap(&self.account, &self.region, &call, about.cloned());
        self.found.borrow_mut().gaps.push(gap);
    }

    /// `call` was answered, but without `field`.
    pub(crate) fn missing(&self, call: Call, about: &Text, field: &str) {
        let message = format!("the answer has no {field}");
        self.failed(call, Some(about), Failure::new(GapStatus::NotUnderstood, "missing-field", &message));
    }

    /// No complete answer to these calls can be claimed, since not everything was asked.
    pub(crate) fn unread(&self, calls: &[Call]) {
        let mut counts = self.counts.borrow_mut();
        for call in calls {
            counts.entry(*call).or_default().failed = true;
        }
    }

    /// `call` was not asked (about everything), since the list that leads to it failed.
    pub(crate) fn not_asked(&self, call: Call, parent: Call, failure: &Failure) {
        self.unread(&[call]);
        let why = format!("not asked about everything: {} could not be read to its end", parent.name());
        let failure = Failure { message: Some(Text::from(why)), ..failure.clone() };
        let mut gap = failure.into_gap(&self.account, &self.region, &call, None);
        gap.iam_action = Text::from(parent.iam_action);
        self.found.borrow_mut().gaps.push(gap);
    }

    /// Add to what was found. Never held over an await.
    pub(crate) fn add<T>(&self, change: impl FnOnce(&mut Found) -> T) -> T {
        change(&mut self.found.borrow_mut())
    }

    /// Pour everything into the inventory.
    pub(crate) fn finish(self, inventory: &mut Inventory, hints: &mut Hints) {
        let found = self.found.into_inner();
        inventory.resources.extend(found.resources);
        inventory.points.extend(found.points);
        inventory.plans.extend(found.plans);
        inventory.dlm_policies.extend(found.dlm_policies);
        inventory.keys.extend(found.keys);
        inventory.event_rules.extend(found.event_rules);
        // Several accounts may send to one topic, and ask for it.
        for topic in found.topics {
            if !inventory.topics.iter().any(|known| known.arn == topic.arn) {
                inventory.topics.push(topic);
            }
        }
        inventory.restore_testing.extend(found.restore_testing);
        inventory.legal_holds.extend(found.legal_holds);
        inventory.protected.extend(found.protected);
        inventory.activities.extend(found.activities);
        inventory.gaps.extend(found.gaps);
        hints.extend(found.hints);
        if self.region != GLOBAL {
            inventory.resources.push(settings(&self.account, &self.region, &self.partition, found.settings));
        }
        let mut seen = BTreeSet::new();
        for (call, count) in self.counts.into_inner() {
            if call.second.is_none() && !count.failed && seen.insert(call.name()) {
                inventory.reads.push(Read {
                    account: self.account.clone(),
                    region: self.region.clone(),
                    call: Text::from(call.name()),
                    items: count.items,
                    requests: count.requests,
                    since: count.since,
                });
            }
        }
    }
}

/// The region of calls that have none.
pub(crate) const GLOBAL: &str = "global";

/// The settings of an account in a region as a thing that rules can judge. AWS has no ARN for it, so
/// it gets one with `lastgood` in the place of the service.
fn settings(account: &Text, region: &Text, partition: &Text, settings: RegionSettings) -> Resource {
    Resource {
        arn: Text::from(format!("arn:{partition}:lastgood:{region}:{account}:region-settings")),
        kind: Kind::AccountRegion,
        account: account.clone(),
        region: region.clone(),
        name: Some(Text::from(format!("{account} in {region}"))),
        tags: crate::model::fact::Fact::Unread,
        created_at: crate::model::fact::Fact::Unread,
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail: Detail::Region(Box::new(settings)),
    }
}
