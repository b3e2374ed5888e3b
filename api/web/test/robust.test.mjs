/** What happens when something is missing, broken, hostile or large. */
import assert from 'node:assert/strict';
import {createServer, request} from 'node:http';
import {after, before, test} from 'node:test';
import {city, demo, json, launch, legend, open, ready, then} from './service.mjs';

let service, browser;
before(async () => { [service, browser] = await Promise.all([demo(), launch()]); });
after(async () => { await browser?.close(); await service?.close(); });

const at = path => service.url + path;
const quiet = page => assert.deepEqual(page.faults, []);

/** What a page without the interactive map still shows. */
async function whole(page) {
  assert.equal(await page.getAttribute('body', 'data-renderer'), 'svg');
  assert.ok(await page.locator('svg.map').isVisible());
  assert.ok(await page.locator('[data-testid=rank-row]').count() >= 4);
  assert.ok(await page.locator('[data-testid=download] a').count() >= 4);
  await page.locator('[data-testid=level] [data-key=street]').click();
  await page.waitForURL(/level=street/);
  await ready(page);
  assert.ok(await page.locator('svg.map a path').count() >= 20);
}

test('X1 without WebGL the map of the server is shown', async () => {
  const blind = await launch({webgl: false});
  try {
    await whole(await open(blind, at('?level=district')));
  } finally {
    await blind.close();
  }
});

test('X2 without JavaScript everything is there', async () => {
  await whole(await open(browser, at('?level=district'), {javaScriptEnabled: false, hooks: false}));
});

test('X3 when the service fails the last view stays', async () => {
  const page = await open(browser, at('?layer=density&level=district'));
  const before = await page.locator('h1').innerText();
  await page.route('**/?*', route => route.fulfill({status: 500, body: 'broken'}));
  await page.click('[data-testid=level] [data-key=street]');
  await page.locator('[data-testid=error]').waitFor();
  assert.equal(await page.locator('h1').innerText(), before);
  assert.ok(await page.locator('#glass canvas').isVisible());
  await page.unroute('**/?*');
  await then(page, () => page.locator('[data-testid=error] button').click());
  assert.equal(await page.locator('[data-testid=error]').count(), 0);
  assert.equal(await page.locator('[data-testid=level] [aria-current]').getAttribute('data-key'), 'street');
});

test('a page that begins without a map gets one later', async () => {
  const page = await open(browser, at('?layer=density&level=district&from=nonsense'));
  assert.equal(await page.getAttribute('body', 'data-state'), 'error');
  await then(page, () => page.locator('[data-testid=error] a').click());
  assert.equal(await page.getAttribute('body', 'data-renderer'), 'webgl');
  assert.ok(await page.locator('#glass canvas').isVisible());
});

test('X4 the policy is strict, and nothing goes against it', async () => {
  const {headers} = await fetch(at(''), {headers: {Accept: 'text/html'}});
  const policy = headers.get('content-security-policy');
  assert.match(policy, /^default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|blob:|https?:/);
  const page = await open(browser, at('?level=district'));
  await page.evaluate(() => {
    window.against = [];
    document.addEventListener('securitypolicyviolation', e => window.against.push(e.violatedDirective));
  });
  await then(page, () => page.locator('[data-testid=rank-row] a').first().click());
  await then(page, () => page.click('[data-testid=indicator] [data-key=response]'));
  assert.deepEqual(await page.evaluate(() => window.against), []);
  quiet(page);
});

test('X5 a name that is markup is shown as text', async () => {
  const name = `"><img onerror=alert(1) src=x>`;
  const square = (x, y) => ({type: 'Polygon', coordinates: [[[x, y], [x + 0.02, y], [x + 0.02, y + 0.02], [x, y + 0.02], [x, y]]]});
  const areas = [['A', 114.05], ['B', 114.07]].map(([code, x]) => ({type: 'Feature', properties: {code, name: code === 'A' ? name : 'Plain'}, geometry: square(x, 22.53)}));
  const rows = Array.from({length: 60}, (_, i) => `${i},2025-01-${String(1 + i % 28).padStart(2, '0')}T08:00:00+08:00,${114.051 + 0.0006 * i},22.54`);
  const hostile = await city(
    {'areas.geojson': JSON.stringify({type: 'FeatureCollection', features: areas}), 'cases.csv': ['id,reported_at,lon,lat', ...rows].join('\n')},
    ['boundaries', 'areas.geojson', '--level', 'district'], ['incidents', 'cases.csv', '--zone', 'Asia/Shanghai', '--source', 'x']);
  try {
    const page = await open(browser, `${hostile.url}?layer=density&level=district`);
    let asked = false;
    page.on('dialog', d => { asked = true; d.dismiss(); });
    await then(page, () => page.locator('[data-testid=rank-row][data-code=A] a').click());
    assert.ok((await page.locator('[data-testid=popup] h2').innerText()).includes(name));
    assert.equal(await page.locator('img[onerror]').count(), 0);
    assert.equal(asked, false);
    quiet(page);
  } finally {
    await hostile.close();
  }
});

test('X7 behind a proxy, under a prefix', async () => {
  const target = new URL(service.url);
  const proxy = createServer((asked, answer) => {
    if (!asked.url.startsWith('/grid/')) return answer.writeHead(404).end();
    const onward = request({host: target.hostname, port: target.port, path: asked.url.slice(5), method: asked.method, headers: {...asked.headers, host: target.host}}, got => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
    });
    asked.pipe(onward);
  });
  await new Promise(done => proxy.listen(0, '127.0.0.1', done));
  try {
    const base = `http://127.0.0.1:${proxy.address().port}/grid/`;
    const page = await open(browser, `${base}?layer=density&level=district`);
    assert.equal(await page.getAttribute('body', 'data-renderer'), 'webgl');
    await then(page, () => page.click('[data-testid=level] [data-key=street]'));
    for (const url of page.requests) assert.ok(url.startsWith(base) || /^(blob|data):/.test(url), `${url} is not under the prefix`);
    quiet(page);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

test('X8 two tabs in two languages do not affect each other', async () => {
  const one = await open(browser, at('?level=district&lang=en'));
  const two = await one.context().newPage();
  await two.goto(at('?level=district&lang=zh-Hans&test=1'));
  await ready(two);
  await then(one, () => one.click('[data-testid=level] [data-key=street]'));
  await then(two, () => two.click('[data-testid=level] [data-key=community]'));
  assert.equal(await one.getAttribute('html', 'lang'), 'en');
  assert.equal(await two.getAttribute('html', 'lang'), 'zh-Hans');
  assert.equal(await one.locator('[data-testid=level] [aria-current]').getAttribute('data-key'), 'street');
});

test('X10 the same state is the same picture', async () => {
  const shots = [];
  for (let i = 0; i < 2; i++) {
    const page = await open(browser, at('?layer=density&level=street'));
    shots.push(await page.screenshot({animations: 'disabled'}));
    await page.context().close();
  }
  assert.ok(shots[0].equals(shots[1]), 'two pictures of one state differ');
});

test('tiles hold what a browser can draw', async t => {
  const {tiles} = await json(at('collections/density/tiles/WebMercatorQuad/tilejson.json'));
  let most = 0;
  for (let zoom = 8; zoom <= 14; zoom++) {
    const n = 2 ** zoom, x = Math.floor((110.0 + 180) / 360 * n);
    const lat = 23.2 * Math.PI / 180, y = Math.floor((1 - Math.asinh(Math.tan(lat)) / Math.PI) / 2 * n);
    const answer = await fetch(tiles[0].replace('{z}', zoom).replace('{x}', x).replace('{y}', y));
    most = Math.max(most, (await answer.arrayBuffer()).byteLength);
  }
  t.diagnostic(`the largest tile has ${most} bytes`);
  assert.ok(most > 0 && most <= 500_000);
});

test('X6 a hundred thousand cells stay usable', async t => {
  const page = await open(browser, at('?layer=density&res=11#c=110.02,23.15,12.5'));
  const sizes = [];
  page.on('response', async answer => {
    if (answer.url().includes('/tiles/')) sizes.push((await answer.body().catch(() => Buffer.alloc(0))).byteLength);
  });
  const {numberMatched} = await json(at('collections/density/items?res=11&limit=1'));
  assert.ok(numberMatched > 100_000);
  const box = await page.locator('#glass').boundingBox();
  for (const [dx, wheel] of [[150, 0], [0, -400], [-150, 0], [0, -400]]) {
    const start = Date.now();
    await page.mouse.move(box.x + 300, box.y + 200);
    if (dx) {
      await page.mouse.down();
      await page.mouse.move(box.x + 300 + dx, box.y + 220, {steps: 4});
      await page.mouse.up();
    } else await page.mouse.wheel(0, wheel);
    await page.waitForTimeout(300);
    await ready(page);
    t.diagnostic(`at rest after ${Date.now() - start} ms, H3 ${new URL(page.url()).searchParams.get('res')}`);
    assert.ok(Date.now() - start < 30000);
  }
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const {metrics} = await session.send('Performance.getMetrics');
  const heap = metrics.find(m => m.name === 'JSHeapUsedSize').value;
  t.diagnostic(`${sizes.length} tiles, the largest of ${Math.max(...sizes)} bytes; heap ${Math.round(heap / 1e6)} MB`);
  assert.ok(sizes.length > 0 && Math.max(...sizes) <= 500_000);
  assert.ok(heap < 150e6, `the page holds ${heap} bytes`);
  quiet(page);
});
