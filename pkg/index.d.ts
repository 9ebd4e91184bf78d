/** A configuration of the gateway, the table `EDGEWARD` as plain data. `schema()` says what may stand in it. */
export type Configuration = object;

/** A JWK Set (RFC 7517 §5). */
export interface JwkSet {
  keys: object[];
}

/** One fault, and where it stands, such as `routes[2].require`. */
export interface Place {
  path: string;
  message: string;
}

/** A setting in a valid configuration that is rarely intended. */
export interface Warning extends Place {
  /** Stable; docs/errors.md lists it. */
  code: string;
}

/** What goes wrong here. */
export class EdgewardError extends Error {
  private constructor();
  readonly name: 'EdgewardError';
  /** Stable; docs/errors.md lists it. */
  readonly code: string;
  /** The places of a configuration or of options. */
  readonly errors?: Place[];
}

/** What is wrong with a configuration. Secrets and bindings that it names are taken to exist. Throws for what is no plain data. */
export function check(config: Configuration): { errors: Place[]; warnings: Warning[] };

/** The JSON Schema (2020-12) of a configuration. */
export function schema(): Record<string, unknown>;

/** What the gateway does with a request, step by step. Nothing is fetched: what is not given is assumed, and told. */
export function explain(order: Order): Promise<{ explanation: Explanation; assumed: string[] }>;

export interface Order {
  config: Configuration;
  /** The URL may be a path alone; several headers of one name count as joined by a comma. */
  request: { method: string; url: string; headers?: [name: string, value: string][] };
  /** Seconds since 1970; now unless said otherwise. */
  now_seconds?: number;
  /** The key sets that issuers publish, by the names that issuers have in the configuration. */
  keys?: Record<string, JwkSet>;
  /** The texts of secrets, by their names. */
  secrets?: Record<string, string>;
  /** What was revoked; with `=SECONDS`, whatever was issued before that time. */
  revoked?: (RevocationKind | `${RevocationKind}=${number}`)[];
  /** Whether the revocation store does not answer. */
  store_down?: boolean;
  /** What the auth server answers: 200 with this JSON, or a signed answer; `no`; `none`, as without it, when it does not answer. */
  answer?: object | string;
}

/** `jti` and `token` are one. */
export type RevocationKind = 'jti' | 'token' | 'session' | 'subject' | 'tenant' | 'issuer';

export interface Explanation {
  method: string;
  /** A token in its query is not repeated. */
  url: string;
  at_seconds: number;
  /** The same in UTC, for people. */
  at: string;
  /** What the token itself says; `null` where there was none, or it could not be read. */
  token: ShownToken | null;
  /** The steps that were taken, in order. After one that failed there is no other. */
  findings: Finding[];
  /** Other times at which the claims are judged otherwise, in order: leeway included. None while nobody vouches for the token. */
  turns: Turn[];
  /** The path that refreshes the caller's cookie session first, where that is due. `outcome` is then the one without a new access token. */
  renewal: string | null;
  outcome: Forward | Serve | Refuse;
}

export interface Turn {
  claim: 'nbf' | 'iat' | 'exp' | 'auth_time';
  /** What it says, rounded down. */
  claim_seconds: number;
  /** The first whole second at which it is judged otherwise. */
  at_seconds: number;
  /** Whether it is refused before that second; otherwise from it on. */
  is_start: boolean;
}

export interface ShownToken {
  /** Whether its signature holds, or its issuer said yes to it. Otherwise anybody may have written this. */
  is_verified: boolean;
  algorithm: Algorithm | 'ES256K';
  kid: string | null;
  typ: string | null;
  claims: Record<string, unknown>;
}

export interface Finding {
  stage: Stage;
  holds: boolean;
  /** The code of the refusal, as logs have it. */
  code: string | null;
  summary: string;
  checks: Check[];
}

export type Stage =
  | 'request' | 'path' | 'route' | 'tenant' | 'credential' | 'token' | 'issuer' | 'algorithm' | 'auth_server' | 'key'
  | 'signature' | 'claims' | 'revocation' | 'membership' | 'requirement' | 'identity';

export interface Check {
  what: string;
  /** `null` where nothing depends on it. */
  holds: boolean | null;
  /** How deep it lies inside the detail before it. */
  depth: number;
  expected: string | null;
  got: string | null;
}

/** It goes to an origin. */
export interface Forward {
  does: 'forward';
  origin: string;
  address: string;
  url: string;
  /** Every header that arrives, but for what the platform sets. */
  headers: Header[];
  removed: { name: string; reason: string }[];
}

/** The gateway answers it. */
export interface Serve {
  does: 'serve';
  /** The resource under `/.edgeward/`. */
  resource: string;
  /** `null` where it depends on keys and stores. */
  status: number | null;
}

/** It is refused. */
export interface Refuse {
  does: 'refuse';
  status: number;
  /** The reason, as logs have it. */
  code: string;
  headers: Header[];
  /** A problem document (RFC 9457). */
  body: Record<string, unknown>;
}

export interface Header {
  name: string;
  /** That of `authorization` is not repeated. */
  value: string;
  /** Whether the gateway sets it; otherwise it is the client's. */
  is_set: boolean;
}

/** Algorithms that WebCrypto verifies; `EdDSA` under both of its names, and always told as `EdDSA`. */
export type Algorithm =
  | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'HS256' | 'HS384' | 'HS512';

/** Where the keys come from: exactly one of these. */
export type Keys =
  /** A set as it was published: keys that cannot be used are passed over, but not all of them may be. */
  | { jwks: JwkSet; jwks_url?: never; keys?: never; secrets?: never }
  /** Its URL: fetched when it is needed, fresh for 600 s, and once in 30 s for an unknown `kid`. */
  | { jwks_url: string; jwks?: never; keys?: never; secrets?: never }
  /** A set of which every key must be usable. */
  | { keys: JwkSet; jwks?: never; jwks_url?: never; secrets?: never }
  /** Texts that are the keys of HS256, HS384 and HS512; all are tried. */
  | { secrets: string[]; jwks?: never; jwks_url?: never; keys?: never };

/** An issuer, by the fields and rules that it has in the configuration. */
export type VerifierOptions = Keys & {
  /** The exact `iss`. */
  issuer: string;
  /** One of them must be in `aud`. */
  audiences: string[];
  /** Never inferred from the token or the key. */
  algorithms: (Algorithm | 'Ed25519')[];
  /** Accepted types in `typ` and `token_type`. Absent: `JWT`, `at+jwt`, `access`, `access_token`, `Bearer`, and tokens that say none. */
  typ?: string | string[];
  /** 0–300, 30 unless said otherwise. */
  leeway_seconds?: number;
  /** Longest time since `iat`. */
  max_age_seconds?: number;
  /** Dotted paths of claims that must be there and not null. `exp` always must. */
  required_claims?: string[];
  /** Which claim means what, for `identity`. */
  claims?: { subject?: string; roles?: string | string[]; email?: string; tenant?: string; scope?: string; session?: string };
  /** The time to judge by, in seconds since 1970; whatever time it is unless said otherwise. */
  now_seconds?: number;
};

/** A good token. */
export interface Verified {
  /** The members that were acted on. */
  header: { alg: Algorithm; kid?: string; typ?: string };
  claims: Record<string, unknown>;
  identity: {
    subject: string | null;
    email: string | null;
    roles: string[];
    scope: string[];
    tenant: string | null;
    session: string | null;
  };
}

export interface Verifier {
  /** Header, claims and identity of a good token; rejects with an `EdgewardError` whose code says which check failed. */
  verify(token: string): Promise<Verified>;
}

/** A verifier, which remembers keys and the tokens that it has seen. Throws `options_invalid`. */
export function createVerifier(options: VerifierOptions): Verifier;

/** The same for one token; a caller that verifies many makes one verifier. */
export function verify(token: string, options: VerifierOptions): Promise<Verified>;
