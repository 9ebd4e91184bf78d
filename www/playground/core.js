// The gateway's core, compiled for the page. Once it is here, the page gives up the right to connect:
// from then on no code in it could send anything, whatever it holds.

import init, * as core from '#core';

let loaded;

/** `{ explain, check, schema }`, loaded once. */
export function load() {
  loaded ??= Promise.resolve(init()).then(() => {
    disconnect();
    return core;
  });
  return loaded;
}

function disconnect() {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "connect-src 'none'";
  document.head.append(policy);
}
