// Where an example makes its point: the step that refuses, the headers that are removed, or else the verdict.

import { byId, reveal } from '../dom.js';

/** The id of the element. */
export function pointOf({ findings, outcome }) {
  const last = findings.at(-1);
  if (last && !last.holds) return `step-${last.stage}`;
  return outcome.removed?.length > 0 ? 'removed' : 'verdict-box';
}

/** So much of a step tells what it says; and so much at the bottom of a narrow page is covered while the verdict is out of sight. */
const ENOUGH_PX = 110;
const COVERED_PX = 56;

/** Brings it into view, with the verdict above it as far as there is room for both. */
export function showPoint({ told }) {
  if (!told) return;
  const id = pointOf(told.explanation);
  const [verdict, point] = [byId('verdict-box'), byId(id)].map((element) => element.getBoundingClientRect());
  const room = window.innerHeight - COVERED_PX;
  const isBelow = verdict.top >= 0 && id !== 'verdict-box';
  if (verdict.top >= 0 && point.bottom <= room) return;
  if (isBelow && point.bottom - verdict.top <= room) reveal(byId(id), 'nearest');
  else if (point.top - verdict.top + Math.min(point.height, ENOUGH_PX) <= window.innerHeight) reveal(byId('decision'), 'start');
  else reveal(byId(id), 'nearest');
}
