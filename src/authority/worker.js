// The Worker: the gate, the classes of its Durable Objects, the handlers of routes about sessions, and what a queue and a clock bring.
import './session.js';
import entry from './entry.js';
import { sealAudit } from './audit_resources.js';
import { consumeRegistry, isRegistryMessage } from './registry.js';
import { removeExpired } from './registry_resources.js';

export { MetricsSink } from './metrics_sink.js';
export { RevocationLog } from './revocation_log.js';
export { SessionFamily } from './session_family.js';

const DAY_MS = 86_400_000;
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
    const days = Number(env.EDGEWARD_ARCHIVE_DAYS ?? ARCHIVE_DAYS);
    const { removed } = await removeExpired(env, Math.floor((Date.now() - days * DAY_MS) / 1000));
    console.log(JSON.stringify({ event: 'registry_archived', removed }));
    await sealAudit(env);
  },
};
