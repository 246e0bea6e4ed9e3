//! Ed25519 signatures over a manifest: an in-toto statement in a DSSE envelope, which tools of other people verify.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::EvidenceError;
use super::manifest::{MANIFEST, Manifest};
use crate::model::inventory::hex;

/// The type of what is signed, of the in-toto project.
const PAYLOAD: &str = "application/vnd.in-toto+json";

/// The statement's form, of the in-toto project.
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// What the statement says of its subject: that it is the manifest of a bundle.
const PREDICATE: &str = "urn:lastgood:bundle:1";

/// The beginning of a public Ed25519 key in DER (RFC 8410): what follows are its 32 bytes.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A key that signs. It never shows in debug output.
pub struct SigningKey(Ed25519KeyPair);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// A key that verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyingKey([u8; 32]);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Signature {
    keyid: String,
    sig: String,
}

impl SigningKey {
    /// From PEM with PKCS#8, as OpenSSL writes it.
    ///
    /// # Errors
    /// [`EvidenceError::Key`].
    pub fn from_pem(pem: &str) -> Result<Self, EvidenceError> {
        let wrong = |why: String| EvidenceError::Key { what: "signing", why };
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| wrong(error.to_string()))?;
        // OpenSSL leaves the public key out, which the stricter of the two readers wants to see.
        let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der());
        key.map(Self).map_err(|error| wrong(error.to_string()))
    }

    /// Its public half.
    pub fn public(&self) -> VerifyingKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        VerifyingKey(bytes)
    }

    /// A signed statement about a manifest with this checksum.
    pub(super) fn envelope(&self, manifest: &Manifest, sha256: &str) -> String {
        let statement = serde_json::json!({
            "_type": STATEMENT,
            "subject": [{"name": MANIFEST, "digest": {"sha256": sha256}}],
            "predicateType": PREDICATE,
            "predicate": {"run": manifest.run, "asOf": manifest.as_of, "policy": manifest.policy,
                "policyVersion": manifest.policy_version, "root": manifest.root}
        });
        let payload = statement.to_string();
        let signature = self.0.sign(&encoding(payload.as_bytes()));
        let envelope = Envelope {
            payload: STANDARD.encode(&payload),
            payload_type: PAYLOAD.into(),
            signatures: vec![Signature { keyid: self.public().id(), sig: STANDARD.encode(signature) }],
        };
        serde_json::to_string_pretty(&envelope).unwrap_or_default() + "\n"
    }
}

impl VerifyingKey {
    /// From PEM, as `openssl pkey -pubout` writes it.
    ///
    /// # Errors
    /// [`EvidenceError::Key`].
    pub fn from_pem(pem: &str) -> Result<Self, EvidenceError> {
        let wrong = |why: String| EvidenceError::Key { what: "public", why };
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).map_err(|error| wrong(error.to_string()))?;
        let bytes = der.as_ref().strip_prefix(&SPKI).and_then(|rest| rest.try_into().ok());
        bytes.map(Self).ok_or_else(|| wrong("it is no Ed25519 key".into()))
    }

    /// SHA-256 of the key in DER, in hex: what to compare over another channel.
    pub fn id(&self) -> String {
        hex(&Sha256::new().chain_update(SPKI).chain_update(self.0).finalize())
    }

    /// Whether an envelope is signed by this key and is about a manifest with this checksum.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn check(&self, envelope: &[u8], sha256: &str) -> Result<(), String> {
        let envelope: Envelope = serde_json::from_slice(envelope).map_err(|error| format!("no envelope: {error}"))?;
        if envelope.payload_type != PAYLOAD {
            return Err(format!("it is about `{}`", envelope.payload_type));
        }
        let decode = |text: &str| STANDARD.decode(text).map_err(|error| format!("no base64: {error}"));
        let payload = decode(&envelope.payload)?;
        let key = UnparsedPublicKey::new(&ED25519, self.0);
        let signed = envelope
            .signatures
            .iter()
            .any(|signature| decode(&signature.sig).is_ok_and(|bytes| key.verify(&encoding(&payload), &bytes).is_ok()));
        if !signed {
            return Err("no signature is of the given key".into());
        }
        let statement: serde_json::Value = serde_json::from_slice(&payload).map_err(|error| error.to_string())?;
        let of = |pointer: &str| statement.pointer(pointer).and_then(|value| value.as_str());
        if of("/_type") != Some(STATEMENT) || of("/predicateType") != Some(PREDICATE) {
            return Err("the statement is of another form".into());
        }
        match of("/subject/0/digest/sha256") {
            Some(signed) if signed == sha256 => Ok(()),
            _ => Err("another manifest was signed".into()),
        }
    }
}

/// What is signed: DSSE's pre-authentication encoding, so that a payload is never taken for one of another type.
fn encoding(payload: &[u8]) -> Vec<u8> {
    let mut all = format!("DSSEv1 {} {PAYLOAD} {} ", PAYLOAD.len(), payload.len()).into_bytes();
    all.extend_from_slice(payload);
    all
}
