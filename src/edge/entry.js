// The Worker's module. A plain object: a class would be constructed anew for every request.
import { accept } from './crossing.js';

export default { fetch: accept };
