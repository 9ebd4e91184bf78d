use std::borrow::Cow;
use std::time::Duration;

use crate::http::{Challenge, CredentialError, Unauthenticated};
use crate::limits;
use crate::revocation::{Reason, RevocationName};
use crate::route::{Denial, NotTaken};
use crate::token::{ClaimError, TokenError};

/// The reason why a request is not forwarded: precise inside the gateway, with one plain response
/// for each on the wire.
///
/// This is the only mapping from reasons to responses; `docs/errors.md` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a new reason must be mapped before it compiles")]
pub enum Rejection {
    /// The path could be read in two ways.
    PathAmbiguous,
    /// The framing or the URL could be read in two ways.
    RequestAmbiguous,
    /// The head has too many fields, or `Connection` too many elements.
    HeaderFieldsTooLarge,
    /// A header from which a token has to be cut is not UTF-8.
    HeaderNotUtf8,
    /// A body whose length is not known, which the platform cannot send with this method.
    LengthRequired,
    /// No route matches.
    RouteNotFound,
    /// The route leads to a tenant's origin, and the request is for none.
    TenantUnknown,
    /// A token is needed, and none was sent.
    CredentialMissing,
    /// The request does not carry exactly one unambiguous token.
    Credential(CredentialError),
    /// The token is in a cookie, and another site may have sent it.
    CrossSite,
    /// No issuer with this `iss` is configured.
    IssuerUnknown,
    /// The token is not valid.
    Token(TokenError),
    /// The token was revoked.
    Revoked,
    /// The caller is not permitted to use the route.
    Denied(Denial),
    /// The identity headers would be too large.
    IdentityTooLarge,
    /// There are no keys to verify with, and none could be fetched.
    KeysUnavailable,
    /// The auth server gives no answer on whether the token is valid; retry after this time.
    AuthServerUnavailable(Duration),
    /// The revocation store did not answer.
    RevocationUnavailable,
    /// The auth server gives no token for the origin in exchange for this caller's.
    ExchangeRefused,
    /// The auth server gives no answer to the request for an exchange; retry after this time.
    ExchangeUnavailable(Duration),
    /// The gateway's own assertion could not be signed.
    AssertionUnavailable,
    /// The configuration is invalid.
    ConfigurationInvalid,
    /// The configuration is in the store, which did not answer.
    ConfigurationUnavailable,
    /// The request exceeds a rate limit of its route or its tenant; retry after this time.
    RateLimited(Duration),
    /// The origin cannot be reached.
    OriginUnreachable,
    /// The origin did not answer in time.
    OriginTimeout,
    /// The path has a route, or is one of the gateway's own, but does not allow this method. The
    /// text lists the methods that it allows.
    MethodNotAllowed(Cow<'static, str>),
    /// The body of an admin call is not what is expected, for this reason.
    BadRequest(&'static str),
    /// The store did not acknowledge an order about this entry, for this reason.
    StoreUnavailable(Box<(RevocationName, Reason)>),
    /// A fault of the gateway itself.
    Internal,
}

impl Rejection {
    /// The precise reason, for logs. Never changes its meaning.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Credential(error) => error.code(),
            Self::IssuerUnknown => "issuer_unknown",
            Self::Token(error) => error.code(),
            Self::Revoked => "token_revoked",
            Self::StoreUnavailable(_) => "revocation_not_stored",
            Self::Denied(Denial::NotTaken(NotTaken::Issuer)) => "issuer_refused",
            _ => self.wire_code(),
        }
    }

    /// The reason as the client sees it. All faults of a token look alike: which check failed is
    /// the operator's to know, not the forger's.
    #[must_use]
    pub const fn wire_code(&self) -> &'static str {
        match self {
            Self::PathAmbiguous => "path_ambiguous",
            Self::RequestAmbiguous => "request_ambiguous",
            Self::HeaderFieldsTooLarge => "header_fields_too_large",
            Self::HeaderNotUtf8 => "header_not_utf8",
            Self::LengthRequired => "length_required",
            Self::RouteNotFound => "route_not_found",
            Self::TenantUnknown => "tenant_unknown",
            Self::CredentialMissing => "credential_missing",
            Self::Credential(_) | Self::BadRequest(_) => "invalid_request",
            Self::CrossSite => "cross_site_request",
            Self::IssuerUnknown
            | Self::Token(_)
            | Self::Revoked
            | Self::Denied(Denial::NotTaken(NotTaken::Issuer)) => "invalid_token",
            Self::Denied(Denial::NotTaken(NotTaken::Tenant)) => "tenant_mismatch",
            Self::Denied(Denial::Insufficient { .. }) => "insufficient_scope",
            Self::Denied(Denial::StepUp(_)) => "insufficient_user_authentication",
            Self::IdentityTooLarge => "identity_too_large",
            Self::KeysUnavailable => "keys_unavailable",
            Self::AuthServerUnavailable(_) => "auth_server_unavailable",
            Self::RevocationUnavailable | Self::StoreUnavailable(_) => "revocation_unavailable",
            Self::ExchangeRefused => "exchange_refused",
            Self::ExchangeUnavailable(_) => "exchange_unavailable",
            Self::AssertionUnavailable => "assertion_unavailable",
            Self::ConfigurationInvalid => "configuration_invalid",
            Self::ConfigurationUnavailable => "configuration_unavailable",
            Self::RateLimited(_) => "rate_limited",
            Self::OriginUnreachable => "origin_unreachable",
            Self::OriginTimeout => "origin_timeout",
            Self::MethodNotAllowed(_) => "method_not_allowed",
            Self::Internal => "internal_error",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::PathAmbiguous
            | Self::RequestAmbiguous
            | Self::HeaderNotUtf8
            | Self::Credential(_)
            | Self::BadRequest(_) => 400,
            Self::CredentialMissing
            | Self::IssuerUnknown
            | Self::Token(_)
            | Self::Revoked
            | Self::Denied(Denial::StepUp(_) | Denial::NotTaken(NotTaken::Issuer)) => 401,
            Self::CrossSite
            | Self::ExchangeRefused
            | Self::Denied(Denial::Insufficient { .. } | Denial::NotTaken(NotTaken::Tenant)) => 403,
            Self::RouteNotFound | Self::TenantUnknown => 404,
            Self::MethodNotAllowed(_) => 405,
            Self::LengthRequired => 411,
            Self::IdentityTooLarge | Self::HeaderFieldsTooLarge => 431,
            Self::RateLimited(_) => 429,
            Self::Internal => 500,
            Self::OriginUnreachable => 502,
            Self::KeysUnavailable
            | Self::AuthServerUnavailable(_)
            | Self::ExchangeUnavailable(_)
            | Self::RevocationUnavailable
            | Self::StoreUnavailable(_)
            | Self::AssertionUnavailable
            | Self::ConfigurationInvalid
            | Self::ConfigurationUnavailable => 503,
            Self::OriginTimeout => 504,
        }
    }

    /// The title of the problem document: one fixed sentence per code.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::PathAmbiguous => "the path can be read in more than one way",
            Self::RequestAmbiguous => "the request can be read in more than one way",
            Self::HeaderFieldsTooLarge => "too many header fields, or elements of Connection",
            Self::HeaderNotUtf8 => "expected UTF-8 in the header that holds the token",
            Self::LengthRequired => "a body of GET or HEAD needs a Content-Length",
            Self::RouteNotFound => "there is nothing here",
            Self::TenantUnknown => "there is no tenant here",
            Self::CredentialMissing => "a bearer token is required",
            Self::Credential(_) => "expected one bearer token in one place",
            Self::CrossSite => "another site may have sent this request",
            Self::BadRequest(_) => "the body is not what is expected here",
            Self::IssuerUnknown
            | Self::Token(_)
            | Self::Revoked
            | Self::Denied(Denial::NotTaken(NotTaken::Issuer)) => "the token is not valid",
            Self::Denied(Denial::NotTaken(NotTaken::Tenant)) => "the token is for another tenant",
            Self::Denied(Denial::Insufficient { .. }) => "the token does not permit this",
            Self::Denied(Denial::StepUp(_)) => "this needs a stronger or more recent login",
            Self::IdentityTooLarge => "the token's claims do not fit into headers",
            Self::KeysUnavailable | Self::AuthServerUnavailable(_) => {
                "the token cannot be verified at the moment"
            }
            Self::RevocationUnavailable => "the token's revocation cannot be checked at the moment",
            Self::StoreUnavailable(_) => "the revocation could not be stored",
            Self::ExchangeRefused => "the token does not give access to this service",
            Self::ExchangeUnavailable(_) => {
                "the token cannot be exchanged for one of this service at the moment"
            }
            Self::AssertionUnavailable => "the gateway cannot vouch for the request at the moment",
            Self::ConfigurationInvalid => "the gateway is not configured",
            Self::ConfigurationUnavailable => {
                "the gateway's configuration cannot be read at the moment"
            }
            Self::RateLimited(_) => "too many requests",
            Self::OriginUnreachable => "the origin cannot be reached",
            Self::OriginTimeout => "the origin did not answer in time",
            Self::MethodNotAllowed(_) => "the method is not allowed here",
            Self::Internal => "the gateway failed",
        }
    }

    /// The challenge for `WWW-Authenticate`, if the response has one.
    #[must_use]
    pub fn challenge(&self) -> Option<Challenge> {
        match self {
            Self::CredentialMissing => Some(Challenge::Bare),
            Self::Credential(_) => Some(Challenge::InvalidRequest),
            Self::IssuerUnknown
            | Self::Token(_)
            | Self::Revoked
            | Self::Denied(Denial::NotTaken(NotTaken::Issuer)) => Some(Challenge::InvalidToken),
            // No scope would do, but RFC 6750 §3 wants a challenge for every token that is not enough.
            Self::Denied(Denial::NotTaken(NotTaken::Tenant)) | Self::ExchangeRefused => {
                Some(Challenge::InsufficientScope(Vec::new()))
            }
            Self::Denied(Denial::Insufficient { scopes }) => {
                Some(Challenge::InsufficientScope(scopes.clone()))
            }
            Self::Denied(Denial::StepUp(step_up)) => {
                Some(Challenge::InsufficientUserAuthentication {
                    acr_values: step_up.acr_values.clone().unwrap_or_default(),
                    max_age: step_up.max_age,
                })
            }
            _ => None,
        }
    }

    /// The reason why the caller is not authenticated, for a 401 that says no more than that.
    #[must_use]
    pub const fn unauthenticated(&self) -> Option<Unauthenticated> {
        match self {
            Self::CredentialMissing => Some(Unauthenticated::Missing),
            Self::Token(TokenError::Claim(ClaimError::Expired { .. })) => {
                Some(Unauthenticated::Expired)
            }
            Self::IssuerUnknown
            | Self::Token(_)
            | Self::Revoked
            | Self::Denied(Denial::NotTaken(NotTaken::Issuer)) => Some(Unauthenticated::Invalid),
            _ => None,
        }
    }

    /// The time for `Retry-After`, which is written in seconds; `None` if trying again makes no
    /// sense.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::AuthServerUnavailable(wait)
            | Self::ExchangeUnavailable(wait)
            | Self::RateLimited(wait) => Some(*wait),
            Self::KeysUnavailable
            | Self::RevocationUnavailable
            | Self::StoreUnavailable(_)
            | Self::AssertionUnavailable
            | Self::ConfigurationUnavailable => Some(limits::RETRY_AFTER),
            _ => None,
        }
    }

    /// The detail that the client may know in addition to code and title.
    #[must_use]
    pub const fn detail(&self) -> Option<&'static str> {
        match self {
            Self::BadRequest(detail) => Some(detail),
            _ => None,
        }
    }
}

impl From<TokenError> for Rejection {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}
