// Fetching a key set. This page may not connect; a sandboxed frame may, and knows the address alone.

import { byId, h } from '../dom.js';
import { change, current } from '../state.js';

const MAX_CHARS = 128 * 1024;
const BORDERS = 2;
const [LEAST_HEIGHT, MOST_HEIGHT] = [192, 480];

let frame = null;
let wanted = null;

export function mountFetching() {
  window.addEventListener('message', receive);
  byId('fetch-dialog').addEventListener('close', close);
}

export function openFetch(issuer, address) {
  wanted = issuer;
  frame = h('iframe', { sandbox: 'allow-scripts', referrerpolicy: 'no-referrer', title: `Fetch keys of ${issuer}`, src: `fetch.html#${encodeURIComponent(address)}` });
  byId('fetch-frame').replaceChildren(frame);
  byId('fetch-dialog').showModal();
}

/** Only the frame itself is listened to: out of it come a key set as text, its height, and that Escape was pressed in it. */
function receive({ source, data }) {
  if (!frame || source !== frame.contentWindow) return;
  if (data?.kind === 'edgeward-escape') byId('fetch-dialog').close();
  if (data?.kind === 'edgeward-height' && Number.isFinite(data.height)) frame.style.setProperty('height', `${Math.min(Math.max(data.height + BORDERS, LEAST_HEIGHT), MOST_HEIGHT)}px`);
  if (data?.kind !== 'edgeward-key-set') return;
  if (typeof data.text !== 'string' || data.text.length > MAX_CHARS) return;
  change({ keys: { ...current().keys, [wanted]: data.text } });
  byId('fetch-dialog').close();
}

function close() {
  frame = null;
  byId('fetch-frame').replaceChildren();
}
