// Events as the gateway sends them to the registry: logins and refreshes of many users over many days.
import { randomBytes } from 'node:crypto';

const DAY = 86_400;
const ACCESS_SECONDS = 900;
const REFRESH_SECONDS = 30 * DAY;

const random = (bytes = 32) => randomBytes(bytes).toString('base64url');

const DEVICE = { browser: 'Chrome 142', system: 'Linux', platform: 'desktop', country: 'DE', asn: 3320, address: '' };

const token = (at, seconds) => ({ hash: random(), name: `revoked:token:${random()}`, issued_at: at, expires_at: at + seconds });

/** A login at `at` (seconds) and its refreshes, `step` seconds apart: two tokens for each, one family. What came of it, and its events. */
export function makeFamily({ subject, at, pairs, step }) {
  const object = random();
  const session = `revoked:session:${random()}`;
  const family = { object, session, id: `${object}.1`, refresh: [], events: [] };
  for (let n = 0; n < pairs; n += 1) {
    const now = at + n * step;
    const [access, refresh] = [token(now, ACCESS_SECONDS), token(now, REFRESH_SECONDS)];
    family.events.push({
      kind: 'pair', reference: random(16), issuer: 'auth', iss: 'https://auth.example', tenant: '', subject, session, object, family: family.id,
      parent: family.refresh.at(-1) ?? null, access, refresh, device: DEVICE, at: now,
    });
    family.refresh.push(refresh.hash);
  }
  return family;
}

/**
 * Families of ten tokens, one for each of so many users, the oldest first: the logins of 90 days, but for the last `fresh` users, all of
 * whose tokens are active at `now`.
 */
export function* familiesOf(users, fresh, now) {
  for (let n = 0; n < users; n += 1) {
    const subject = `user-${n}@example.com`;
    const isFresh = n >= users - fresh;
    const at = isFresh ? now - 60 : Math.floor(now - 90 * DAY + n * ((89 * DAY) / (users - fresh)));
    yield makeFamily({ subject, at, pairs: 5, step: isFresh ? 1 : ACCESS_SECONDS });
  }
}
