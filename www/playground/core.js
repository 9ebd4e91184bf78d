// The gateway's core, compiled for the page. Once it is here, the page gives up the right to connect:
// from then on no code in it could send anything, whatever it holds.

import { check, explain, schema } from '../../pkg/api.js';
import init from '../../pkg/dist/edgeward.js';

let loading;

/** `{ explain, check, schema }`, loaded once. */
export function load() {
  loading ??= begin();
  return loading;
}

async function begin() {
  await init({ module_or_path: new URL('edgeward.wasm', document.baseURI) });
  disconnect();
  return { check, explain, schema };
}

function disconnect() {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "connect-src 'none'";
  document.head.append(policy);
}
