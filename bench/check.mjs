// Before anything is timed: every contender does the same work, or the figures compare nothing.
import { ENTRIES } from './log.mjs';
import { headerNames, mint } from './tokens.mjs';

const FORWARD_BARE = ['pass', 'store'];
const REFUSE_NOTHING = ['floor', 'floor-timed', 'floor-no-store', 'floor-forwarded', 'floor-alike'];
/** Those that name the client's host, scheme and address besides. */
const NAME_CLIENTS = ['floor-forwarded', 'floor-alike', 'jose-alike', 'edgeward', 'edgeward-untimed', 'edgeward-500', 'edgeward-bounded', 'edgeward-gate', ...Object.keys(ENTRIES)];
const CLIENT = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'];
const PATH = '/api/r0/items/42?headers';

/** Throws unless each contender forwards a good token with the same headers, and refuses a bad one. */
export async function check(contenders, running, key, shape) {
  const [good] = await mint(key, { shape, count: 1 });
  const [bad] = await mint(key, { shape, kind: 'bad-signature', count: 1 });
  const own = [...headerNames(shape).map(([header]) => header), 'x-request-id'];
  for (const name of contenders) {
    if (FORWARD_BARE.includes(name)) continue;
    const wanted = [...own, ...(NAME_CLIENTS.includes(name) ? CLIENT : [])].sort();
    if (name !== 'turned') await forwards(name, running.port(name), good, wanted);
    if (!REFUSE_NOTHING.includes(name)) await refuses(name, running.port(name), bad);
  }
}

async function forwards(name, port, token, wanted) {
  const answer = await ask(port, token);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${name} should forward a good token, and answered ${answer.status} ${text}`);
  // What an older build does besides is its own affair.
  const isMeant = (header) => header.startsWith('x-') && (name !== 'before' || !CLIENT.includes(header));
  const set = JSON.parse(text).map(([header]) => header).filter(isMeant).sort();
  if (String(set) !== String(wanted)) throw new Error(`${name} should set ${wanted}, and set ${set}`);
}

async function refuses(name, port, token) {
  const { status } = await ask(port, token);
  if (status !== 401) throw new Error(`${name} should refuse a bad signature with 401, and answered ${status}`);
}

const ask = (port, token) => fetch(`http://127.0.0.1:${port}${PATH}`, { headers: { authorization: `Bearer ${token}`, 'cf-connecting-ip': '203.0.113.7' } });
