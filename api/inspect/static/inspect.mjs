// The inspector's page: distances, order, records, and use without a network.

import { Targets } from './targets.mjs'
import { records, keepRecord, dropRecord, forgetPages, setting, keepSetting } from './kept.mjs'
import { record, sync } from './queue.mjs'
import { shrink } from './photo.mjs'

/** @typedef {import('./kept.mjs').Inspection} Inspection */

document.documentElement.classList.add('script')

/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById('words')?.textContent ?? '{}')
/** @param {string} key @param {...unknown} values */
const say = (key, ...values) => values.reduce((/** @type {string} */ text, v) => text.replace('{}', () => String(v)), words[key] ?? key)

/** @template {Element} T @param {string} id @returns {T | null} */
const find = id => /** @type {any} */ (document.getElementById(id))
/** @param {string} name @param {ParentNode} [within] @returns {HTMLElement | null} */
const marked = (name, within = document) => within.querySelector(`[data-testid="${name}"]`)

/** @param {number} metres */
const far = metres => metres < 995 ? say('metres', Math.round(metres / 10) * 10) : say('kilometres', (metres / 1000).toFixed(1))

const list = find('list')
const targets = list && new Targets(/** @type {HTMLElement} */ (list), far)
/** @type {[number, number] | undefined} */
let here

// Where I am.

/** @param {[number, number]} place @param {string} told */
function stand(place, told) {
  here = place
  targets?.measure(place)
  mark(place)
  tell(told)
  const fromHere = find('from-here')
  if (fromHere instanceof HTMLButtonElement) fromHere.disabled = false
  const nearest = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=order][value=nearest]'))
  if (!nearest) return
  if (nearest.disabled) {
    nearest.disabled = false
    nearest.checked = true
  }
  arrange()
}

/** @param {string} text */
function tell(text) {
  const where = find('where')
  if (where) where.textContent = text
}

function arrange() {
  const order = document.querySelector('input[name=order]:checked')
  if (order instanceof HTMLInputElement) targets?.sort(/** @type {any} */ (order.value))
}

/** Shows a place on the map. @param {[number, number]} place */
function mark(place) {
  const map = find('map'), point = find('here')
  if (!(map instanceof SVGSVGElement) || !point) return
  const { west, north, perLon, perLat } = numbers(map)
  const x = ((place[0] - west + 540) % 360 - 180) * perLon
  point.setAttribute('cx', String(x))
  point.setAttribute('cy', String((north - place[1]) * perLat))
  point.removeAttribute('hidden')
}

/** @param {SVGSVGElement} map */
function numbers(map) {
  const { west, north, perLon, perLat } = map.dataset
  return { west: Number(west), north: Number(north), perLon: Number(perLon), perLat: Number(perLat) }
}

/** @param {MouseEvent} event */
function tapped(event) {
  const map = /** @type {SVGSVGElement} */ (event.currentTarget)
  const { west, north, perLon, perLat } = numbers(map)
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM()?.inverse())
  const lon = west + at.x / perLon
  stand([(lon + 540) % 360 - 180, north - at.y / perLat], say('tapped'))
}

function locate() {
  if (!isSecureContext || !navigator.geolocation) {
    tell(say('insecure'))
    return Promise.resolve()
  }
  tell(say('locating'))
  return new Promise(resolve => navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      stand([coords.longitude, coords.latitude], say('located', Math.round(coords.accuracy)))
      resolve(undefined)
    },
    error => {
      tell(say(error.code === error.PERMISSION_DENIED ? 'denied' : 'nowhere'))
      resolve(undefined)
    },
    { enableHighAccuracy: true, timeout: 20000, maximumAge: 30000 },
  ))
}

// What is recorded.

/** @param {SubmitEvent} event */
async function save(event) {
  event.preventDefault()
  const form = /** @type {HTMLFormElement} */ (event.target)
  const card = /** @type {HTMLElement} */ (form.closest('[data-cell]'))
  const given = new FormData(form)
  const save = /** @type {HTMLButtonElement} */ (form.querySelector('button'))
  save.disabled = true // once is enough
  try {
    await keep(form, card, given)
  } finally {
    save.disabled = false
  }
  await upload()
}

/** @param {HTMLFormElement} form @param {HTMLElement} card @param {FormData} given */
async function keep(form, card, given) {
  const file = given.get('photo')
  let photo
  try {
    if (file instanceof File && file.size > 0) photo = await shrink(file)
  } catch {
    tell(say('picture'))
    return
  }
  try {
    await record({
      photo,
      cell: card.dataset.cell ?? '', title: card.querySelector('h2')?.textContent ?? '', place: [Number(card.dataset.lon), Number(card.dataset.lat)],
      result: /** @type {any} */ (given.get('result')), note: String(given.get('note')).trim(),
      campaign: 'plan ' + document.querySelector('h1 time')?.textContent, drawn: card.dataset.drawn === 'true',
    })
  } catch {
    tell(say('full'))
    return
  }
  form.reset()
  nameFile(form.querySelector('[type=file]'))
  form.closest('details')?.removeAttribute('open')
}

/** Says which photo was chosen. @param {EventTarget | null} field */
function nameFile(field) {
  if (!(field instanceof HTMLInputElement) || field.type !== 'file' || !field.nextElementSibling) return
  const name = field.files?.[0]?.name
  field.nextElementSibling.textContent = name ? say('chosen', name) : say('choose')
}

/** @param {Inspection} r */
const stateOf = r => say(r.state, r.photo ? say('photo', say(r.result)) : say(r.result), r.why)

/** Shows how things stand. @param {string} [hindrance] */
async function show(hindrance) {
  const all = await records().catch(() => [])
  const waiting = all.filter(r => r.state === 'waiting').length
  const state = marked('sync-state')
  if (state) {
    const online = navigator.onLine && hindrance !== 'later'
    state.dataset.state = online ? 'online' : 'offline'
    state.dataset.count = String(waiting)
    const more = hindrance === 'key' ? say('key') : hindrance === 'later' && navigator.onLine ? say('later') : document.body.dataset.offline ? say('kept') : ''
    const made = document.body.dataset.made // of a page that was kept
    const old = made ? say('made', new Date(Number(made)).toLocaleString(document.documentElement.lang, { dateStyle: 'short', timeStyle: 'short' })) : ''
    state.textContent = [say(online ? 'online' : 'offline', waiting), more, old].filter(Boolean).join(' · ')
  }
  if (hindrance === 'key') find('key')?.setAttribute('open', '')
  for (const { card } of targets?.all ?? []) {
    const last = all.findLast(r => r.cell === card.dataset.cell)
    const done = marked('target-done', card)
    if (!done) continue
    done.hidden = !last
    done.textContent = last ? stateOf(last) : ''
  }
  showQueue(all.filter(r => r.state !== 'sent'))
}

/** @param {Inspection[]} left */
function showQueue(left) {
  const queue = find('queue')
  if (!queue) return
  queue.toggleAttribute('hidden', left.length === 0)
  queue.querySelector('ul')?.replaceChildren(...left.map(r => {
    const item = document.createElement('li')
    item.append(`${r.title}: ${stateOf(r)}${r.note ? ` (${r.note})` : ''}`)
    if (r.state === 'refused') {
      item.append(document.createElement('br'), button('again', () => keepRecord({ ...r, state: 'waiting', why: undefined })), button('drop', () => dropRecord(r.id)))
    }
    return item
  }))
}

/** @param {string} key @param {() => Promise<unknown>} act */
function button(key, act) {
  const made = document.createElement('button')
  made.type = 'button'
  made.textContent = say(key)
  made.addEventListener('click', async () => { await act(); await upload() })
  return made
}

async function upload() {
  await show()
  await show(await sync().catch(() => 'later'))
}

// Without a network.

/** Keeps another key, and no page of the last one. @param {string | undefined} key */
async function changeKey(key) {
  if (key === await setting('key')) return
  await forgetPages()
  await keepSetting('key', key)
  if (navigator.serviceWorker?.controller) fetch(location.href).catch(() => {}) // the worker keeps what the new one shows
}

async function keepPage() {
  if (!navigator.serviceWorker) return
  await navigator.serviceWorker.register(new URL('sw.mjs', import.meta.url), { type: 'module', scope: new URL('../inspect', import.meta.url).pathname })
  await navigator.serviceWorker.ready
  document.body.dataset.offline = 'ready'
}

function listen() {
  if (!isSecureContext) document.querySelectorAll('.photo').forEach(field => field.setAttribute('hidden', '')) // hashes need HTTPS
  const search = find('search')
  search?.addEventListener('input', () => {
    const shown = targets?.filter(/** @type {HTMLInputElement} */ (/** @type {unknown} */ (search)).value)
    find('nothing')?.toggleAttribute('hidden', shown !== 0)
  })
  for (const order of document.querySelectorAll('input[name=order]')) order.addEventListener('change', arrange)
  find('locate')?.addEventListener('click', locate)
  find('map')?.addEventListener('click', event => tapped(/** @type {MouseEvent} */ (event)))
  find('print')?.addEventListener('click', () => print())
  find('list')?.addEventListener('submit', event => save(/** @type {SubmitEvent} */ (event)))
  find('list')?.addEventListener('change', event => nameFile(event.target))
  find('from-here')?.addEventListener('click', () => {
    const start = document.querySelector('input[name=start]')
    if (start instanceof HTMLInputElement && here) start.value = here.map(x => x.toFixed(6)).join(',')
  })
  find('key-form')?.addEventListener('submit', async event => {
    event.preventDefault()
    const field = /** @type {HTMLInputElement} */ (marked('key'))
    await changeKey(field.value.trim() || undefined)
    field.value = ''
    find('key')?.removeAttribute('open')
    await upload()
    if (document.body.dataset.failed) location.reload() // it may show what was hidden
  })
  addEventListener('online', upload)
  addEventListener('offline', () => show())
  setInterval(async () => { if (marked('sync-state')?.dataset.count !== '0') await upload() }, 30000)
}

async function begin() {
  const failed = document.body.dataset.state === 'error'
  if (failed) document.body.dataset.failed = 'true'
  listen()
  show()
  const soon = new Promise(resolve => setTimeout(resolve, 3000))
  await Promise.race([soon, Promise.allSettled([targets && locate(), keepPage()])])
  await upload()
  if (!failed) document.body.dataset.state = 'ready'
}

begin()
