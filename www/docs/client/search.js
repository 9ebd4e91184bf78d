// The index, made in the page: the texts alone are smaller than an index of them.
import documents from 'documents';
import MiniSearch from 'minisearch';

const MOST_RESULTS = 30;
const EXCERPT = { before: 60, length: 180 };
/** How much more a section counts that has the query as it was typed: a code, a name, a message. */
const AS_TYPED = 4;

const index = new MiniSearch({
  fields: ['heading', 'page', 'text'],
  // A word is letters and digits: `x-auth-subject` and `bound_seconds=5` are found by each of theirs.
  tokenize: (text) => text.split(/[^\p{L}\p{N}]+/u),
  searchOptions: {
    boost: { heading: 4, page: 2 },
    combineWith: 'AND',
    prefix: (term) => term.length > 2,
    fuzzy: (term) => term.length > 5 ? 0.15 : false,
    boostDocument: (id, term, { folded }) => folded.includes(typed) ? AS_TYPED : 1,
  },
  storeFields: ['folded'],
});
let typed = '';
index.addAll(documents.map(([, page, heading, text], id) => ({ id, page, heading, text, folded: `${heading}\n${text}`.toLowerCase() })));

/** { total, best }: the best sections as { url, page, heading, excerpt }, where an excerpt is a list of [text, whether it matches]. */
globalThis.searchDocumentation = (query) => {
  typed = query.toLowerCase();
  const found = index.search(query);
  const best = found.slice(0, MOST_RESULTS).map(({ id, terms }) => {
    const [url, page, heading, text] = documents[id];
    return { url, page, heading, excerpt: excerpt(text, terms) };
  });
  return { total: found.length, best };
};

function excerpt(text, terms) {
  const words = `(?<![\\p{L}\\p{N}])(?:${terms.join('|')})(?![\\p{L}\\p{N}])`;
  const pattern = new RegExp(`(${typed.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}|${words})`, 'giu');
  const asTyped = text.toLowerCase().indexOf(typed);
  const from = Math.max(0, (asTyped < 0 ? text.search(pattern) : asTyped) - EXCERPT.before);
  const start = from === 0 ? 0 : text.indexOf(' ', from) + 1;
  const part = text.slice(start, start + EXCERPT.length).replace(/\s\S*$/, '');
  const pieces = part.split(pattern).map((piece, at) => [piece, at % 2 === 1]).filter(([piece]) => piece);
  return [...start > 0 ? [['… ', false]] : [], ...pieces, ...start + part.length < text.length ? [[' …', false]] : []];
}
