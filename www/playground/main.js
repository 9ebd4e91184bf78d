// The page: fields change the state, the state is asked about, the answer is shown.

import { ask, askAt } from './asking.js';
import { byId, keepFocus } from './dom.js';
import { mountAssumptions, showAssumptions } from './view/assumptions.js';
import { mountConfiguration, showProblems } from './view/configuration.js';
import { mountCopies, mountDialogs } from './view/dialogs.js';
import { mountExamples, showExample, startWith, takeChosen } from './view/examples.js';
import { mountFetching } from './view/fetching.js';
import { mountRequest, showRequest } from './view/request.js';
import { showKeys } from './view/keys.js';
import { showPoint } from './view/point.js';
import { mountResult, showResult } from './view/result.js';
import { mountTabs } from './view/tabs.js';
import { mountTheme } from './view/theme.js';
import { mountTime, showBand } from './view/time.js';
import { current, tick, watch } from './state.js';

const WAIT_MS = 40;
const BAND_WAIT_MS = 150;
/** How often a page that somebody sees looks at the clock. */
const TICK_MS = 30_000;

let waiting = 0;
let bandWaiting = 0;
let isAsking = false;
/** Counts the changes: a band for what is no longer asked is dropped. */
let changes = 0;

mountTheme();
mountTabs();
mountRequest();
mountConfiguration();
mountAssumptions();
mountFetching();
mountExamples();
mountDialogs();
mountTime();
mountResult();
mountCopies();
watch(onChange);
startWith();
setInterval(onClock, TICK_MS);
document.addEventListener('visibilitychange', onClock);

/** A token comes into force and expires in front of whoever looks on. */
function onClock() {
  if (document.visibilityState === 'visible') tick();
}

function onChange(state) {
  showRequest(state);
  showAssumptions(state);
  showExample(state);
  changes++;
  waiting ||= setTimeout(run, WAIT_MS);
}

/** One question at a time; what changes meanwhile is asked afterwards, so that a slider is followed. */
async function run() {
  waiting = 0;
  if (isAsking) {
    waiting = setTimeout(run, WAIT_MS);
    return;
  }
  isAsking = true;
  const [number, state] = [changes, current()];
  const answer = await ask(state).catch(notLoaded);
  isAsking = false;
  show(answer, state, number);
}

function notLoaded(error) {
  return { fault: `The core could not be loaded: ${error.message}`, errors: [], warnings: [] };
}

function show(answer, state, number) {
  if (answer.reading) {
    showProblems(answer);
    if (answer.reading.config) showKeys(answer.reading.config);
  }
  const times = keepFocus(byId('decision'), () => showResult(answer, state));
  const isChosen = number === changes && takeChosen();
  clearTimeout(bandWaiting);
  if (times) bandWaiting = setTimeout(() => band(number, state, times, isChosen && answer), isChosen ? 0 : BAND_WAIT_MS);
  else if (isChosen) showPoint(answer);
  const { dataset } = document.documentElement;
  dataset.run = String(Number(dataset.run ?? 0) + 1);
  dataset.ready = 'true';
}

/** The point of an example is shown when nothing above it moves any more. */
async function band(number, state, times, chosen) {
  const outcomes = await askAt(state, times);
  if (number !== changes) return;
  showBand(outcomes);
  if (chosen) showPoint(chosen);
}

// On a narrow page the decision lies below what is typed: a line at the bottom leads there, and back to it from further down.
new IntersectionObserver(([entry]) => { byId('peek').hidden = entry.isIntersecting; }, { rootMargin: '0px 0px -40px' }).observe(byId('verdict'));
addEventListener('scroll', () => { byId('peek').dataset.leads = byId('verdict').getBoundingClientRect().top < 0 ? 'up' : 'down'; }, { passive: true });
