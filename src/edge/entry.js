// The Worker's module. A plain object: a class would be constructed anew for every request.
import { env } from 'cloudflare:workers';
import { accept, recover } from './bridge.js';
import { prepare } from './index.js';
import { consume } from './sync.js';

// Where the platform shows no variables yet, or this goes wrong, the first request reads them. An error thrown here, or an answer
// made, which is forbidden outside a request, would leave no Worker to answer anything.
try {
  if (env?.EDGEWARD !== undefined) prepare(env);
} catch (error) {
  recover(error);
}

export default { fetch: accept, queue: consume };
