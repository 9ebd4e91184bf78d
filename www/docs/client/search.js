// The index, made in the page: the texts alone are smaller than an index of them.
import documents from 'documents';
import MiniSearch from 'minisearch';

const MOST_RESULTS = 30;
const EXCERPT = { before: 60, length: 180 };

const index = new MiniSearch({
  fields: ['heading', 'page', 'text'],
  storeFields: [],
  searchOptions: { boost: { heading: 4, page: 2 }, combineWith: 'AND', prefix: true, fuzzy: (term) => term.length > 5 ? 0.15 : false },
});
index.addAll(documents.map(([, page, heading, text], id) => ({ id, page, heading, text })));

/** The best sections, as { url, page, heading, excerpt }, where an excerpt is a list of [text, whether it matches]. */
globalThis.searchDocumentation = (query) => index.search(query).slice(0, MOST_RESULTS).map(({ id, terms }) => {
  const [url, page, heading, text] = documents[id];
  return { url, page, heading, excerpt: excerpt(text, terms) };
});

function excerpt(text, terms) {
  const pattern = new RegExp(`(${terms.map((term) => term.replace(/[^\p{L}\p{N}]/gu, '\\$&')).join('|')})`, 'giu');
  const from = Math.max(0, text.search(pattern) - EXCERPT.before);
  const start = from === 0 ? 0 : text.indexOf(' ', from) + 1;
  const part = text.slice(start, start + EXCERPT.length).replace(/\s\S*$/, '');
  const pieces = part.split(pattern).map((words, at) => [words, at % 2 === 1]).filter(([words]) => words);
  return [...start > 0 ? [['… ', false]] : [], ...pieces, ...start + part.length < text.length ? [[' …', false]] : []];
}
