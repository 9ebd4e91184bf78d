use serde::Serialize;

use crate::gateway::Rejection;
use crate::jose::JoseError;
use crate::route::Denial;
use crate::token::TokenError;

/// A step of the decision; they come in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// The framing, the URL and the host, which must have one reading.
    Request,
    /// The canonical path.
    Path,
    /// The route.
    Route,
    /// The tenant that the request is for.
    Tenant,
    /// The token where the route looks for it.
    Credential,
    /// The form of the token.
    Token,
    /// The issuer by `iss`.
    Issuer,
    /// The algorithm, which must be on the issuer's list.
    Algorithm,
    /// The answer of the issuer's auth server.
    AuthServer,
    /// A key of the issuer.
    Key,
    /// The signature.
    Signature,
    /// The values of the claims.
    Claims,
    /// Revocation.
    Revocation,
    /// Whether the token is one for the tenant.
    Membership,
    /// The requirement that the route has for the caller.
    Requirement,
    /// The size of the identity headers.
    Identity,
    /// A token of the origin's own, in exchange for the caller's.
    Exchange,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 17] = [
        Self::Request,
        Self::Path,
        Self::Route,
        Self::Tenant,
        Self::Credential,
        Self::Token,
        Self::Issuer,
        Self::Algorithm,
        Self::AuthServer,
        Self::Key,
        Self::Signature,
        Self::Claims,
        Self::Revocation,
        Self::Membership,
        Self::Requirement,
        Self::Identity,
        Self::Exchange,
    ];

    /// The name of the stage, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Path => "path",
            Self::Route => "route",
            Self::Tenant => "tenant",
            Self::Credential => "credential",
            Self::Token => "token",
            Self::Issuer => "issuer",
            Self::Algorithm => "algorithm",
            Self::AuthServer => "auth server",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::Revocation => "revocation",
            Self::Membership => "membership",
            Self::Requirement => "requirement",
            Self::Identity => "identity",
            Self::Exchange => "exchange",
        }
    }

    /// The stage at which the machine refuses for this reason; `None` for reasons that arise only
    /// when a decision is carried out.
    #[must_use]
    pub const fn of(rejection: &Rejection) -> Option<Self> {
        Some(match rejection {
            Rejection::RequestAmbiguous | Rejection::HeaderFieldsTooLarge => Self::Request,
            Rejection::PathAmbiguous => Self::Path,
            Rejection::RouteNotFound | Rejection::MethodNotAllowed(_) => Self::Route,
            Rejection::TenantUnknown => Self::Tenant,
            Rejection::CredentialMissing
            | Rejection::Credential(_)
            | Rejection::CrossSite
            | Rejection::HeaderNotUtf8 => Self::Credential,
            Rejection::IssuerUnknown => Self::Issuer,
            Rejection::Token(error) => Self::of_token(error),
            Rejection::AuthServerUnavailable(_) => Self::AuthServer,
            Rejection::KeysUnavailable => Self::Key,
            Rejection::Revoked | Rejection::RevocationUnavailable => Self::Revocation,
            Rejection::Denied(Denial::NotTaken(_)) => Self::Membership,
            Rejection::Denied(_) => Self::Requirement,
            Rejection::IdentityTooLarge => Self::Identity,
            Rejection::ExchangeRefused | Rejection::ExchangeUnavailable(_) => Self::Exchange,
            Rejection::ConfigurationInvalid
            | Rejection::RateLimited(_)
            | Rejection::OriginUnreachable
            | Rejection::OriginTimeout
            | Rejection::LengthRequired
            | Rejection::BadRequest(_)
            | Rejection::StoreUnavailable(_)
            | Rejection::ConfigurationUnavailable
            | Rejection::AssertionUnavailable
            | Rejection::Internal => return None,
        })
    }

    const fn of_token(error: &TokenError) -> Self {
        match error {
            TokenError::Claim(_) => Self::Claims,
            TokenError::RefusedByAuthServer => Self::AuthServer,
            TokenError::Jose(error) => match error {
                JoseError::AlgorithmRefused => Self::Algorithm,
                JoseError::KeyAmbiguous | JoseError::KeyUnknown => Self::Key,
                JoseError::SignatureInvalid => Self::Signature,
                JoseError::AlgorithmUnknown
                | JoseError::CriticalExtension
                | JoseError::HeaderMember(_)
                | JoseError::Encoding
                | JoseError::Json(_)
                | JoseError::Parts
                | JoseError::TooLarge { .. } => Self::Token,
            },
        }
    }
}
