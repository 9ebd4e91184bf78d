// The dialog that searches. Its index is a script of its own, because a page read from disk may load scripts and nothing else.
const root = () => document.documentElement.dataset.root;
const byId = (id) => document.getElementById(`site-${id}`);
let loading;

export function mountSearch() {
  const [button, query] = [byId('open-search'), byId('query')];
  button.hidden = false;
  button.addEventListener('click', open);
  byId('close-search').addEventListener('click', () => byId('search').close());
  query.addEventListener('input', show);
  byId('search').addEventListener('keydown', move);
  document.addEventListener('keydown', openByKey);
  // A result on the page itself only changes the fragment.
  byId('results').addEventListener('click', ({ target }) => { if (target.closest('a')) byId('search').close(); });
}

function open() {
  byId('search').showModal();
  byId('query').select();
  show();
}

function openByKey(event) {
  const isTyping = event.target.closest?.('input, textarea, select, dialog');
  const isSlash = event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
  const isControlK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey);
  if (!isSlash && !isControlK) return;
  event.preventDefault();
  if (!byId('search').open) open();
}

async function show() {
  const text = byId('query').value.trim();
  let search;
  try {
    search = await loaded();
  } catch {
    byId('found').textContent = 'The search index did not load. Reload the page to try again.';
    return;
  }
  if (text !== byId('query').value.trim()) return;
  const { total, best } = text ? search(text) : { total: 0, best: [] };
  byId('found').textContent = text ? counted(total, best.length) : '';
  byId('results').replaceChildren(...best.map(listed));
}

function counted(total, shown) {
  if (total === 0) return 'Nothing found';
  if (total > shown) return `The best ${shown} of ${total} sections`;
  return total === 1 ? '1 section' : `${total} sections`;
}

function loaded() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${root()}search.js`;
    script.addEventListener('load', () => resolve(globalThis.searchDocumentation));
    script.addEventListener('error', () => {
      loading = undefined;
      reject(new Error('not loaded'));
    });
    document.head.append(script);
  });
  return loading;
}

function listed({ url, page, heading, excerpt }) {
  const [item, link, title, place, text] = ['li', 'a', 'strong', 'span', 'span'].map((name) => document.createElement(name));
  link.href = root() + url;
  title.textContent = heading;
  place.textContent = page === heading ? '' : page;
  place.className = 'place';
  text.className = 'excerpt';
  text.append(...excerpt.map(([words, isMatch]) => isMatch ? Object.assign(document.createElement('mark'), { textContent: words }) : words));
  link.append(title, place, text);
  item.append(link);
  return item;
}

/** Arrow keys go through the results; Enter in the field opens the first one; Escape closes, where the field alone would be emptied first. */
function move(event) {
  if (event.key === 'Escape') byId('search').close();
  const places = [byId('query'), ...byId('results').querySelectorAll('a')];
  const at = places.indexOf(document.activeElement);
  if (event.key === 'Enter' && at === 0) places[1]?.click();
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (next === undefined || at < 0) return;
  event.preventDefault();
  places[next]?.focus();
}
