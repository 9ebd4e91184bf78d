// The Worker's module. A plain object: a class would be constructed anew for every request.
import { accept } from './crossing.js';
import { consume } from './sync.js';

export default { fetch: accept, queue: consume };
