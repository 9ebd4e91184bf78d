// Calls the origin and does nothing else.
import { target } from './forward.js';

export default { fetch: (request) => fetch(new Request(target(request.url), request)) };
