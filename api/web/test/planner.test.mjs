/** The planner's journeys on the demo's city. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {alike, axe, demo, json, launch, legend, open, pixel, ready, rgb, then} from './service.mjs';

let service, browser;
before(async () => { [service, browser] = await Promise.all([demo(), launch()]); });
after(async () => { await browser?.close(); await service?.close(); });

const text = (page, id) => page.locator(`[data-testid=${id}]`).first().innerText();
const at = path => service.url + path;
/** Ends a test with nothing that the page complained of. */
const quiet = page => assert.deepEqual(page.faults, []);

test('P1 first look', async t => {
  const start = Date.now();
  const page = await open(browser, at(''));
  t.diagnostic(`first map after ${Date.now() - start} ms`);
  assert.ok(Date.now() - start < 15000, 'the first map takes longer than 15 s');
  assert.equal(await page.getAttribute('body', 'data-renderer'), 'webgl');
  const classes = await legend(page);
  assert.equal(classes[0].key, 'hot99');
  assert.equal(classes.filter(c => /^(hot|cold)\d\d$|^ns$/.test(c.key)).length, 7);
  assert.ok(await page.locator('[data-testid=kpi]').count() >= 3);
  assert.ok(await page.locator('[data-testid=rank-row]').count() >= 10);
  assert.match(await text(page, 'provenance'), /Data version \S+ · 2025-01-01 .*H3 .*resolution \d+.*as of/);
  for (const url of page.requests) assert.ok(url.startsWith(at('')) || /^(blob|data):/.test(url), `a request leaves the origin: ${url}`);
  const sizes = await page.evaluate(() => performance.getEntriesByType('resource').filter(r => r.name.includes('/static/')).reduce((sum, r) => sum + r.encodedBodySize, 0));
  t.diagnostic(`${sizes} bytes of styles and scripts`);
  assert.ok(sizes > 0 && sizes <= 550_000, `${sizes} bytes before data`);
  quiet(page);
});

test('P2 the colour on the glass is that of the legend, and the class that of the service', async t => {
  const page = await open(browser, at(''));
  const res = new URL(page.url()).searchParams.get('res');
  const names = Object.fromEntries((await legend(page)).map(c => [c.key, c.colour]));
  let looked = 0;
  for (const [key, colour] of Object.entries(names)) {
    const cells = await page.evaluate(k => window.app.cellsOf(k), key);
    let seen = 0;
    for (const cell of cells.slice(0, 6)) {
      const item = await json(at(`collections/hotspot/items/${cell}?res=${res}`));
      assert.equal(item.properties.class ?? 'no_data', key, `class of ${cell}`);
      const got = await pixel(page, await page.evaluate(c => window.app.screenOf(c), cell));
      if (alike(got, rgb(colour))) seen++;
      const other = Object.entries(names).find(([k, c]) => k !== key && alike(got, rgb(c)));
      assert.ok(alike(got, rgb(colour)) || !other, `${cell} is ${key} and has the colour of ${other?.[0]}`);
    }
    if (cells.length) {
      looked++;
      assert.ok(seen > 0, `no cell of ${key} has the colour ${colour}`);
    }
  }
  t.diagnostic(`${looked} classes looked at`);
  assert.ok(looked >= 5);
  quiet(page);
});

test('P3 a click on a cell says why', async () => {
  const page = await open(browser, at(''));
  const [cell] = await page.evaluate(() => window.app.cellsOf('hot99'));
  const [x, y] = await page.evaluate(c => window.app.screenOf(c), cell);
  await then(page, () => page.mouse.click(x, y));
  assert.equal(await page.getAttribute('[data-testid=popup]', 'data-cell'), cell);
  assert.equal(new URL(page.url()).searchParams.get('sel'), cell);
  assert.match(await text(page, 'popup-why'), /99%/);
  const item = await json(at(`collections/hotspot/items/${cell}?res=${new URL(page.url()).searchParams.get('res')}`));
  const values = await text(page, 'popup');
  assert.ok(values.includes(item.properties.observed.toLocaleString('en')), `${item.properties.observed} reports are not in ${values}`);
  assert.ok(values.includes(String(Number(item.properties.gi_z.toPrecision(3)))), `${item.properties.gi_z} is not in ${values}`);
  quiet(page);
});

test('P4 legend, unit and ranking change together', async () => {
  const page = await open(browser, at('?level=district'));
  await page.evaluate(() => {
    window.frames = new Set();
    const look = () => {
      const t = s => document.querySelector(s)?.textContent;
      window.frames.add([t('h1'), t('.legend strong'), [...document.querySelectorAll('[data-testid=rank] thead th')].map(h => h.textContent)].join(' | '));
      requestAnimationFrame(look);
    };
    look();
  });
  const start = Date.now();
  await then(page, () => page.click('[data-testid=indicator] [data-key=density]'));
  assert.ok(Date.now() - start < 5000, `${Date.now() - start} ms`);
  assert.equal((await page.evaluate(() => [...window.frames])).length, 2, 'there was a frame of both');
  const item = await json(at('collections/density-district/items?limit=1'));
  assert.ok('density' in item.features[0].properties);
  quiet(page);
});

test('P5 levels have as many rows as the service says, and the facts add up', async () => {
  const page = await open(browser, at('?layer=density&level=district'));
  for (const level of ['street', 'community', 'unit_grid']) {
    await then(page, () => page.click(`[data-testid=level] [data-key=${level}]`));
    const {numberMatched} = await json(at(`collections/density-${level}/items?limit=1`));
    const shown = Number((await page.locator('.head .quiet').innerText()).match(/([\d,]+) rows/)[1].replaceAll(',', ''));
    assert.equal(shown, numberMatched, level);
    const [total, ...rest] = (await text(page, 'balance')).match(/[\d,]+/g).map(n => Number(n.replaceAll(',', '')));
    assert.equal(rest.reduce((a, b) => a + b), total, `balance of ${level}`);
  }
  quiet(page);
});

test('P6 the ranking is that of the service, can be ordered, and leads to the map', async () => {
  const page = await open(browser, at('?layer=compliance&level=street&all=true'));
  const codes = () => page.$$eval('[data-testid=rank-row]', rows => rows.map(r => r.dataset.code));
  const rank = await page.$$eval('[data-testid=rank-row] td:first-child', cells => cells.map(c => c.textContent));
  const ranked = (await codes()).filter((_, i) => rank[i] !== '–');
  const {features} = await json(at('collections/compliance-street/items?limit=1000'));
  const of = Object.fromEntries(features.map(f => [f.properties.code, f.properties]));
  const shares = ranked.map(code => of[code].share);
  assert.ok(shares.length > 3 && ranked.every(code => of[code].status !== 'insufficient'));
  assert.deepEqual(shares, [...shares].sort((a, b) => a - b), 'the worst is not first');
  assert.equal(rank.length, features.length, 'rows without a rank are not listed');
  for (const status of await page.$$('[data-testid=status]')) {
    assert.ok(await status.$('svg path, svg circle, svg rect') && (await status.innerText()).trim(), 'a status without shape or word');
  }
  const heads = await page.locator('[data-testid=rank] thead a').count();
  for (let i = 0; i < heads; i++) {
    await then(page, () => page.locator('[data-testid=rank] thead a').nth(i).click());
    const column = new URL(page.url()).searchParams.get('sort').replace('-', '');
    const values = (await codes()).map(code => of[code][column]);
    const known = values.filter(v => v != null);
    assert.deepEqual(values.slice(0, known.length), known, `${column}: those without a value are not last`);
    if (typeof known[0] === 'number') assert.deepEqual(known, [...known].sort((a, b) => b - a), column);
  }
  await then(page, () => page.locator('[data-testid=rank-row] a').first().click());
  assert.equal(await page.getAttribute('[data-testid=popup]', 'data-cell'), (await codes())[0]);
  quiet(page);
});

test('P7 two periods are compared, and swapped', async () => {
  const page = await open(browser, at('?layer=density&level=street&from=2025-03-01&to=2025-04-01'));
  await then(page, () => page.selectOption('[data-testid=compare]', '2025-06'));
  const classes = await legend(page);
  assert.deepEqual(classes.map(c => c.key).slice(0, 3), ['increase', 'decrease', 'unclear']);
  const read = () => page.$$eval('[data-testid=rank-row]', rows => Object.fromEntries(rows.map(r => [r.dataset.code, r.innerText])));
  const changes = async query => {
    const {features} = await json(at(`collections/density-street/items?limit=1000&${query}`));
    return Object.fromEntries(features.map(f => [f.properties.code, f.properties]));
  };
  const one = await changes(new URL(page.url()).searchParams.toString().replace(/(layer|level|lang|test)=[^&]*&?/g, ''));
  const decreased = Object.values(one).filter(p => p.status === 'decrease').length;
  assert.equal(classes[1].count, decreased);
  assert.ok(decreased > 0);
  const before = await read();
  await then(page, () => page.click('[data-testid=swap]'));
  const swapped = await legend(page);
  assert.deepEqual(swapped.map(c => c.colour), classes.map(c => c.colour));
  assert.equal(swapped[0].count, classes[1].count);
  const two = await changes(new URL(page.url()).searchParams.toString().replace(/(layer|level|lang|test)=[^&]*&?/g, ''));
  for (const code of Object.keys(one)) {
    assert.equal(two[code].change, -one[code].change, code);
    assert.equal(two[code].value, one[code].value_before, code);
  }
  assert.notDeepEqual(await read(), before);
  quiet(page);
});

test('P8 the slider goes through the months', async () => {
  const page = await open(browser, at('?layer=density&level=district'));
  const slider = page.locator('[data-testid=time-slider]');
  await slider.focus();
  const reached = new Set();
  for (let i = 0; i < 3; i++) {
    await then(page, () => page.keyboard.press('ArrowLeft'));
    const month = await text(page, 'step');
    const {from, to} = Object.fromEntries(new URL(page.url()).searchParams);
    assert.ok(month.startsWith(from), `${month} is not of ${from}`);
    const {features} = await json(at(`collections/density-district/items?from=${from}&to=${to}&limit=1000`));
    const [, rows] = (await text(page, 'balance')).match(/= ([\d,]+)/);
    assert.equal(Number(rows.replaceAll(',', '')), features.reduce((sum, f) => sum + f.properties.observed, 0), month);
    reached.add(from);
  }
  assert.equal(reached.size, 3);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'time-slider', 'the focus is lost');
  const moving = page.url();
  await then(page, () => page.click('[data-testid=play]'));
  await page.waitForFunction(was => location.href !== was, page.url(), {timeout: 30000});
  assert.notEqual(page.url(), moving);
  await page.click('[data-testid=play]');
  quiet(page);
  const still = await open(browser, at('?layer=density&level=district&from=2025-03-01&to=2025-04-01'), {reducedMotion: 'reduce'});
  await then(still, () => still.click('[data-testid=play]'));
  const one = still.url();
  await still.waitForTimeout(3000);
  assert.equal(still.url(), one, 'it plays although motion is unwelcome');
});

test('P9 weekdays and hours', async () => {
  const page = await open(browser, at('?layer=response&level=district'));
  const cells = await page.$$eval('[data-testid=heat-cell]', list => list.map(c => Number(c.dataset.value)));
  assert.equal(cells.length, 168);
  const note = await page.locator('[data-testid=heat]').locator('xpath=ancestor::section').locator('p').innerText();
  assert.equal(Number(note.match(/[\d,]+/)[0].replaceAll(',', '')), cells.reduce((a, b) => a + b));
  assert.match(note, /Asia\/Shanghai/);
  const tuesday = page.locator('[data-testid=heat-cell][data-dow="2"][data-hour="19"]');
  const value = Number(await tuesday.getAttribute('data-value'));
  await then(page, () => tuesday.locator('a').click());
  assert.match(await page.locator('.chips').innerText(), /Tue[^]*19:00/);
  const left = await page.$$eval('[data-testid=heat-cell]', list => list.filter(c => c.dataset.value !== '0').map(c => [c.dataset.dow, c.dataset.hour, Number(c.dataset.value)]));
  assert.deepEqual(left, [['2', '19', value]]);
  await page.locator('[data-testid=heat-cell][data-dow="1"][data-hour="0"] a').focus();
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.dataset.dow), '2');
  quiet(page);
});

test('P10 a shared link shows the same', async () => {
  const page = await open(browser, at('?layer=density&level=street'));
  await then(page, () => page.locator('[data-testid=rank-row] a').nth(1).click());
  await then(page, () => page.click('[data-testid=lang] [data-key=zh-Hant]'));
  const box = await page.locator('#glass').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, -300);
  await page.waitForTimeout(800);
  await page.evaluate(() => window.app.idle());
  await page.click('[data-testid=share]');
  await page.waitForFunction(() => location.hash.startsWith('#c='));
  const link = page.url().replace('test=1&', '').replace(/[?&]test=1/, '');
  assert.ok(link.length <= 500, `${link.length} characters`);
  const code = await page.getAttribute('[data-testid=popup]', 'data-cell');
  const here = await page.evaluate(c => window.app.screenOf(c), code);
  const other = await open(browser, link);
  for (const read of [p => p.locator('h1').innerText(), p => p.getAttribute('html', 'lang'), p => p.getAttribute('[data-testid=popup]', 'data-cell'), p => p.locator('[data-testid=level] [aria-current]').getAttribute('data-key')]) {
    assert.equal(await read(other), await read(page));
  }
  const there = await other.evaluate(c => window.app.screenOf(c), code);
  for (const i of [0, 1]) assert.ok(Math.abs(here[i] - there[i]) <= 1, `${here} became ${there}`);
  quiet(page);
});

test('P11 downloads hold what is shown', async () => {
  const page = await open(browser, at('?layer=density&level=district&from=2025-03-01&to=2025-04-01&lang=zh-Hans'));
  const rows = await page.$$eval('[data-testid=rank-row]', list => list.length);
  const links = await page.$$eval('[data-testid=download] a', list => list.map(a => [a.dataset.key, a.href]));
  assert.ok(links.length >= 4);
  for (const [key, href] of links) {
    const answer = await fetch(href);
    assert.equal(answer.status, 200, href);
    const bytes = Buffer.from(await answer.arrayBuffer()), content = bytes.toString('utf8');
    if (key === 'geojson') assert.equal(JSON.parse(content).features.length, rows);
    if (key === 'csv') {
      assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'no byte order mark for Excel');
      assert.equal(content.trim().split('\n').length, rows + 1);
      assert.match(content, /麓园区/);
    }
    if (key === 'svg') assert.match(content, /^<svg[^]*麓园区/);
  }
});

test('P12 languages change in place, and nothing is left untranslated', async () => {
  const page = await open(browser, at('?layer=hotspot&level=street'));
  await page.evaluate(() => { window.same = true; });
  const keys = Object.keys(JSON.parse(readFileSync(new URL('../i18n/en.json', import.meta.url))).text).filter(k => k.includes('.'));
  for (const lang of ['zh-Hant', 'zh-Hans', 'en']) {
    await then(page, () => page.click(`[data-testid=lang] [data-key=${lang}]`));
    assert.equal(await page.getAttribute('html', 'lang'), lang);
    assert.ok(await page.evaluate(() => window.same), 'the page was loaded anew');
    const shown = await page.locator('body').innerText();
    assert.deepEqual(keys.filter(k => new RegExp(`(^|\\s)${k.replaceAll('.', '\\.')}(\\s|$)`).test(shown)), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${lang}: ${wide} pixels wider than the screen`);
  }
  quiet(page);
});

test('P13 keyboard alone, and nothing serious by axe', async () => {
  for (const query of ['', '?layer=compliance&level=street', '?layer=response&level=district', '?layer=indicator']) {
    const page = await open(browser, at(query), {bypassCSP: true});
    await page.addScriptTag({path: axe});
    const {violations} = await page.evaluate(() => window.axe.run(document, {resultTypes: ['violations']}));
    const grave = violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => `${v.id}: ${v.nodes.map(n => n.html).slice(0, 2).join(' ')}`);
    assert.deepEqual(grave, [], query);
    await page.context().close();
  }
  const page = await open(browser, at('?level=street'));
  const seen = new Set();
  for (let i = 0; i < 90; i++) {
    await page.keyboard.press('Tab');
    seen.add(await page.evaluate(() => {
      const e = document.activeElement;
      return e.classList.contains('maplibregl-canvas') ? 'glass' : e.closest('[data-testid]')?.dataset.testid ?? e.className;
    }));
  }
  for (const control of ['indicator', 'lang', 'level', 'share', 'period', 'glass', 'play', 'time-slider', 'rank-row', 'download']) assert.ok(seen.has(control), `${control} cannot be reached: ${[...seen]}`);
  await page.locator('[data-testid=rank-row] a').first().focus();
  await then(page, () => page.keyboard.press('Enter'));
  assert.ok(await page.locator('[data-testid=popup]').isVisible());
});

test('P14 the report prints on A4', async () => {
  const page = await open(browser, at('?layer=indicator'));
  const href = await page.getAttribute('[data-testid=download] [data-key=report]', 'href');
  const report = await open(browser, at(href), {hooks: false});
  assert.equal(await report.locator('table').count() >= 4, true);
  assert.ok(await report.locator('svg.map').isVisible());
  assert.equal(await report.locator('button, select, input').count(), 0);
  const pdf = (await report.pdf({preferCSSPageSize: true})).toString('latin1');
  const boxes = [...pdf.matchAll(/\/MediaBox\s*\[([^\]]*)\]/g)].map(m => m[1].trim().split(/\s+/).map(Number));
  assert.ok(boxes.length >= 1);
  for (const [, , width, height] of boxes) {
    const [short, long] = [width, height].sort((a, b) => a - b);
    assert.ok(Math.abs(short - 595) < 2 && Math.abs(long - 842) < 2, `a page of ${width} by ${height} points`);
  }
});
