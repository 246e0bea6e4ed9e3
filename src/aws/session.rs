//! Who reads, which accounts and regions, and the clients for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_ec2::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_ec2::config::timeout::TimeoutConfig;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::calls::{ASSUME_ROLE, DESCRIBE_REGIONS, GET_CALLER_IDENTITY};
use super::error::CollectError;
use super::failure::{Failure, causes, chain, status_of};
use super::options::Options;
use super::place::GLOBAL;
use crate::model::arn::Arn;
use crate::model::gap::{Gap, GapStatus};
use crate::model::text::Text;

/// Where identity is asked when neither an option nor the configuration names a region.
const FALLBACK_REGION: &str = "us-east-1";

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

/// The clients of one account in one region.
pub(crate) struct Clients {
    pub(crate) ec2: aws_sdk_ec2::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) backup: aws_sdk_backup::Client,
}

impl Session {
    /// Confirm the identity, assume the roles and find the regions. Nothing is read before this works.
    pub(crate) async fn open(options: &Options) -> Result<Self, CollectError> {
        let roles = options.assume_roles.iter().map(|role| Ok((role, account_of_role(role)?)));
        let roles = roles.collect::<Result<Vec<_>, CollectError>>()?;
        let counter = Counter::default();
        let config = configure(options).await;
        let endpoint = match config.endpoint_url() {
            Some(url) => url.to_owned(),
            None => format!("AWS in {}", config.region().map_or(FALLBACK_REGION, Region::as_ref)),
        };
        check_credentials(&config).await?;
        let (caller, id, partition) = identify(&config, &counter)
            .await
            .map_err(|failure| CollectError::from_first(&GET_CALLER_IDENTITY.name(), &endpoint, failure))?;
        let home = Text::from(config.region().map_or(FALLBACK_REGION, Region::as_ref));
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
        for (role, id) in roles {
            if session.wanted.contains(&id) {
                continue;
            }
            session.wanted.push(id.clone());
            match own.assume(role, options).await {
                Ok(account) => {
                    let known = account.known_regions().await;
                    session.add(account, known, options);
                }
                Err(failure) => {
                    session.gaps.push(failure.into_gap(&id, &Text::from(GLOBAL), &ASSUME_ROLE, Some(Text::from(role))));
                }
            }
        }
        session.add(own, known, options);
        Ok(session)
    }

    /// How many requests were sent so far, retries included.
    pub(crate) fn requests(&self) -> u64 {
        self.counter.0.load(Ordering::Relaxed)
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
        let region = Region::new(region.to_owned());
        let path_style = self.config.endpoint_url().is_some();
        Clients {
            ec2: aws_sdk_ec2::Client::from_conf(
                aws_sdk_ec2::config::Builder::from(&self.config)
                    .region(region.clone())
                    .retry_partition(partition.clone())
                    .interceptor(self.counter.clone())
                    .build(),
            ),
            s3: aws_sdk_s3::Client::from_conf(
                aws_sdk_s3::config::Builder::from(&self.config)
                    .region(region.clone())
                    .retry_partition(partition.clone())
                    .interceptor(self.counter.clone())
                    .force_path_style(path_style)
                    .build(),
            ),
            backup: aws_sdk_backup::Client::from_conf(
                aws_sdk_backup::config::Builder::from(&self.config)
                    .region(region)
                    .retry_partition(partition)
                    .interceptor(self.counter.clone())
                    .build(),
            ),
        }
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
        let provider = SharedCredentialsProvider::new(provider.build().await);
        if let Err(error) = provider.provide_credentials().await {
            return Err(refused_role(&error));
        }
        let config = self.config.clone().into_builder().credentials_provider(provider).build();
        let (_, id, partition) = identify(&config, &self.counter).await?;
        let (home, counter) = (self.home.clone(), self.counter.clone());
        Ok(Self { id, partition, regions: Vec::new(), home, config, counter })
    }
}

/// The SDK's configuration: the usual chain of credentials, our own limits and TLS.
async fn configure(options: &Options) -> SdkConfig {
    let patience = &options.patience;
    let http =
        aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(patience.connect)
        .read_timeout(patience.read)
        .operation_attempt_timeout(patience.attempt)
        .operation_timeout(patience.operation)
        .build();
    let retries =
        RetryConfig::standard().with_max_attempts(patience.attempts.max(1)).with_initial_backoff(patience.backoff);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .timeout_config(timeouts)
        .retry_config(retries);
    if let Some(profile) = &options.profile {
        // The SDK's default chain prefers keys in the environment even to a profile that was named.
        let provider = ProviderConfig::default().with_http_client(http);
        let provider = ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile).build();
        loader = loader.profile_name(profile).credentials_provider(provider);
    }
    if let Some(keys) = &options.keys {
        let token = keys.session_token.clone();
        loader = loader.credentials_provider(Credentials::new(
            &keys.access_key_id,
            &keys.secret_access_key,
            token,
            None,
            "lastgood",
        ));
    }
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(region) = options.regions.first() {
        loader = loader.region(Region::new(region.clone()));
    }
    let config = loader.load().await;
    if config.region().is_some() {
        return config;
    }
    config.into_builder().region(Region::new(FALLBACK_REGION)).build()
}

/// Ask for the credentials by themselves: their absence is easier told here than from a failed request.
async fn check_credentials(config: &SdkConfig) -> Result<(), CollectError> {
    use aws_credential_types::provider::error::CredentialsError;
    let Some(provider) = config.credentials_provider() else {
        return Err(CollectError::NoCredentials("no provider is configured".into()));
    };
    match provider.provide_credentials().await {
        Ok(_) => Ok(()),
        Err(error @ (CredentialsError::ProviderError(_) | CredentialsError::Unhandled(_))) => {
            let detail = super::failure::one_line(&chain(&error));
            match detail.to_lowercase().contains("expired") {
                true => Err(CollectError::Expired(detail)),
                false => Err(CollectError::NoCredentials(detail)),
            }
        }
        Err(error) => Err(CollectError::NoCredentials(super::failure::one_line(&chain(&error)))),
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

fn account_of_role(role: &str) -> Result<Text, CollectError> {
    Arn::parse(role)
        .filter(|arn| arn.service == "iam" && arn.resource.starts_with("role/") && !arn.account.is_empty())
        .map(|arn| Text::from(arn.account))
        .ok_or_else(|| CollectError::BadRole(role.to_owned()))
}

/// Why a role could not be assumed. The provider hides STS's error among its causes.
fn refused_role(error: &(dyn std::error::Error + 'static)) -> Failure {
    use aws_sdk_sts::operation::assume_role::AssumeRoleError;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::client::result::SdkError;
    use aws_smithy_types::error::metadata::ProvideErrorMetadata;
    for cause in causes(error) {
        if let Some(error) = cause.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>() {
            return Failure::from(error);
        }
        if let Some(error) = cause.downcast_ref::<AssumeRoleError>() {
            let message = error.message().unwrap_or_default();
            if let Some(code) = error.code() {
                return Failure::new(status_of(code, message), code, message);
            }
        }
    }
    Failure::new(GapStatus::Failed, "credentials", &chain(error))
}

/// Counts the requests as they go out, retries included.
#[derive(Clone, Debug, Default)]
struct Counter(Arc<AtomicU64>);

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
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_names_its_account() {
        assert_eq!(account_of_role("arn:aws-cn:iam::111122223333:role/scan").unwrap(), "111122223333");
        for bad in ["scan", "arn:aws:iam::111122223333:user/scan", "arn:aws:iam:::role/scan"] {
            assert!(matches!(account_of_role(bad), Err(CollectError::BadRole(_))), "{bad}");
        }
    }
}
