// Refuses whatever comes: the floor under every refusal.
import { refused } from './forward.js';

export default { fetch: () => refused() };
