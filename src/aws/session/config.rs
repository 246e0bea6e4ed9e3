//! The SDK's configuration and the search for credentials.

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::config::timeout::TimeoutConfig;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::aws::error::CollectError;
use crate::aws::failure::{Failure, causes, chain, one_line, status_of};
use crate::aws::options::Options;
use crate::model::gap::GapStatus;

/// Where identity is asked when neither an option nor the configuration names a region.
const FALLBACK_REGION: &str = "us-east-1";

/// The SDK's configuration: the usual chain of credentials, our own limits and TLS.
pub(in crate::aws) async fn configure(options: &Options) -> SdkConfig {
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
pub(super) async fn check_credentials(config: &SdkConfig) -> Result<(), CollectError> {
    let Some(provider) = config.credentials_provider() else {
        return Err(CollectError::NoCredentials("no provider is configured".into()));
    };
    match provider.provide_credentials().await {
        Ok(_) => Ok(()),
        Err(error @ (CredentialsError::ProviderError(_) | CredentialsError::Unhandled(_))) => {
            let detail = one_line(&chain(&error));
            match detail.to_lowercase().contains("expired") {
                true => Err(CollectError::Expired(detail)),
                false => Err(CollectError::NoCredentials(detail)),
            }
        }
        Err(error) => Err(CollectError::NoCredentials(one_line(&chain(&error)))),
    }
}

/// Why a role could not be assumed. The provider hides STS's error among its causes.
pub(super) fn refused_role(error: &(dyn std::error::Error + 'static)) -> Failure {
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
