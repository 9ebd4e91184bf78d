// Dialogs, and the commands to copy.

import { requestOf } from '../asking.js';
import { byId, copy, h, rich } from '../dom.js';
import { asCurl, asExplain } from '../input/command.js';
import { readConfiguration } from '../input/configuration.js';
import { readCurl } from '../input/curl.js';
import { writeHeaders } from '../input/headers.js';
import { issuersOf } from '../input/issuers.js';
import { shareable, writeFragment } from '../input/share.js';
import { change, current, revocations } from '../state.js';

export function mountDialogs() {
  for (const button of document.querySelectorAll('dialog [data-close]')) button.addEventListener('click', () => button.closest('dialog').close());
  byId('share').addEventListener('click', openShare);
  byId('copy-link').addEventListener('click', ({ target }) => copy(target, byId('link').value));
  byId('curl').addEventListener('click', openCurl);
  byId('curl-read').addEventListener('click', takeCurl);
  byId('url').addEventListener('paste', onPaste);
}

/** A command that is pasted into the URL is meant as one. */
function onPaste(event) {
  const text = event.clipboardData.getData('text');
  if (!/^\s*curl\s/.test(text)) return;
  event.preventDefault();
  try {
    take(text);
  } catch {
    openCurl();
    byId('curl-text').value = text;
    takeCurl();
  }
}

async function openShare() {
  const { shared, left } = shareable(current());
  const link = new URL(location.href);
  link.hash = await writeFragment(shared);
  byId('link').value = link.href;
  byId('share-left').replaceChildren(...(left.length === 0 ? [] : [
    h('p', null, 'Not in it:'), h('ul', null, left.map((one) => h('li', null, one)))]));
  byId('share-dialog').showModal();
  byId('link').select();
}

function openCurl() {
  byId('curl-text').value = '';
  byId('curl-fault').textContent = '';
  byId('curl-dialog').showModal();
}

function takeCurl() {
  try {
    take(byId('curl-text').value);
    byId('curl-dialog').close();
  } catch (error) {
    byId('curl-fault').replaceChildren(...rich(`Not read: ${error.message}.`));
  }
}

function take(text) {
  const { method, url, headers, token, notes } = readCurl(text);
  change({ method, url, headers: writeHeaders(headers), token });
  byId('curl-notes').textContent = ['Read', ...notes].join('; ');
}

export function mountCopies() {
  byId('copy-curl').addEventListener('click', ({ target }) => {
    const { request, hasToken } = asked();
    copy(target, asCurl(request, hasToken));
  });
  byId('copy-explain').addEventListener('click', ({ target }) => {
    const { request, hasToken } = asked();
    copy(target, asExplain(request, hasToken, given()));
  });
}

function asked() {
  const state = current();
  return { request: requestOf({ ...state, token: '' }), hasToken: state.token.trim() !== '' };
}

function given() {
  const state = current();
  const { now, storeDown, answers, keys, secrets, configuration } = state;
  const { config, isJson } = readConfiguration(configuration);
  const known = issuersOf(config);
  const [issuers, named] = [known.map((issuer) => issuer.name), known.flatMap((issuer) => issuer.secrets)];
  return {
    isJson, now, revoked: revocations(state), storeDown, answers, issuers: issuers.filter((name) => keys[name]?.trim()),
    secrets: Object.keys(secrets).filter((name) => secrets[name] && named.includes(name)),
  };
}
