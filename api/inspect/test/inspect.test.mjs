// The journeys of an inspector, in a browser of the size of a phone.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { start, startProxy } from './service.mjs'

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const { chromium } = require('playwright-core')

const shots = process.env.CIVGRID_SHOTS // a folder for pictures
const here = { longitude: 110.02, latitude: 23.14 }
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }

let service, proxy, browser, context, page, faults

before(async () => {
  service = await start()
  proxy = await startProxy(service.origin)
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'] })
})

after(async () => {
  await browser?.close()
  proxy?.stop()
  await service?.stop()
})

beforeEach(() => { faults = [] })
afterEach(async () => { await context?.close() })

/** Opens the page and waits until it is ready. */
async function open(query = 'lang=en', options = {}) {
  context = await browser.newContext({ ...phone, geolocation: here, permissions: ['geolocation'], ...options })
  page = await context.newPage()
  page.on('pageerror', e => faults.push(e.message))
  page.on('console', m => { if (m.type() === 'error' && !/ERR_INTERNET_DISCONNECTED|Failed to load resource/.test(m.text())) faults.push(m.text()) })
  await page.goto(`${proxy.origin}/inspect?${query}`)
  await ready()
}

const ready = () => page.waitForSelector('body[data-state=ready]')
const at = name => page.locator(`[data-testid="${name}"]`)
const state = () => at('sync-state')

/** What the list has, in the order it stands in. */
const targets = () => at('target').evaluateAll(cards => cards.map(c => ({
  ...c.dataset, metres: Number(c.querySelector('[data-testid=target-distance]').dataset.metres),
})))

/** Length of the geodesic on WGS 84 by Lambert's formula (1942), good to metres. */
function geodesic(a, b) {
  const rad = Math.PI / 180, f = 1 / 298.257223563
  const [p, q] = [a[1], b[1]].map(lat => Math.atan((1 - f) * Math.tan(lat * rad)))
  const h = Math.sin((q - p) / 2) ** 2 + Math.cos(p) * Math.cos(q) * Math.sin((b[0] - a[0]) * rad / 2) ** 2
  const s = 2 * Math.asin(Math.sqrt(h)), m = (p + q) / 2, d = (q - p) / 2
  const x = (s - Math.sin(s)) * (Math.sin(m) * Math.cos(d) / Math.cos(s / 2)) ** 2
  const y = (s + Math.sin(s)) * (Math.cos(m) * Math.sin(d) / Math.sin(s / 2)) ** 2
  return 6378137 * (s - f / 2 * (x + y))
}

async function giveKey() {
  await page.locator('#key summary').click()
  await at('key').fill(service.key)
  await at('key-save').click()
  await page.waitForSelector('#key:not([open])')
  for (let i = 0; i < 100 && await pagesKept() === 0; i++) await page.waitForTimeout(100)
}

const pagesKept = () => page.evaluate(async () => (await (await caches.open('civgrid-inspect-pages')).keys()).length)

async function record(card, result, note) {
  await at('target').nth(card).locator('[data-testid=record]').click()
  await at('target').nth(card).locator(`[data-testid=result-${result}]`).check({ force: true })
  await at('target').nth(card).locator('[data-testid=record-note]').fill(note)
  await at('target').nth(card).locator('[data-testid=record-save]').click()
}

const waiting = n => page.waitForSelector(`[data-testid=sync-state][data-count="${n}"]`, { timeout: 15000 })

/** The records of a cell that the service has. */
async function kept(cell) {
  const answer = await fetch(`${service.origin}/collections/inspections/items?point=${cell}&f=json`, { headers: { 'X-API-Key': service.key } })
  return (await answer.json()).features
}

/** The records of a cell with a note, once the service has one. */
async function arrived(cell, note) {
  for (const end = Date.now() + 15000; ;) {
    const mine = (await kept(cell)).filter(f => JSON.parse(f.properties.attributes).note === note)
    if (mine.length || Date.now() > end) return mine
    await new Promise(done => setTimeout(done, 100))
  }
}

test('I1 the list comes first, nearest first, with true distances', async () => {
  await open()
  const list = await targets()
  assert.equal(list.length, 12)
  for (const [i, t] of list.entries()) {
    const true_ = geodesic([here.longitude, here.latitude], [Number(t.lon), Number(t.lat)])
    assert.ok(Math.abs(t.metres - true_) < true_ / 100, `${t.cell} is ${true_} m away, told is ${t.metres}`)
    assert.ok(i === 0 || list[i - 1].metres <= t.metres, 'the nearest come first')
  }
  const [first, map] = [await at('target').first().boundingBox(), await at('map').boundingBox()]
  assert.ok(first.y < map.y)
  assert.match(await at('target-distance').first().textContent(), /^[\d.]+ (m|km)$/)
  assert.deepEqual(faults, [])
})

test('I1 the list is there within two seconds once the service is up', async () => {
  await open()
  const begin = Date.now()
  await page.goto(`${proxy.origin}/inspect?lang=en`)
  await at('target').first().waitFor()
  assert.ok(Date.now() - begin < 2000)
})

test('I2 every card says its rank, place, reasons and last visit; a random check is called so', async () => {
  await open()
  for (const card of await at('target').all()) {
    assert.match(await card.locator('[data-testid=target-rank]').textContent(), /^Priority \d+$/)
    assert.notEqual((await card.locator('h2').textContent()).trim(), '')
    assert.ok(await card.locator('[data-testid=target-reason] li').count() >= 1)
    assert.notEqual((await card.locator('[data-testid=target-visited]').textContent()).trim(), '')
  }
  const drawn = await at('target-drawn').count()
  assert.ok(drawn >= 1)
  assert.equal(await page.locator('[data-testid=target][data-drawn=true]').count(), drawn)
  assert.equal(await at('target-drawn').first().textContent(), 'Random check')
})

test('I3 orders: by priority it is the rank of the plan, by route its stops', async () => {
  await open()
  const plan = await (await fetch(new URL(await page.locator('[data-testid=download][href*=geojson]').getAttribute('href'), proxy.origin))).json()
  const stops = plan.features.filter(f => f.properties.stop)
  const byRank = [...stops].sort((a, b) => b.properties.expected - a.properties.expected).map(f => f.id)
  await page.locator('input[value=priority]').check({ force: true })
  const list = await targets()
  assert.deepEqual(list.map(t => t.cell), byRank)
  assert.deepEqual(list.map(t => Number(t.rank)), list.map((_, i) => i + 1))
  await page.locator('input[value=route]').check({ force: true })
  assert.deepEqual((await targets()).map(t => t.cell), stops.map(f => f.id))
})

for (const lang of ['zh-Hant', 'en']) {
  test(`I4 what is touched is large enough, nothing is wider than the phone, axe finds nothing serious (${lang})`, async () => {
    await open(`lang=${lang}`)
    for (const details of await page.locator('details').all()) await details.evaluate(d => { d.open = true })
    const small = await page.locator('a, button, input:not([type=hidden]), textarea, summary').evaluateAll(all => all.filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.closest('.skip')).map(e => {
      const { width, height } = e.getBoundingClientRect()
      return { text: e.textContent || e.name, width, height }
    }).filter(b => b.width < 44 || b.height < 44))
    assert.deepEqual(small, [])
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390)
    await page.evaluate(() => document.querySelectorAll('details').forEach((d, i) => { d.open = i < 2 }))
    if (shots) await page.screenshot({ path: `${shots}/inspect-${lang}.png`, fullPage: true })
    await context.close()
    await open(`lang=${lang}`, { bypassCSP: true }) // for axe, which is put into the page
    await page.addScriptTag({ content: await readFile(require.resolve('axe-core/axe.min.js'), 'utf8') })
    for (const details of await page.locator('details').all()) await details.evaluate(d => { d.open = true })
    const { violations } = await page.evaluate(() => window.axe.run())
    assert.deepEqual(violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => [v.id, v.nodes.map(n => n.html)]), [])
  })
}

test('I5 links to navigation are what the service made, and leave no trace', async () => {
  await open()
  for (const card of (await at('target').all()).slice(0, 3)) {
    const links = await card.locator('[data-testid=nav-link]').evaluateAll(all => Object.fromEntries(all.map(a => [a.dataset.nav, a.href])))
    assert.match(links.geo, /^geo:-?[\d.]+,-?[\d.]+\?q=/)
    assert.equal(new URL(links['amap-marker']).searchParams.get('coordinate'), 'wgs84')
    assert.equal(new URL(links.amap).searchParams.get('coordinate'), null)
    assert.equal(new URL(links.baidu).searchParams.get('coord_type'), 'bd09ll')
    const { lon, lat } = await card.evaluate(c => c.dataset)
    const [x, y] = new URL(links.amap).searchParams.get('to').split(',').map(Number)
    const shift = geodesic([Number(lon), Number(lat)], [x, y])
    assert.ok(shift > 100 && shift < 1000, `GCJ-02 is ${shift} m from WGS 84`)
  }
  assert.match(await at('nav-link').last().getAttribute('rel'), /noreferrer/)
})

test('I6 files have the stops of the page', async () => {
  await open()
  const cells = (await targets()).sort((a, b) => a.stop - b.stop).map(t => t.cell)
  for (const extension of ['gpx', 'kml', 'geojson', 'csv']) {
    const href = await page.locator(`[data-testid=download][href*="plan.${extension}"]`).getAttribute('href')
    const text = await (await fetch(new URL(href, `${proxy.origin}/inspect`))).text()
    const places = cells.map(c => text.indexOf(c))
    assert.ok(places.every((p, i) => p > 0 && (i === 0 || p > places[i - 1])), `${extension} has the stops in the order of the route`)
    if (extension === 'gpx') assert.equal(text.match(/<wpt /g).length, 12)
  }
})

test('I7 without a network everything is still there', async () => {
  await open('lang=zh-Hant')
  const before = await targets()
  await context.setOffline(true)
  await page.reload()
  await ready()
  assert.equal(await at('target').count(), 12)
  assert.equal(await page.locator('#map [data-cell]').count(), 12)
  assert.ok(await page.locator('#map .line').count() >= 1, 'boundaries')
  assert.ok(await page.locator('#map .name').count() >= 1, 'names')
  assert.notEqual(await page.locator('.badge').first().evaluate(b => getComputedStyle(b).borderRadius), '0px', 'the style')
  assert.deepEqual((await targets()).map(t => t.cell), before.map(t => t.cell))
  assert.match(await state().textContent(), /^離線 · 0 筆待上傳/)
  if (shots) await page.screenshot({ path: `${shots}/inspect-offline.png` })
  await page.goto(`${proxy.origin}/inspect`) // from the home screen, in whatever language it was
  assert.equal(await at('target').count(), 12)
  assert.deepEqual(faults, [])
})

test('I8 a record is kept without a network, and by the service once, however often it is sent', async () => {
  await open()
  await giveKey()
  await context.setOffline(true)
  const { cell } = await at('target').nth(1).evaluate(c => c.dataset)
  await record(1, 'fail', 'lamp "3" & <b>')
  await waiting(1)
  assert.match(await state().textContent(), /^Offline · 1 to upload/)
  assert.match(await at('queue').textContent(), /Fail, waiting to be uploaded/)
  await page.reload()
  await ready()
  await waiting(1)
  assert.match(await at('target-done').nth(1).textContent(), /Fail/)
  proxy.puts = 0
  proxy.statuses = []
  proxy.lose = 3
  await context.setOffline(false)
  for (let i = 0; i < 60 && await state().getAttribute('data-count') !== '0'; i++) {
    await page.waitForTimeout(500)
    await page.evaluate(() => dispatchEvent(new Event('online'))) // an attempt, unless one is under way
  }
  await waiting(0)
  assert.deepEqual(proxy.statuses, [201, 412, 412, 412])
  const records = await kept(cell)
  assert.equal(records.length, 1)
  assert.equal(records[0].properties.result, 'fail')
  assert.equal(JSON.parse(records[0].properties.attributes).note, 'lamp "3" & <b>')
  assert.match(await at('target-done').nth(1).textContent(), /Fail, uploaded/)
  assert.deepEqual(faults, [])
})

test('I7 pages of a key go with it, and those kept are few and say of when they are', async () => {
  await open()
  await giveKey()
  await context.setOffline(true)
  await page.reload()
  await ready()
  assert.match(await state().textContent(), / · page as of \S/)
  await page.locator('#key summary').click()
  await at('key-save').click() // an empty one
  await page.waitForSelector('#key:not([open])')
  await assert.rejects(page.reload(), 'the plan of the key is shown without it')
  await context.close()
  await open()
  assert.doesNotMatch(await state().textContent(), /page as of/)
  await page.evaluate(async () => { for (let n = 1; n <= 8; n++) await fetch(`inspect?lang=en&capacity=${n}`) })
  assert.equal(await pagesKept(), 8)
  await context.setOffline(true)
  await assert.rejects(page.goto(`${proxy.origin}/inspect?lang=en&capacity=11`), 'a plan is shown for another')
})

for (const hours of [-2, 2]) {
  test(`I8 a clock that is off by ${hours} hours reorders nothing`, async () => {
    await open()
    await giveKey()
    await page.addInitScript(off => {
      const now = Date.now
      Date.now = () => now() + off
    }, hours * 3600 * 1000)
    await page.reload()
    await ready()
    const begin = Date.now()
    const cells = []
    for (const i of [3, 4]) {
      cells.push((await at('target').nth(i).evaluate(c => c.dataset)).cell)
      await record(i, 'pass', `clock ${hours}`)
      await arrived(cells.at(-1), `clock ${hours}`)
    }
    const times = []
    for (const cell of cells) {
      const mine = await arrived(cell, `clock ${hours}`)
      assert.equal(mine.length, 1)
      times.push(Date.parse(mine[0].properties.inspected_at))
    }
    assert.ok(times[0] < times[1], 'the first comes first')
    assert.ok(times.every(t => Math.abs(t - begin) < 60000), 'and both at the time of the service')
  })
}

test('I8 without a key it says so and keeps what waits; what is refused is told and kept', async () => {
  await open()
  await record(0, 'na', '')
  await page.waitForSelector('#key[open]')
  assert.match(await state().textContent(), /1 to upload · a key is needed/)
  await at('key').fill(service.key)
  await at('key-save').click()
  await waiting(0)
  await at('target').nth(2).evaluate(card => { card.dataset.lon = '0' }) // outside of the city
  await record(2, 'pass', 'far')
  const refused = at('queue').locator('li')
  await refused.getByText('refused: geometry:').waitFor()
  assert.match(await refused.textContent(), /outside of the city.*\(far\)/)
  await refused.getByText('Delete').click()
  await page.waitForSelector('#queue[hidden]', { state: 'attached' })
})

test('I8 a photo is made small, kept without a network, and named by the record', async () => {
  await open()
  await giveKey()
  await context.setOffline(true)
  const png = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 3000, height: 1500 })
    canvas.getContext('2d').fillRect(0, 0, 1500, 700)
    return canvas.toDataURL('image/png').split(',')[1]
  })
  const { cell } = await at('target').nth(6).evaluate(c => c.dataset)
  await at('record-photo').nth(6).setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') })
  assert.equal(await at('record-form').nth(6).locator('.photo').textContent(), 'Photo: a.png')
  await record(6, 'fail', 'with a picture')
  await waiting(1)
  assert.match(await at('queue').textContent(), /Fail with a photo, waiting/)
  await context.setOffline(false)
  await waiting(0)
  const [hash] = JSON.parse((await kept(cell))[0].properties.attributes).photo_refs
  const answer = await fetch(`${service.origin}/photos/${hash}`, { headers: { 'X-API-Key': service.key } })
  const picture = Buffer.from(await answer.arrayBuffer())
  assert.equal(answer.headers.get('Content-Type'), 'image/jpeg')
  assert.equal(createHash('sha256').update(picture).digest('hex'), hash)
  assert.ok(picture.length < 100000)
  assert.equal((await fetch(`${service.origin}/photos/${hash}`)).status, 401)
  assert.deepEqual(faults, [])
})

test('I9 without permission it says why, and search and the map do instead', async () => {
  await open('lang=zh-Hant', { permissions: [] })
  await page.waitForFunction(() => document.getElementById('where').textContent.includes('位置需要 HTTPS'), null, { timeout: 25000 })
  assert.equal(await at('target-distance').first().textContent(), '')
  const place = await page.locator('[data-testid=target] h2').first().textContent()
  await page.locator('#search').fill(place)
  for (const card of await page.locator('[data-testid=target]:visible').all()) assert.match(await card.textContent(), new RegExp(place))
  await page.locator('#search').fill('nowhere at all')
  assert.ok(await page.locator('#nothing').isVisible())
  await page.locator('#search').fill('')
  const target = page.locator('#map [data-cell]').nth(5)
  const cell = await target.getAttribute('data-cell')
  await target.scrollIntoViewIfNeeded()
  const box = await target.boundingBox()
  await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2)
  const list = await targets()
  assert.equal(list[0].cell, cell, 'the cell that was tapped is the nearest')
  assert.ok(list[0].metres < 60)
})

test('I9 without HTTPS it says so', async () => {
  await open('lang=en', {})
  await context.close()
  context = await browser.newContext(phone)
  page = await context.newPage()
  await page.addInitScript(() => { Object.defineProperty(window, 'isSecureContext', { value: false }); Object.defineProperty(Navigator.prototype, 'serviceWorker', { value: undefined }) })
  await page.goto(`${proxy.origin}/inspect?lang=en`)
  await ready()
  assert.match(await page.locator('#where').textContent(), /^Location needs HTTPS\./)
})

test('I10 the sheet is for A4: whole cards with a map, boxes to tick and a line to sign', async () => {
  await open('lang=zh-Hant')
  await page.emulateMedia({ media: 'print' })
  await page.setViewportSize({ width: 703, height: 1032 }) // A4 without its margins at 96 dots an inch
  for (const card of await at('target').all()) {
    const box = await card.boundingBox()
    assert.equal(await card.evaluate(c => getComputedStyle(c).breakInside), 'avoid')
    assert.ok(box.height < 400 && box.width <= 703)
    assert.ok(await card.locator('.sheet svg').isVisible())
    assert.match(await card.locator('.sheet').textContent(), /☐ 合格.*☐ 不合格.*☐ 不適用/s)
    assert.ok(await card.getByText(await card.getAttribute('data-cell')).isVisible())
  }
  assert.ok(await page.locator('.signature').isVisible())
  for (const control of await page.locator('button, input:not([type=hidden]), summary, nav, [data-testid=sync-state]').all()) assert.ok(!await control.isVisible())
  if (shots) {
    await page.evaluate(() => scrollTo(0, 0))
    await page.screenshot({ path: `${shots}/inspect-print.png` })
  }
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
  assert.match(pdf, /MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]/)
})

test('I11 many stops scroll: those out of sight are not laid out', async () => {
  await open()
  const took = await page.evaluate(() => {
    const list = document.getElementById('list')
    list.classList.add('long')
    while (list.children.length < 500) list.append(list.firstElementChild.cloneNode(true))
    const begin = performance.now()
    for (let y = 0; y < 40; y++) {
      scrollTo(0, y * 3000)
      list.getBoundingClientRect()
    }
    return performance.now() - begin
  })
  assert.ok(took < 4000, `40 screens took ${took} ms`)
  assert.equal(await at('target').last().evaluate(c => getComputedStyle(c).contentVisibility), 'auto')
})

test('X2 without a script the list, the links and the map are there', async () => {
  context = await browser.newContext({ ...phone, javaScriptEnabled: false })
  page = await context.newPage()
  await page.goto(`${proxy.origin}/inspect?lang=en`)
  assert.equal(await at('target').count(), 12)
  assert.ok(await at('nav-link').first().getAttribute('href'))
  assert.ok(!await at('record').first().isVisible())
})
