// Markdown as GitHub reads it: the same anchors, so that a link works in both places.
import GithubSlugger from 'github-slugger';
import highlight from 'highlight.js';
import MarkdownIt from 'markdown-it';

/** Names of languages in the documents that highlight.js knows by another one. */
const LANGUAGES = { jsonc: 'json', sh: 'bash', toml: 'ini' };

/**
 * `site.address(source, href)` is where a link of the file `source` leads; undefined for what the site does not have. `site.label(source, href)`
 * is what the sidebar calls a page.
 */
export function markdownOf(site) {
  const markdown = new MarkdownIt({ html: false, linkify: false, highlight: highlighted });
  markdown.core.ruler.push('headings', identify);
  markdown.core.ruler.push('links', ({ tokens, env }) => lead(tokens, env.source, site));
  Object.assign(markdown.renderer.rules, {
    heading_close: closeHeading,
    table_open: () => '<div class="scroll"><table>\n',
    table_close: () => '</table></div>\n',
  });
  return markdown;
}

/** The headings of a text, as { level, text, id }. */
export function headingsOf(text) {
  const tokens = new MarkdownIt().parse(text, {});
  identify({ tokens });
  return tokens.flatMap(({ type, tag, attrs }, at) =>
    type === 'heading_open' ? [{ level: Number(tag[1]), text: plain(tokens[at + 1]), id: Object.fromEntries(attrs).id }] : []);
}

/** The addresses of a text's links and images. */
export function addressesOf(text) {
  const addresses = [];
  for (const { children } of new MarkdownIt().parse(text, {})) {
    for (const token of children ?? []) {
      const address = token.attrGet('href') ?? token.attrGet('src');
      if (address) addresses.push(address);
    }
  }
  return addresses;
}

/** The text between headings, as { id, heading, text }: what the search finds. */
export function sectionsOf(text) {
  const tokens = new MarkdownIt().parse(text, {});
  identify({ tokens });
  const sections = [];
  tokens.forEach((token, at) => {
    if (token.type === 'heading_open') sections.push({ id: token.attrGet('id'), heading: plain(tokens[at + 1]), text: [] });
    const isHeading = tokens[at - 1]?.type === 'heading_open';
    if (!isHeading && ['inline', 'fence', 'code_block'].includes(token.type)) sections.at(-1)?.text.push(plain(token));
  });
  return sections.map((section) => ({ ...section, text: section.text.join('\n') }));
}

/** The text of a file as one block of code. */
export function codeOf(text, name) {
  const language = name.split('.').at(-1).replace(/^rs$/, 'rust').replace(/^ya?ml$/, 'yaml');
  return `<pre><code>${highlighted(text, language)}</code></pre>`;
}

export function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function plain({ content, children }) {
  return children ? children.map((child) => child.type === 'image' ? '' : child.content || (child.type === 'softbreak' ? ' ' : '')).join('') : content;
}

function identify({ tokens }) {
  const slugger = new GithubSlugger();
  tokens.forEach((token, at) => {
    if (token.type === 'heading_open') token.attrSet('id', slugger.slug(plain(tokens[at + 1])));
  });
}

function lead(tokens, source, site) {
  for (const { children } of tokens) {
    for (const [at, token] of (children ?? []).entries()) {
      const name = { link_open: 'href', image: 'src' }[token.type];
      if (!name) continue;
      const href = token.attrGet(name);
      const address = site.address(source, href);
      if (address === undefined) unlink(children, at);
      else token.attrSet(name, address);
      if (name === 'href') rename(children[at + 1], href, site.label(source, href));
    }
  }
}

/** On the site there are pages: "docs/deploy.md has the rest" becomes "Deploy has the rest". */
function rename(token, href, label) {
  const [path] = href.split('#');
  if (label && token?.type === 'text' && path.endsWith('.md') && path.endsWith(token.content)) token.content = label;
}

/** A link to what is in the repository alone remains as its text. */
function unlink(tokens, at) {
  const end = tokens.findIndex(({ type }, later) => later > at && type === 'link_close');
  for (const token of [tokens[at], tokens[end]]) Object.assign(token, { type: 'text', tag: '', nesting: 0, content: '' });
}

function closeHeading(tokens, at, options, env, self) {
  const id = tokens[at - 2].attrGet('id');
  const label = escapeHtml(`Link to “${plain(tokens[at - 1])}”`);
  const anchor = tokens[at].tag === 'h1' ? '' : ` <a class="anchor" href="#${id}" aria-label="${label}">#</a>`;
  return `${anchor}${self.renderToken(tokens, at, options)}`;
}

function highlighted(text, name) {
  const language = LANGUAGES[name] ?? name;
  return highlight.getLanguage(language) ? highlight.highlight(text, { language }).value : escapeHtml(text);
}
