// Races of refreshes: for the suite in small, and for `make campaign` in large.
import assert from 'node:assert/strict';
import { inParallel, until } from './client.mjs';
import { startGateway } from './gateway.mjs';

/**
 * Has the auth server of a stage give the same answer again for a token that it has exchanged, as servers with a window of their own do:
 * then nobody is locked out by an answer that was lost.
 */
export function giveWindow({ server: { auth } }) {
  const given = new Map();
  const real = auth.refresh;
  auth.refresh = async function withWindow(fields) {
    const known = given.get(fields.refreshToken);
    if (known !== undefined) return known;
    const answer = await real.call(this, fields);
    given.set(fields.refreshToken, answer);
    return answer;
  };
}

const LIMIT_MS = 60_000;

/**
 * Lets `clients` refresh again and again, and kills the gateway in the middle, `kills` times, each after so many were acknowledged (`each`);
 * `folder` is that of its log. Whoever was acknowledged can go on. How many refreshes were acknowledged.
 */
export async function killInTheMiddle(stage, { folder, clients: count, kills, each }) {
  const clients = await inParallel(count, 8, async () => ({ token: (await stage.server.login('ada')).refreshToken, kept: 0 }));
  for (let kill = 0; kill < kills; kill += 1) {
    let isOver = false;
    const running = Promise.all(clients.map(async (client) => {
      while (!isOver) {
        const answer = await stage.refresh(client.token).catch(() => undefined);
        if (answer?.status === 200) Object.assign(client, { token: answer.json.refreshToken, kept: client.kept + 1 });
        else if (answer !== undefined) assert.ok(answer.status >= 500, `${answer.status} ${answer.text}`);
      }
    }));
    await until(() => clients.reduce((sum, { kept }) => sum + kept, 0) >= (kill + 1) * each, `${each} refreshes`, LIMIT_MS);
    await stage.gateway.stop();
    isOver = true;
    await running;
    stage.gateway = await startGateway({ ...stage.options, log: folder });
    stage.parts.push(stage.gateway);
    // Each of them holds the current token, or one whose answer was lost.
    await inParallel(clients.length, 8, async (n) => {
      const answer = await stage.refresh(clients[n].token);
      assert.equal(answer.status, 200, `${clients[n].kept} refreshes, then ${answer.text}`);
      clients[n].token = answer.json.refreshToken;
    });
    assert.equal(stage.events('token_reuse').length, 0);
  }
  return clients.reduce((sum, { kept }) => sum + kept, 0);
}

/** `width` refreshes of one token at once, over all isolates of a stage: one call, one answer. */
export async function refreshAtOnce(stage, { width, agent }) {
  const { refreshToken } = await stage.server.login('ada');
  const before = stage.refreshes();
  const { urls } = stage.gateway;
  const answers = await Promise.all(Array.from({ length: width }, (_, n) => stage.refresh(refreshToken, { on: urls[n % urls.length], agent })));
  const texts = new Set(answers.map(({ status, text }) => `${status} ${text}`));
  assert.equal(texts.size, 1, [...texts].map((text) => text.slice(0, 200)).join('\n'));
  assert.equal(answers[0].status, 200, answers[0].text);
  assert.equal(stage.refreshes() - before, 1);
}
