// Where promtool is, the tool of Prometheus that checks its files: `.ci/run` downloads it.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OWN = fileURLToPath(new URL('../../.tools/prometheus/usr/bin/promtool', import.meta.url));

export const PROMTOOL = [OWN, '/usr/bin/promtool', '/usr/local/bin/promtool'].find((path) => existsSync(path));
