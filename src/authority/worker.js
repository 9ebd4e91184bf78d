// The Worker: the gate, the classes of its Durable Objects, the handlers of routes about sessions, and what a queue and a clock bring.
import './session.js';
import entry from './entry.js';
import { sealAudit } from './audit_resources.js';
import { consumeRegistry, isRegistryMessage } from './registry.js';
import { daysOf, removeExpired } from './registry_resources.js';

export { MetricsSink } from './metrics_sink.js';
export { RevocationLog } from './revocation_log.js';
export { SessionFamily } from './session_family.js';

const DAY = 86_400;
/** How long what has expired stays in the registry, unless `EDGEWARD_ARCHIVE_DAYS` says otherwise. */
const ARCHIVE_DAYS = 30;

export default {
  ...entry,

  async queue(batch, env, context) {
    const [own, others] = [true, false].map((isOwn) => batch.messages.filter((message) => isRegistryMessage(message) === isOwn));
    if (own.length > 0) await consumeRegistry(own, env);
    if (others.length > 0) await entry.queue({ messages: others }, env, context);
  },

  async scheduled(_, env) {
    if (env.EDGEWARD_DB === undefined) return;
    // Neither waits for the other, nor fails with it; the platform shows a run that has failed.
    const failed = (await Promise.allSettled([sealAudit(env), archived(env)])).find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  },
};

async function archived(env) {
  const days = daysOf(String(env.EDGEWARD_ARCHIVE_DAYS ?? ARCHIVE_DAYS));
  // A negative number would remove tokens that are active.
  if (days === undefined) {
    console.log(JSON.stringify({ event: 'registry_not_archived', reason: 'expected EDGEWARD_ARCHIVE_DAYS to be a number of 0 to 3650' }));
    return;
  }
  const { removed } = await removeExpired(env, Math.floor(Date.now() / 1000) - days * DAY);
  console.log(JSON.stringify({ event: 'registry_archived', removed }));
}
