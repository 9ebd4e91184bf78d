// The keys that are not in the configuration: one field for each issuer, one for each secret.

import { byId, h } from '../dom.js';
import { keySet } from '../asking.js';
import { ISSUER } from '../demo/wrangler.js';
import { demoKeysAt, issuersOf } from '../input/issuers.js';
import { change, current } from '../state.js';
import { openFetch } from './fetching.js';
import { showTab } from './tabs.js';

let shown = '';

export function showKeys(config) {
  const issuers = issuersOf(config);
  const key = JSON.stringify(issuers);
  if (key !== shown) {
    shown = key;
    byId('panel-keys').replaceChildren(...parts(issuers));
  }
  for (const { name, keysFrom } of issuers) if (keysFrom) fill(name);
  for (const field of byId('panel-keys').querySelectorAll('[data-secret]')) {
    const text = current().secrets[field.dataset.secret] ?? '';
    if (field.value !== text) field.value = text;
  }
}

/** Marks the tab with how many key sets and secrets a decision lacks; with `null` it lacks none. */
export function markKeys(missing) {
  const mark = byId('keys-missing');
  mark.hidden = !missing;
  const said = [h('span', { class: 'unseen' }, ', '), String(missing?.fields.length), h('span', { class: 'unseen' }, ' missing')];
  mark.replaceChildren(...(missing ? said : []));
}

/** A link to the first field of what is missing. */
export function linkToKeys(missing) {
  const go = (event) => {
    event.preventDefault();
    showTab('tab-keys');
    byId(missing.fields[0])?.focus();
  };
  return h('a', { href: '#panel-keys', click: go }, 'Give them under Keys');
}

function parts(issuers) {
  const secrets = [...new Set(issuers.flatMap((issuer) => issuer.secrets))];
  const fields = [...issuers.flatMap(issuerPart), ...secrets.map(secretField)];
  if (fields.length > 0) return fields;
  return [h('p', { class: 'hint' }, 'The configuration names no issuer that needs keys.')];
}

function issuerPart({ name, keysFrom, address, isInline, isAsked }) {
  if (!keysFrom) {
    const text = isInline ? 'its keys stand in the configuration.' : isAsked ? 'its auth server is asked: see Assumptions.' : null;
    return text ? [h('p', { class: 'hint' }, h('code', null, name), `: ${text}`)] : [];
  }
  const id = `keys-${name}`;
  const demoKeys = demoKeysAt(address, location);
  return [h('div', { class: 'field' },
    h('label', { for: id }, `Keys of ${name}`),
    h('textarea', { id, rows: '9', spellcheck: 'false', autocomplete: 'off', placeholder: '{"keys": [ … ]}', 'data-issuer': name, input: onKeys }),
    h('p', { class: 'hint' }, ...whereFrom(keysFrom, address, demoKeys)),
    h('p', { class: 'fault', role: 'status' }),
    h('p', { class: 'actions' }, h('button', { type: 'button', click: () => openFetch(name, demoKeys ?? address) }, `Fetch keys of ${name}`)))];
}

function whereFrom(keysFrom, address, demoKeys) {
  const code = h('code', { class: 'address' }, address);
  const place = keysFrom === 'discovery' ? ['The JWK Set that the metadata at ', code, ' names as ', h('code', null, 'jwks_uri'), '.'] : ['The JWK Set that is published at ', code, '.'];
  if (demoKeys) return [...place, ' This host exists beside ', h('code', null, 'make dev'), ' alone; its keys are at ', h('code', { class: 'address' }, demoKeys), ' then.'];
  return address === ISSUER.address ? [...place, ' Nothing is there: the examples bring a key of this page.'] : place;
}

function secretField(name) {
  const id = `secret-${name}`;
  // No password field: a browser would offer to keep what is typed into one.
  const input = h('input', { id, class: 'secret', autocomplete: 'off', spellcheck: 'false', 'data-secret': name, input: onSecret });
  return h('div', { class: 'field' }, h('label', { for: id }, `Secret ${name}`), input,
    h('p', { class: 'hint' }, 'Its text, as the Worker has it. Never part of a link.'));
}

const onKeys = ({ target }) => change({ keys: { ...current().keys, [target.dataset.issuer]: target.value } });
const onSecret = ({ target }) => change({ secrets: { ...current().secrets, [target.dataset.secret]: target.value } });

function fill(name) {
  const field = byId(`keys-${name}`);
  const text = current().keys[name] ?? '';
  if (field.value !== text) field.value = text;
  const isRead = !text.trim() || Array.isArray(keySet(text)?.keys);
  field.parentElement.querySelector('.fault').textContent = isRead ? '' : 'Expected a JWK Set: JSON with a list `keys`.';
}
