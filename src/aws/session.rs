//! Who reads, which accounts and regions, and the clients for them.

mod config;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use aws_config::sts::AssumeRoleProvider;
use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_ec2::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

pub(super) use self::config::configure;
use self::config::{check_credentials, refused_role};
use super::calls::{ASSUME_ROLE, DESCRIBE_REGIONS, GET_CALLER_IDENTITY};
use super::error::CollectError;
use super::failure::Failure;
use super::join::for_each;
use super::options::Options;
use super::place::GLOBAL;
use crate::model::Instant;
use crate::model::arn::Arn;
use crate::model::gap::{Gap, GapStatus};
use crate::model::text::Text;

/// A confirmed identity with everything that it is to read.
pub(crate) struct Session {
    /// ARN of the identity.
    pub(crate) caller: Text,
    /// The accounts that can be read.
    pub(crate) accounts: Vec<Account>,
    /// Accounts that were asked for, also those that cannot be read.
    pub(crate) wanted: Vec<Text>,
    /// What failed about whole accounts and regions.
    pub(crate) gaps: Vec<Gap>,
    counter: Counter,
}

/// One account.
pub(crate) struct Account {
    /// Its number.
    pub(crate) id: Text,
    /// `aws`, `aws-cn`, …
    pub(crate) partition: Text,
    /// The regions to read.
    pub(crate) regions: Vec<Text>,
    /// The region for calls that have none.
    pub(crate) home: Text,
    config: SdkConfig,
    counter: Counter,
}

macro_rules! clients {
    ($($service:ident: $sdk:ident $(, $with_endpoint:ident)?;)*) => {
        /// The clients of one account in one region.
        pub(crate) struct Clients {
            $(pub(crate) $service: $sdk::Client,)*
        }

        impl Clients {
            fn new(config: &SdkConfig, region: &Region, budget: &RetryPartition, counter: &Counter) -> Self {
                Self {
                    $($service: $sdk::Client::from_conf(
                        $sdk::config::Builder::from(config)
                            .region(region.clone())
                            .retry_partition(budget.clone())
                            .interceptor(counter.clone())
                            $(.$with_endpoint(config.endpoint_url().is_some()))?
                            .build(),
                    ),)*
                }
            }
        }
    };
}

clients! {
    ebs: aws_sdk_ebs;
    ec2: aws_sdk_ec2;
    s3: aws_sdk_s3, force_path_style;
    backup: aws_sdk_backup;
    rds: aws_sdk_rds;
    dynamodb: aws_sdk_dynamodb;
    dlm: aws_sdk_dlm;
    efs: aws_sdk_efs;
    kms: aws_sdk_kms;
    events: aws_sdk_eventbridge;
    sns: aws_sdk_sns;
    ssm: aws_sdk_ssm;
}

impl Session {
    /// Confirm the identity, assume the roles and find the regions. Nothing is read before this works.
    pub(crate) async fn open(options: &Options) -> Result<Self, CollectError> {
        let roles = roles(options)?;
        let counter = Counter::default();
        let config = configure(options).await;
        let home = Text::from(config.region().map_or("", Region::as_ref));
        let endpoint = config.endpoint_url().map_or_else(|| format!("AWS in {home}"), str::to_owned);
        check_credentials(&config).await?;
        let (caller, id, partition) = identify(&config, &counter)
            .await
            .map_err(|failure| CollectError::from_first(&GET_CALLER_IDENTITY.name(), &endpoint, failure))?;
        let mut session = Self { caller, accounts: Vec::new(), wanted: vec![id.clone()], gaps: Vec::new(), counter };
        let own = Account { id, partition, regions: Vec::new(), home, config, counter: session.counter.clone() };
        let known = own.known_regions().await;
        if let (Err(failure), true) = (&known, options.regions.is_empty()) {
            let detail = format!("{}: {}", failure.code, failure.message.as_deref().unwrap_or_default());
            return Err(CollectError::RegionsUnknown { account: own.id.to_string(), detail });
        }
        if let Ok(known) = &known {
            for region in &options.regions {
                if !known.iter().any(|known| known.name == *region) {
                    let known = known.iter().map(|known| known.name.clone()).collect();
                    return Err(CollectError::UnknownRegion { region: region.clone(), known });
                }
            }
        }
        let others = for_each(options.patience.places_at_once, &roles, |(role, _)| async {
            let account = own.assume(role, options).await?;
            let known = account.known_regions().await;
            Ok((account, known))
        })
        .await;
        // A role of the caller's own account was named on purpose: it reads that account then.
        if !roles.iter().any(|(_, id)| *id == own.id) {
            session.add(own, known, options);
        }
        for ((role, id), other) in roles.into_iter().zip(others) {
            if !session.wanted.contains(&id) {
                session.wanted.push(id.clone());
            }
            match other {
                Ok((account, known)) => session.add(account, known, options),
                Err(failure) => {
                    let failure: Failure = failure;
                    session.gaps.push(failure.into_gap(&id, &Text::from(GLOBAL), &ASSUME_ROLE, Some(role)));
                }
            }
        }
        Ok(session)
    }

    /// How many requests were sent so far, retries included.
    pub(crate) fn requests(&self) -> u64 {
        self.counter.requests.load(Ordering::Relaxed)
    }

    /// Settle the regions of an account: those that were named, otherwise the enabled ones.
    fn add(&mut self, mut account: Account, known: Result<Vec<KnownRegion>, Failure>, options: &Options) {
        let named: Vec<Text> = options.regions.iter().map(Text::from).collect();
        match known {
            Ok(known) => {
                let wanted = known.iter().filter(|known| match named.is_empty() {
                    true => known.enabled,
                    false => named.iter().any(|name| *name == known.name.as_str()),
                });
                for known in wanted {
                    if known.enabled {
                        account.regions.push(Text::from(&known.name));
                    } else {
                        let why = "the region is not enabled in the account";
                        let failure = Failure::new(GapStatus::Disabled, "OptInRequired", why);
                        let region = Text::from(&known.name);
                        self.gaps.push(failure.into_gap(&account.id, &region, &DESCRIBE_REGIONS, None));
                    }
                }
            }
            // Without the list the named regions are simply read; those not enabled show by themselves.
            Err(_) if !named.is_empty() => account.regions = named,
            Err(failure) => {
                self.gaps.push(failure.into_gap(&account.id, &Text::from(GLOBAL), &DESCRIBE_REGIONS, None));
            }
        }
        self.accounts.push(account);
    }
}

/// A region as `ec2:DescribeRegions` knows it.
struct KnownRegion {
    name: String,
    enabled: bool,
}

impl Account {
    /// The clients for one region. They share one retry budget, which no other account or region
    /// uses: the SDK's own partition is one per service and region for all accounts together.
    pub(crate) fn clients(&self, region: &str) -> Clients {
        let partition = RetryPartition::custom(format!("{}-{region}", self.id))
            .token_bucket(TokenBucket::builder().capacity(500).refill_rate(5.0).build())
            .build();
        Clients::new(&self.config, &Region::new(region.to_owned()), &partition, &self.counter)
    }

    /// The account that the credentials are of, and the service's clock, asked now.
    pub(crate) async fn who_and_when(&self, region: &str) -> Result<(Text, Option<Instant>), Failure> {
        let counter = Counter::default();
        let config = self.config.clone().into_builder().region(Region::new(region.to_owned())).build();
        let (_, account, _) = identify(&config, &counter).await?;
        let date = counter.date.lock().ok().and_then(|date| *date);
        Ok((account, date))
    }

    async fn known_regions(&self) -> Result<Vec<KnownRegion>, Failure> {
        let clients = self.clients(&self.home);
        let answer = clients.ec2.describe_regions().all_regions(true).send().await;
        let answer = answer.map_err(|error| Failure::from(&error))?;
        let mut regions: Vec<KnownRegion> = answer
            .regions()
            .iter()
            .filter_map(|region| {
                let enabled = region.opt_in_status() != Some("not-opted-in");
                Some(KnownRegion { name: region.region_name()?.to_owned(), enabled })
            })
            .collect();
        regions.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(regions)
    }

    /// The account of a role, with credentials that renew themselves.
    async fn assume(&self, role: &str, options: &Options) -> Result<Self, Failure> {
        let mut provider = AssumeRoleProvider::builder(role).configure(&self.config).session_name("lastgood");
        if let Some(id) = &options.external_id {
            provider = provider.external_id(id);
        }
        if let Some(policy) = &options.session_policy {
            provider = provider.policy(policy);
        }
        let provider = SharedCredentialsProvider::new(provider.build().await);
        let config = self.config.clone().into_builder().credentials_provider(provider.clone()).build();
        // The provider's own requests do not pass the counter.
        self.counter.add();
        let (_, id, partition) = match identify(&config, &self.counter).await {
            // What STS said about the role is lost on the way: ask for it.
            Err(failure) if failure.code == "credentials" => {
                self.counter.add();
                let error = provider.provide_credentials().await.err();
                return Err(error.map_or(failure, |error| refused_role(&error)));
            }
            identity => identity?,
        };
        let (home, counter) = (self.home.clone(), self.counter.clone());
        Ok(Self { id, partition, regions: Vec::new(), home, config, counter })
    }
}

/// ARN, account and partition of the identity.
async fn identify(config: &SdkConfig, counter: &Counter) -> Result<(Text, Text, Text), Failure> {
    let client =
        aws_sdk_sts::Client::from_conf(aws_sdk_sts::config::Builder::from(config).interceptor(counter.clone()).build());
    let answer = client.get_caller_identity().send().await.map_err(|error| Failure::from(&error))?;
    let arn = answer.arn().unwrap_or_default();
    match (Arn::parse(arn), answer.account()) {
        (Some(parts), Some(account)) => Ok((Text::from(arn), Text::from(account), Text::from(parts.partition))),
        _ => Err(Failure::new(GapStatus::NotUnderstood, "unreadable-answer", "the answer has no account or ARN")),
    }
}

/// The roles to assume, each with its account.
fn roles(options: &Options) -> Result<Vec<(Text, Text)>, CollectError> {
    let mut roles = Vec::new();
    let mut accounts = BTreeSet::new();
    for role in &options.assume_roles {
        let arn = Arn::parse(role)
            .filter(|arn| arn.service == "iam" && arn.resource.starts_with("role/") && !arn.account.is_empty())
            .ok_or_else(|| CollectError::BadRole(role.clone()))?;
        if !accounts.insert(arn.account) {
            return Err(CollectError::TwoRoles(arn.account.to_owned()));
        }
        roles.push((Text::from(role), Text::from(arn.account)));
    }
    Ok(roles)
}

/// Counts the requests as they go out, retries included, and remembers what time the service says it is.
#[derive(Clone, Debug, Default)]
struct Counter {
    requests: Arc<AtomicU64>,
    date: Arc<Mutex<Option<Instant>>>,
}

impl Counter {
    fn add(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    fn saw(&self, date: Option<&str>) {
        let date = date.and_then(|date| chrono::DateTime::parse_from_rfc2822(date).ok());
        if let (Some(date), Ok(mut last)) = (date, self.date.lock()) {
            *last = Some(date.to_utc());
        }
    }
}

#[dyn_dispatch_hint]
impl Intercept for Counter {
    fn name(&self) -> &'static str {
        "lastgood::Counter"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.add();
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.saw(context.response().headers().get("date"));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_names_its_account_and_each_account_has_one() {
        let with = |names: &[&str]| {
            let assume_roles = names.iter().map(|name| (*name).to_owned()).collect();
            roles(&Options { assume_roles, ..Options::default() })
        };
        let scan = "arn:aws-cn:iam::111122223333:role/scan";
        assert_eq!(with(&[scan]).unwrap(), [(scan.into(), "111122223333".into())]);
        for bad in ["scan", "arn:aws:iam::111122223333:user/scan", "arn:aws:iam:::role/scan"] {
            assert!(matches!(with(&[bad]), Err(CollectError::BadRole(_))), "{bad}");
        }
        assert!(matches!(with(&[scan, "arn:aws:iam::111122223333:role/b"]), Err(CollectError::TwoRoles(_))));
    }
}
