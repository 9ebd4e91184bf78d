// The hold on the load process.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** { mint(order), send(order), pace(order), drop(order), hangUp(order), stop() }: see load.mjs. */
export function startLoad() {
  const child = fork(fileURLToPath(new URL('load.mjs', import.meta.url)), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map();
  let last = 0;
  child.on('message', ({ id, result, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve(result);
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the load process ended with ${code}`));
  });
  const call = (command) => (order) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      child.send({ id: last, command, ...order });
    });
  return { mint: call('mint'), send: call('send'), pace: call('pace'), drop: call('drop'), hangUp: call('hangUp'), stop: () => child.disconnect() };
}
