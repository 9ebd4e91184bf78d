use crate::http::{Challenge, CredentialError};
use crate::limits;
use crate::route::Denial;
use crate::token::TokenError;

/// Why a request is not forwarded: precise inside, and one plain answer for each on the wire.
///
/// This is the only map from reasons to answers; `docs/errors.md` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a new reason must be mapped before it compiles")]
pub enum Rejection {
    /// The path could be read in two ways.
    PathAmbiguous,
    /// The framing or the URL could be read in two ways.
    RequestAmbiguous,
    /// No route matches.
    RouteNotFound,
    /// A token is needed, and none was sent.
    CredentialMissing,
    /// What was sent is not one clear token.
    Credential(CredentialError),
    /// The token is in a cookie, and another site may have sent it.
    CrossSite,
    /// No issuer of this `iss` is configured.
    IssuerUnknown,
    /// The token is no good.
    Token(TokenError),
    /// The token was revoked.
    Revoked,
    /// The caller may not pass here.
    Denied(Denial),
    /// The identity headers would be too large.
    IdentityTooLarge,
    /// There are no keys to verify with, and none could be fetched.
    KeysUnavailable,
    /// The revocation store did not answer.
    RevocationUnavailable,
    /// The configuration is invalid.
    ConfigurationInvalid,
    /// The route takes no more requests of this caller for as many seconds.
    RateLimited(u64),
    /// The origin cannot be reached.
    OriginUnreachable,
    /// The origin did not answer in time.
    OriginTimeout,
    /// One of the gateway's own resources does not have this method; these it has.
    MethodNotAllowed(&'static str),
    /// An admin call's body is not what is expected, for this reason.
    BadRequest(&'static str),
    /// The revocation could not be stored.
    StoreUnavailable,
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
            Self::StoreUnavailable => "revocation_not_stored",
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
            Self::RouteNotFound => "route_not_found",
            Self::CredentialMissing => "credential_missing",
            Self::Credential(_) | Self::BadRequest(_) => "invalid_request",
            Self::CrossSite => "cross_site_request",
            Self::IssuerUnknown | Self::Token(_) | Self::Revoked => "invalid_token",
            Self::Denied(Denial::Insufficient { .. }) => "insufficient_scope",
            Self::Denied(Denial::StepUp(_)) => "insufficient_user_authentication",
            Self::IdentityTooLarge => "identity_too_large",
            Self::KeysUnavailable => "keys_unavailable",
            Self::RevocationUnavailable | Self::StoreUnavailable => "revocation_unavailable",
            Self::ConfigurationInvalid => "configuration_invalid",
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
            | Self::Credential(_)
            | Self::BadRequest(_) => 400,
            Self::CredentialMissing
            | Self::IssuerUnknown
            | Self::Token(_)
            | Self::Revoked
            | Self::Denied(Denial::StepUp(_)) => 401,
            Self::CrossSite | Self::Denied(Denial::Insufficient { .. }) => 403,
            Self::RouteNotFound => 404,
            Self::MethodNotAllowed(_) => 405,
            Self::IdentityTooLarge => 431,
            Self::RateLimited(_) => 429,
            Self::Internal => 500,
            Self::OriginUnreachable => 502,
            Self::KeysUnavailable
            | Self::RevocationUnavailable
            | Self::StoreUnavailable
            | Self::ConfigurationInvalid => 503,
            Self::OriginTimeout => 504,
        }
    }

    /// The title of the problem document: one fixed sentence a code.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::PathAmbiguous => "the path can be read in more than one way",
            Self::RequestAmbiguous => "the request can be read in more than one way",
            Self::RouteNotFound => "there is nothing here",
            Self::CredentialMissing => "a bearer token is required",
            Self::Credential(_) => "expected one bearer token in one place",
            Self::CrossSite => "another site may have sent this request",
            Self::BadRequest(_) => "the body is not what is expected here",
            Self::IssuerUnknown | Self::Token(_) | Self::Revoked => "the token is not valid",
            Self::Denied(Denial::Insufficient { .. }) => "the token does not permit this",
            Self::Denied(Denial::StepUp(_)) => "this needs a stronger or more recent login",
            Self::IdentityTooLarge => "the token's claims do not fit into headers",
            Self::KeysUnavailable => "the token cannot be verified at the moment",
            Self::RevocationUnavailable => "the token's revocation cannot be checked at the moment",
            Self::StoreUnavailable => "the revocation could not be stored",
            Self::ConfigurationInvalid => "the gateway is not configured",
            Self::RateLimited(_) => "too many requests",
            Self::OriginUnreachable => "the origin cannot be reached",
            Self::OriginTimeout => "the origin did not answer in time",
            Self::MethodNotAllowed(_) => "the method is not allowed here",
            Self::Internal => "the gateway failed",
        }
    }

    /// The challenge, where there is one.
    #[must_use]
    pub fn challenge(&self) -> Option<Challenge> {
        match self {
            Self::CredentialMissing => Some(Challenge::Bare),
            Self::Credential(_) => Some(Challenge::InvalidRequest),
            Self::IssuerUnknown | Self::Token(_) | Self::Revoked => Some(Challenge::InvalidToken),
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

    /// Seconds for `Retry-After`, where trying again makes sense.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::KeysUnavailable | Self::RevocationUnavailable | Self::StoreUnavailable => {
                Some(limits::RETRY_AFTER.as_secs())
            }
            Self::RateLimited(seconds) => Some(*seconds),
            _ => None,
        }
    }

    /// What else the client may know about it.
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
