// What the kernel says of a process.
import { readFileSync } from 'node:fs';

/** Resident memory of `pid` now, in MiB. */
export function residentMiB(pid) {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kib) / 1024;
}

/** Samples the resident memory of `pid` until `stop()`, which returns the highest figure. */
export function watchMemory(pid, everyMs = 20) {
  let highest = residentMiB(pid);
  const timer = setInterval(() => { highest = Math.max(highest, residentMiB(pid)); }, everyMs);
  return { stop() { clearInterval(timer); return Math.max(highest, residentMiB(pid)); } };
}
