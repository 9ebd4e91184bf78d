//! JOSE: is this text a well-formed JWS, and is its signature good?
//!
//! RFC 7515 (JWS), RFC 7517 (JWK), RFC 7518 and RFC 8037 (algorithms). What a token *says* is
//! judged one level up, in [`crate::token`].

mod algorithm;
mod base64url;
mod compact;
mod curve;
mod error;
mod header;
mod hmac;
mod jwk;
mod jwks;
mod known_headers;
mod material;
mod rsa;
mod signature;
mod signing_key;
#[cfg(not(target_arch = "wasm32"))]
mod software;
mod unusable_key;

pub use algorithm::{Algorithm, Curve, Family, Hash};
pub use compact::UnverifiedJws;
pub use error::JoseError;
pub use header::JoseHeader;
pub use jwk::VerificationKey;
pub use jwks::{Candidates, JwkSet, JwkSetError, NoKeys};
pub use known_headers::KnownHeaders;
pub use material::{KeyMaterial, Secret};
pub use signature::{SignatureCheck, SignatureStep, SignatureValid};
pub use signing_key::{PublishedKey, SigningKey};
#[cfg(not(target_arch = "wasm32"))]
pub use software::verify;
pub use unusable_key::UnusableKey;

pub(crate) use base64url::decode as base64url_decode;
pub(crate) use base64url::encode as base64url;
#[cfg(feature = "conformance")]
pub(crate) use hmac::hmac;
