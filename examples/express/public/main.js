// A page with a session in cookies: it never sees a token.
const element = (id) => document.getElementById(id);

/** JSON to the API. Every request goes to the host that the page came from, so that the cookies are sent along. */
async function ask(path, body) {
  const response = await fetch(path, body === undefined ? {} : {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  return { status: response.status, json: await response.json().catch(() => undefined) };
}

function say(text) {
  element('message').textContent = text;
}

function show(who) {
  element('login').hidden = who !== undefined;
  element('session').hidden = who === undefined;
  element('who').textContent = who ?? '';
}

/** What an answer means when it is no success: the session is over, or nobody can tell at the moment. */
function failed({ status }) {
  if (status === 401) {
    show(undefined);
    say('Please log in.');
  } else say(status === 503 ? 'The server is busy. Try again in a moment.' : 'That did not work.');
}

async function list() {
  const answer = await ask('/api/tasks');
  if (answer.status !== 200) return failed(answer);
  element('tasks').replaceChildren(...answer.json.map((text) => Object.assign(document.createElement('li'), { textContent: text })));
  return undefined;
}

/** Who is logged in, as the gateway says. */
async function begin() {
  const answer = await ask('/.edgeward/me');
  if (answer.status !== 200) return failed(answer);
  show(answer.json.email);
  say('');
  return list();
}

element('login').addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await ask('/session/login', Object.fromEntries(new FormData(event.target)));
  if (answer.status !== 200) return say(answer.status === 401 ? 'Wrong e-mail address or password.' : 'That did not work.');
  event.target.reset();
  return begin();
});

element('add').addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await ask('/api/tasks', Object.fromEntries(new FormData(event.target)));
  if (answer.status !== 201) return failed(answer);
  event.target.reset();
  return list();
});

element('logout').addEventListener('click', async () => {
  await ask('/session/logout', {});
  show(undefined);
  say('Logged out.');
});

await begin();
