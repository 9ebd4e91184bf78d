// The document in the sandboxed frame: it knows one address, shows it, and asks for it at a click.
// What comes back goes to the page around it, which checks where it comes from.

const MAX_CHARS = 128 * 1024;
const TIMEOUT_MS = 10_000;

const field = document.getElementById('address');
const state = document.getElementById('state');
const button = document.getElementById('fetch');

field.value = decodeURIComponent(location.hash.slice(1));
button.addEventListener('click', go);
// The page around it does not see the keys that are pressed here.
addEventListener('keydown', ({ key }) => { if (key === 'Escape') parent.postMessage({ kind: 'edgeward-escape' }, '*'); });
// On a narrow page the message has more lines than the frame.
new ResizeObserver(() => parent.postMessage({ kind: 'edgeward-height', height: document.body.scrollHeight }, '*')).observe(document.body);

async function go() {
  button.disabled = true;
  state.textContent = 'Asking…';
  try {
    const text = await read(field.value);
    const next = JSON.parse(text);
    if (Array.isArray(next.keys)) return deliver(text, next.keys.length);
    if (typeof next.jwks_uri === 'string') return follow(next.jwks_uri);
    state.textContent = 'This is no key set: expected a member `keys`.';
  } catch (error) {
    state.textContent = told(error);
  }
  button.disabled = false;
}

async function read(address) {
  const answer = await fetch(address, {
    credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store', headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`It answers with ${answer.status}.`);
  const text = await answer.text();
  if (text.length > MAX_CHARS) throw new Error('It is longer than 128 KiB.');
  return text;
}

function deliver(text, count) {
  state.textContent = `${count} ${count === 1 ? 'key' : 'keys'}.`;
  // The frame has no origin of its own and does not know the page's; a key set is public.
  parent.postMessage({ kind: 'edgeward-key-set', text }, '*');
}

/** A discovery document names another address: that is asked for at a click of its own. */
function follow(address) {
  field.value = address;
  state.textContent = 'The key set is at this address. Press Fetch again.';
  button.disabled = false;
}

function told(error) {
  if (error.name === 'TimeoutError') return 'No answer within 10 s.';
  if (error instanceof SyntaxError) return 'The answer is no JSON.';
  if (error instanceof TypeError) return 'Not reachable from a page, or it does not allow it (CORS). Paste the key set instead: curl -s ' + field.value;
  return error.message;
}
