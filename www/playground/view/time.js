// The time: a slider over the life of the token, with a band that shows what comes of the request at
// each time. The band is not worked out here: the core is asked at every turn.

import { byId, h, timed } from '../dom.js';
import { change, current, follow, present } from '../state.js';
import { headline } from './outcome.js';
import { relative, utc } from './moment.js';
import { mountMoment, showMoment } from './moment_field.js';

let parts = null;
let domain = { from: 0, to: 0, key: '' };
let stops = [];

export function mountTime() {
  const range = h('input', {
    type: 'range', id: 'now', step: '1', 'aria-describedby': 'now-hint',
    input: () => change({ now: Number(range.value) }), keydown: onKey,
  });
  const field = h('input', { id: 'clock', size: '21', autocomplete: 'off', spellcheck: 'false' });
  mountMoment(field, (now) => change({ now }));
  parts = {
    range, field, band: h('div', { class: 'band', 'aria-hidden': 'true' }), marks: h('div', { class: 'marks', 'aria-hidden': 'true' }),
    words: h('p', { class: 'words', id: 'band-words' }), away: h('span', { class: 'away' }),
  };
  byId('time').append(
    h('div', { class: 'time-head' },
      h('label', { for: 'now' }, 'Now'), parts.away,
      h('button', { type: 'button', class: 'small', click: follow }, 'Present'),
      h('span', { class: 'clock' }, h('label', { for: 'clock', class: 'unseen' }, 'Time (UTC)'), field)),
    h('div', { class: 'slider' }, parts.band, range, parts.marks), parts.words,
    h('p', { class: 'hint unseen', id: 'now-hint' }, 'Arrow keys move in small steps, with Shift by one second, Page Up and Page Down to the next change.'));
}

/** Arrows by a hundredth of the band, with Shift by a second; pages from one change to the next. */
function onKey(event) {
  const { now } = current();
  const size = event.shiftKey ? 1 : Math.max(1, Math.round((domain.to - domain.from) / 100));
  const [later, earlier] = [stops.find((stop) => stop > now), stops.findLast((stop) => stop < now)];
  const targets = { ArrowRight: now + size, ArrowUp: now + size, ArrowLeft: now - size, ArrowDown: now - size, PageUp: later ?? domain.to, PageDown: earlier ?? domain.from };
  const target = targets[event.key];
  if (target === undefined) return;
  event.preventDefault();
  change({ now: Math.min(Math.max(target, domain.from), domain.to) });
}

/** Shows a decision's time; returns the times at which to ask for the band, once for each band. */
export function showTime(explanation) {
  const { now } = current();
  // What is decided without a token is the same at any time.
  const isTimeless = !explanation.token && explanation.turns.length === 0;
  byId('time').hidden = isTimeless;
  if (isTimeless) return null;
  const marks = marksOf(explanation);
  const key = JSON.stringify([marks, explanation.turns]);
  if (key !== domain.key || now < domain.from || now > domain.to) domain = { ...domainOf(marks, explanation.turns, now), key };
  Object.assign(parts.range, { min: domain.from, max: domain.to, value: now });
  showMoment(parts.field, now);
  const offset = now - present();
  parts.away.textContent = Math.abs(offset) < 5 ? 'the present' : relative(now, present()).replace(/^in (.*)/, '$1 from the present').replace(/ago$/, 'before the present');
  byId('time').dataset.marks = String(marks.length + explanation.turns.length > 0);
  parts.range.setAttribute('aria-valuetext', `${utc(now)}, ${headline(explanation).words}`);
  showMarks(marks, now);
  stops = explanation.turns.map((turn) => turn.at_seconds);
  return [...new Set([domain.from, ...stops])].filter((at) => at >= domain.from && at <= domain.to).sort((one, other) => one - other);
}

/** Times that the token names, whether anybody vouches for it or not. */
function marksOf({ token }) {
  const claims = token?.claims ?? {};
  const named = ['iat', 'nbf', 'exp'].filter((name) => Number.isFinite(claims[name]) && claims[name] >= 0 && claims[name] < 1e11);
  return named.map((name) => ({ name, at: claims[name] }));
}

function domainOf(marks, turns, now) {
  const times = [...marks.map((mark) => mark.at), ...turns.map((turn) => turn.at_seconds), now];
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const margin = Math.max(30, Math.round((last - first) * 0.12));
  return { from: Math.max(0, Math.floor(first - margin)), to: Math.ceil(last + margin) };
}

const share = (at) => `${((at - domain.from) / Math.max(1, domain.to - domain.from)) * 100}%`;

function showMarks(marks, now) {
  let before = -Infinity;
  const elements = [...marks].sort((one, other) => one.at - other.at).map(({ name, at }) => {
    const left = parseFloat(share(at));
    const element = h('span', { class: left - before < 9 ? 'mark-at low' : 'mark-at', title: `${name} ${utc(at)}, ${relative(at, now)}` }, name);
    before = left;
    element.style.setProperty('left', share(at));
    return element;
  });
  parts.marks.replaceChildren(...elements);
}

/** Draws the band from outcomes at the beginning of each stretch. */
export function showBand(outcomes) {
  const stretches = joined(outcomes);
  parts.band.replaceChildren(...stretches.map(({ from, to, outcome }) => {
    const element = h('span', { class: 'stretch', 'data-does': outcome.does });
    element.style.setProperty('left', share(from));
    element.style.setProperty('width', share(domain.from + to - from));
    return element;
  }));
  parts.words.replaceChildren(...timed(stretches.length > 1 ? stretches.map(inWords).join(' · ') : ''));
}

function joined(outcomes) {
  const stretches = [];
  for (const { now, outcome } of outcomes) {
    const last = stretches.at(-1);
    if (last) last.to = now;
    if (!last || last.outcome.does !== outcome.does || last.outcome.code !== outcome.code) stretches.push({ from: now, to: domain.to, outcome });
    else last.to = domain.to;
  }
  if (stretches.length > 0) stretches.at(-1).to = domain.to;
  return stretches;
}

function inWords({ from, outcome }, index) {
  const what = outcome.does === 'refuse' ? `${outcome.status} ${outcome.code}` : outcome.does === 'forward' ? 'forwarded' : 'served';
  return index === 0 ? what : `from ${utc(from)} ${what}`;
}

