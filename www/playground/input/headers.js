// Headers as text, `Name: value` one a line.

export function readHeaders(text) {
  const headers = [];
  const problems = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (!line.trim()) return;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim();
    if (colon < 1 || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) problems.push(`line ${index + 1}: expected \`Name: value\``);
    else headers.push([name, line.slice(colon + 1).trim()]);
  });
  return { headers, problems };
}

export function writeHeaders(headers) {
  return headers.map(([name, value]) => `${name}: ${value}`).join('\n');
}

/** Headers whose value is a credential, or often holds one. */
const CREDENTIALS = /^(authorization|proxy-authorization|cookie|x-api-key)$|token|secret|password|credential|session/i;

export function isCredential(name, value) {
  return CREDENTIALS.test(name) || holdsToken(value);
}

/** Whether a text holds something that looks like a JWT. */
export function holdsToken(text) {
  return /eyJ[\w-]{8,}\.[\w-]+\./.test(text) || /\bbearer[ ,]/i.test(text);
}
