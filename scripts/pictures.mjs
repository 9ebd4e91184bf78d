// Takes the pictures of the playground that the README shows: scripts/pictures.mjs, after scripts/www.sh. CHROMIUM names a browser.

import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';
import sharp from 'sharp'; // comes with miniflare

const FILES = 'build/www/.edgeward/playground';
const OUT = 'docs/images';
const MAX_BYTES = 150_000;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.svg': 'image/svg+xml' };
const PICTURES = [
  { name: 'playground-refused', colorScheme: 'light', example: 'Missing role', height: 1200 },
  { name: 'playground-passes', colorScheme: 'dark', example: 'Passes', tab: 'Configuration', height: 880 },
];

const server = createServer(serve).listen(0, '127.0.0.1');
const noted = existsSync('.tools/chromium') ? readFileSync('.tools/chromium', 'utf8').trim() : '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? noted, args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-lcd-text'] });
mkdirSync(OUT, { recursive: true });
for (const picture of PICTURES) await take(picture);
await browser.close();
server.close();

function serve({ url }, answer) {
  const { pathname } = new URL(url, 'http://localhost');
  const file = join(FILES, pathname === '/' ? 'index.html' : pathname);
  if (!existsSync(file)) return answer.writeHead(404).end();
  return answer.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(readFileSync(file));
}

async function take({ name, colorScheme, example, tab, height }) {
  const page = await browser.newPage({ viewport: { width: 1280, height }, colorScheme, locale: 'en-GB' });
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true');
  await page.getByRole('button', { name: example, exact: true }).click();
  await page.locator('.stretch').first().waitFor();
  if (tab) {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('textbox', { name: 'Configuration' }).focus();
    await page.locator('.cm-content').waitFor();
  }
  await page.waitForTimeout(500);
  const path = join(OUT, `${name}.png`);
  await sharp(await page.screenshot()).png({ palette: true, colours: 128, dither: 0, compressionLevel: 9 }).toFile(path);
  const bytes = statSync(path).size;
  console.log(`   ${path}  ${(bytes / 1000).toFixed(1)} kB`);
  if (bytes > MAX_BYTES) throw new Error(`expected at most ${MAX_BYTES} bytes`);
  await page.close();
}
