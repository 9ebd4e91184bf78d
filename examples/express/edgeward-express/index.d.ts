/** Who the gateway says the caller is. */
export interface Caller {
  /** Unique within `issuer` alone. */
  readonly subject: string | undefined;
  readonly issuer: string;
  readonly email: string | undefined;
  readonly roles: readonly string[];
  readonly scope: readonly string[];
  readonly tenant: string | undefined;
  readonly session: string | undefined;
  readonly tokenId: string | undefined;
  /** The claims of the gateway's `headers.claims`, by their dotted paths. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** The caller's own token, to call another service; empty where the route strips it. Not enumerable, so that no log shows it. */
  readonly token: string;
}

export interface Options {
  /** The gateway's keys: https, or http for a loopback host. */
  jwksUrl: string | URL;
  /** The name that the gateway has for this application's origin. */
  audience: string;
  /** The gateway's `assertion.issuer`; "edgeward" unless said otherwise. */
  issuer?: string;
  /** The `iss` of tokens that are accepted; all unless said otherwise. */
  tokenIssuers?: string[];
  /** 0–300, 30 unless said otherwise. */
  leewaySeconds?: number;
  /** The gateway's `headers`. */
  prefix?: string;
  names?: Partial<Record<'subject' | 'issuer' | 'email' | 'roles' | 'scope' | 'tenant' | 'session' | 'token_id', string>>;
  claimHeaders?: { header: string; claim: string; encoding?: 'plain' | 'list' | 'json' }[];
  /** Whether a request of nobody passes, without a caller: for `public` and `optional` routes. It proves nothing. */
  optional?: boolean;
  /** Gets the code of each refusal, and nothing of the request. */
  log?: (code: string) => void;
  /** The key of a `kid`, in the place of those at `jwksUrl`: for tests. */
  keys?: (kid: string) => unknown;
}

export type Middleware = (request: any, response: any, next: (error?: unknown) => void) => void;

/** Sets `request.caller`, or answers 401; 503 where the gateway's keys cannot be had. Throws a TypeError for wrong options. */
export function edgeward(options: Options): Middleware;

export function hasRole(role: string): Middleware;
export function hasAnyRole(...roles: string[]): Middleware;
export function hasScope(...words: string[]): Middleware;

/** For `routes[].sync`: only what the gateway tells gets through. */
export const onlySync: Middleware;

/** What the middleware adds to a request. */
export interface CallerRequest {
  caller?: Caller;
}

declare global {
  namespace Express {
    interface Request {
      caller?: Caller;
    }
  }
}
