// The documentation as a static site. All addresses are relative, so it works under any path of any host, also from a folder on disk.
import { writeFileSync } from 'node:fs';

import { buildAssets } from './assets.js';
import { codeOf, markdownOf, sectionsOf } from './markdown.js';
import { linksOf, readSite, relative } from './pages.js';

const OUT = 'build/www/.edgeward/docs';

export default function site(eleventy) {
  const read = readSite();
  eleventy.setUseGitIgnore(false);
  eleventy.setLibrary('md', markdownOf(linksOf(read)));
  eleventy.addFilter('from', (to, from) => relative(from, to));
  const names = (pages) => pages.map(({ url, label }) => ({ url, label }));
  eleventy.addGlobalData('parts', read.parts.map(({ title, pages }) => ({ title, pages: names(pages) })));
  for (const page of read.pages) addPage(eleventy, page, read);
  for (const [source, url] of read.files) eleventy.addPassthroughCopy({ [source]: url });
  eleventy.on('eleventy.after', async () => {
    await buildAssets(OUT, documents(read));
    writeFileSync('build/www-docs.inputs', [...read.pages.map(({ source }) => source), ...read.files.map(([source]) => source), ''].join('\n'));
  });
  return {
    dir: { input: 'www/docs', output: OUT },
    templateFormats: ['md', 'html'],
    markdownTemplateEngine: false,
    htmlTemplateEngine: false,
  };
}

function addPage(eleventy, { source, url, title, text, headings, isCode }, { parts }) {
  const order = parts.flatMap(({ pages }) => pages);
  const at = order.findIndex((page) => page.url === url);
  const data = {
    source, url, title, isCode, layout: 'layout.njk', permalink: url, headings: headings.filter(({ level }) => level === 2 || level === 3),
    before: order[at - 1], after: at < 0 ? undefined : order[at + 1], part: parts.find(({ pages }) => pages.some((page) => page.url === url))?.title,
  };
  const name = url.replace(/\.html$/, isCode ? '.code.html' : '.md');
  eleventy.addTemplate(name, isCode ? codeOf(text, source) : text, data);
}

/** What the search looks through: a section each, as [url, page, heading, text]. */
function documents({ pages }) {
  return pages.filter(({ isCode }) => !isCode).flatMap(({ url, label, text }) => sectionsOf(text).map((section, at) =>
    [at === 0 ? url : `${url}#${section.id}`, label, section.heading, section.text]));
}
