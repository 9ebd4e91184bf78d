// The Worker's module. A plain object: a class would be constructed anew for every request.
import { env } from 'cloudflare:workers';
import { accept, guarded } from './crossing.js';
import { prepare } from './index.js';
import { consume } from './sync.js';

// Where the platform shows no variables yet, the first request reads them.
if (env?.EDGEWARD !== undefined) guarded(() => prepare(env));

export default { fetch: accept, queue: consume };
