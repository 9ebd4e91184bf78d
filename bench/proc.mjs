// What the kernel has counted for a process (Linux).
import { readFileSync, readdirSync } from 'node:fs';

/** `_SC_CLK_TCK`: 100 on every Linux that Workers are developed on. */
const TICK_US = 10_000;

/**
 * Begins to count the CPU time of a process, all threads, user and system; the function returned gives µs since then.
 * /proc/PID/stat counts in ticks of 10 ms. The scheduler's own figures per thread are exact to the nanosecond, and are taken
 * where the kernel has them and no thread has ended in between.
 */
export function cpuClock(pid) {
  const before = read(pid);
  return () => {
    const after = read(pid);
    const ended = [...before.threads.keys()].some((thread) => !after.threads.has(thread));
    if (ended || before.threads.size === 0) return after.process - before.process;
    let sum = 0;
    for (const [thread, time] of after.threads) sum += time - (before.threads.get(thread) ?? 0);
    return sum;
  };
}

function read(pid) {
  return { process: processTime(pid), threads: threadTimes(pid) };
}

function processTime(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name stands in parentheses and may hold spaces; utime and stime are fields 14 and 15.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

function threadTimes(pid) {
  const times = new Map();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const [nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
      times.set(thread, Number(nanoseconds) / 1000);
    } catch {
      // The thread has just ended, or this kernel keeps no such figures.
    }
  }
  return times;
}

/** Resident memory in bytes, now and at its highest. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)[1]) * 1024;
  return { resident: bytes('VmRSS'), peak: bytes('VmHWM') };
}
