import { byId } from '../dom.js';
import { readHeaders } from '../input/headers.js';
import { change } from '../state.js';

const FIELDS = ['method', 'url', 'token', 'headers'];

export function mountRequest() {
  for (const name of FIELDS) byId(name).addEventListener('input', ({ target }) => change({ [name]: target.value }));
}

export function showRequest(state) {
  for (const name of FIELDS) {
    const field = byId(name);
    if (field.value !== state[name]) field.value = state[name];
  }
  byId('headers-fault').textContent = readHeaders(state.headers).problems.join('; ');
}
