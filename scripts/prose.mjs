// Plain English in the documents and the messages of the command line: scripts/prose.mjs [--measure] lists sentences that are too long and words that have a plainer one (prose.yml).
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { TextlintKernel } from '@textlint/kernel';
import markdown from '@textlint/textlint-plugin-markdown';
import words from 'textlint-rule-prh';
import sentences from 'textlint-rule-sentence-length';

import { HELP } from '../pkg/cli/help.js';
import { KEY_REASONS, REASONS } from '../pkg/cli/reasons.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Characters, links and code as they are read; about 45 words. */
const LONGEST_SENTENCE = 240;
const FOLDERS = ['docs', 'docs/guides', 'docs/recipes'];
/** Measurements in prose: their sentences are lists of figures. */
const LONG_SENTENCES_ALLOWED = ['docs/performance.md'];

/** What the command line prints, a paragraph for each. */
const MESSAGES = {
  // Without synopses, and each option is a paragraph of its own.
  'pkg/cli/help.js': HELP.replace(/^ {2}edgeward .*/gm, '').replace(/^ +(?=--)/gm, '\n').replace(/^ +/gm, ''),
  'pkg/cli/reasons.js': [...Object.values(REASONS), ...Object.values(KEY_REASONS)].join('\n\n'),
};

const plain = (module) => module.default ?? module;
const pages = ['README.md', 'pkg/README.md', ...FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`))];

async function faults(page, text = readFileSync(join(ROOT, page), 'utf8')) {
  const rules = [
    { ruleId: 'words', rule: plain(words), options: { rulePaths: [join(ROOT, 'scripts/prose.yml')] } },
    ...(LONG_SENTENCES_ALLOWED.includes(page) ? [] : [{ ruleId: 'sentence-length', rule: plain(sentences), options: { max: LONGEST_SENTENCE } }]),
  ];
  const plugins = [{ pluginId: 'markdown', plugin: plain(markdown) }];
  const { messages } = await new TextlintKernel().lintText(text, { filePath: join(ROOT, page), ext: '.md', plugins, rules });
  return messages.map(({ loc, message }) => `${relative(process.cwd(), join(ROOT, page))}:${loc.start.line}: ${message.split('\n')[0]}`);
}

/** { words, sentences } of the prose of a page: no code, and each cell of a table by itself. */
function measured(page) {
  const text = readFileSync(join(ROOT, page), 'utf8').replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, 'code')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/^\|[-| :]+\|$/gm, '').replace(/^#+ (.*)$/gm, '$1.\n');
  const parts = text.split(/\n\s*\n|^\s*(?:[-*]|\d+\.)\s+|\s*\|\s*/m).map((part) => part.replace(/\s+/g, ' ').trim()).filter((part) => /[a-z]/i.test(part));
  const counts = parts.flatMap((part) => part.split(/(?<=[.!?])\s+(?=[A-Z"(*])/)).map((sentence) => sentence.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word)).length).filter(Boolean);
  return { words: counts.reduce((sum, count) => sum + count, 0), sentences: counts.length };
}

if (process.argv.includes('--measure')) {
  const all = pages.map(measured);
  const sum = (name) => all.reduce((total, { [name]: count }) => total + count, 0);
  console.log(`${sum('words')} words in ${sum('sentences')} sentences: ${(sum('words') / sum('sentences')).toFixed(2)} words each`);
} else {
  const found = (await Promise.all([...pages.map((page) => faults(page)), ...Object.entries(MESSAGES).map(([file, text]) => faults(file, text))])).flat();
  found.forEach((line) => console.log(line));
  if (found.length > 0) console.log(`${found.length} to write plainly`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
