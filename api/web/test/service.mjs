/** What the browser tests need: a service with the demo's city, and a browser. */
import {execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {inflateSync} from 'node:zlib';
import {chromium} from 'playwright-core';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** The program, with the interactive map: that of make build unless CIVGRID names another. */
export const program = process.env.CIVGRID ?? join(root, 'bin', 'civgrid');
export const axe = createRequire(import.meta.url).resolve('axe-core');

/** Flags by which Debian's Chromium draws WebGL without a graphics card, and those by which it does not. */
const software = ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];
const none = ['--no-sandbox', '--disable-gpu', '--disable-software-rasterizer'];

export const launch = ({webgl = true} = {}) => chromium.launch({executablePath: '/usr/bin/chromium', args: webgl ? software : none});

/** Makes the demo's city once, in a folder of its own, and serves it. */
export async function demo(...flags) {
  const folder = mkdtempSync(join(tmpdir(), 'civgrid-web-'));
  const store = join(folder, 'city.gpkg');
  execFileSync(program, ['demo', '--once', '--quiet', '--store', store], {stdio: ['ignore', 'ignore', 'inherit']});
  const served = await serve(store, ...flags);
  return {...served, store, folder, close: async () => { await served.close(); rmSync(folder, {recursive: true}); }};
}

/** Makes a store of files, a map of names to content, imported in turn. */
export async function city(files, ...imports) {
  const folder = mkdtempSync(join(tmpdir(), 'civgrid-web-'));
  const store = join(folder, 'city.gpkg');
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  for (const args of imports) execFileSync(program, ['import', ...args, '--store', store, '--quiet'], {cwd: folder, stdio: ['ignore', 'ignore', 'inherit']});
  const served = await serve(store);
  return {...served, store, folder, close: async () => { await served.close(); rmSync(folder, {recursive: true}); }};
}

/** Serves a store on a free port, and says where. */
export async function serve(store, ...flags) {
  const child = spawn(program, ['serve', '--store', store, '--addr', '127.0.0.1:0', ...flags], {stdio: ['ignore', 'pipe', 'pipe']});
  const ended = new Promise(done => child.once('exit', done));
  let told = '';
  const url = await new Promise((done, fail) => {
    const hear = text => {
      told += text;
      const at = told.match(/Map\s+(http:\S+)/);
      if (at) done(at[1]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', code => fail(new Error(`serve ended with ${code}: ${told}`)));
  });
  return {url, close: async () => { child.kill('SIGINT'); await ended; }};
}

/** Opens an address in a new context, and waits until all is drawn. Errors of the page are in page.faults. */
export async function open(browser, url, {hooks = true, ...options} = {}) {
  const context = await browser.newContext({viewport: {width: 1440, height: 900}, locale: 'en', ...options});
  const page = await context.newPage();
  page.faults = [];
  page.requests = [];
  page.on('console', message => { if (message.type() === 'error') page.faults.push(message.text()); });
  page.on('pageerror', error => page.faults.push(String(error)));
  page.on('request', request => page.requests.push(request.url()));
  const address = new URL(url);
  if (hooks) address.searchParams.set('test', '1');
  await page.goto(address.href);
  await ready(page);
  return page;
}

/** Waits until the page has come to rest. */
export async function ready(page) {
  await page.waitForFunction(() => document.body.dataset.state !== 'loading', null, {timeout: 60000});
  await page.evaluate(() => window.app?.idle());
}

/** Does something that shows another page, and waits for it. */
export async function then(page, act) {
  const before = page.url();
  await act();
  await page.waitForFunction(was => location.href !== was && document.body.dataset.state !== 'loading', before, {timeout: 60000});
  await ready(page);
}

/** Returns the colour of a point of the screen: a picture of one pixel holds it behind the byte of its filter. */
export async function pixel(page, [x, y]) {
  const png = await page.screenshot({clip: {x: Math.floor(x), y: Math.floor(y), width: 1, height: 1}});
  const parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return [...inflateSync(Buffer.concat(parts)).subarray(1, 4)];
}

/** Returns the red, green and blue of a colour such as #a50f15. */
export const rgb = colour => [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16));

/** Whether two colours are the same, as near as antialiasing lets them be. */
export const alike = (a, b) => a.every((x, i) => Math.abs(x - b[i]) <= 12);

/** Returns what the service answers as JSON. */
export async function json(url) {
  const answer = await fetch(url, {headers: {Accept: 'application/json, application/geo+json;q=0.9'}});
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Returns the legend of the page: class, colour and count of each item. */
export const legend = page => page.$$eval('[data-testid=legend-item]', items => items.map(i => ({
  key: i.dataset.class, colour: i.dataset.color, count: Number(i.querySelector('.count').textContent.replaceAll(',', '')),
})));
