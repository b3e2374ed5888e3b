// The service worker: the page as it was last seen, for when there is no network.

import { forgetPages, pages, setting } from './kept.mjs'

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self))
const files = 'civgrid-inspect-files'
const mostPages = 8
const patience = 5000 // milliseconds with a network that does not answer
const assets = ['inspect.css', 'inspect.mjs', 'queue.mjs', 'kept.mjs', 'photo.mjs', 'targets.mjs', 'icon.svg', 'manifest.webmanifest']

/** @param {string} address */
const isOurs = address => address.startsWith(worker.registration.scope)
/** @param {string} address */
const isPage = address => isOurs(address) && new URL(address).pathname === new URL(worker.registration.scope).pathname
const keyOf = () => setting('key').catch(() => undefined)

/**
 * Fetches from the service, and keeps what it answers; pages with the key that the
 * device keeps, which says which part of the city they are to show.
 * @param {string} address
 * @returns {Promise<Response>}
 */
async function ask(address) {
  const key = isPage(address) ? await keyOf() : undefined
  const answer = await fetch(address, key
    ? { headers: { 'X-API-Key': key }, credentials: 'omit', cache: 'no-cache' }
    : { credentials: 'same-origin', cache: 'no-cache' })
  if (!isPage(address)) {
    if (answer.ok) await (await caches.open(files)).put(address, answer.clone())
    return answer
  }
  if (await keyOf() !== key) return ask(address) // it is a page of a key that is gone
  if (answer.ok) await keepPage(address, answer.clone())
  if (answer.status === 401 || answer.status === 403) await forgetPages()
  return answer
}

/** Keeps a page, and of the others those kept last. @param {string} address @param {Response} page */
async function keepPage(address, page) {
  const cache = await caches.open(pages)
  await cache.put(address, page)
  const all = await cache.keys()
  await Promise.all(all.slice(0, -mostPages).map(old => cache.delete(old, { ignoreVary: true })))
}

/** What an address shows, in whatever language. @param {string} address */
function subject(address) {
  const url = new URL(address)
  url.searchParams.delete('lang')
  return url.href
}

/**
 * Returns a page that is kept, in another language where it is not in this one. It says
 * when it was made.
 * @param {string} address
 */
async function keptPage(address) {
  const cache = await caches.open(pages)
  const other = (await cache.keys()).findLast(r => subject(r.url) === subject(address))
  const page = await cache.match(address, { ignoreVary: true }) ?? (other && await cache.match(other, { ignoreVary: true }))
  if (!page) return undefined
  const made = Date.parse(page.headers.get('Date') ?? '')
  return new Response((await page.text()).replace('<body ', `<body data-made="${made}" `), { headers: page.headers })
}

/** @param {string} address */
const kept = async address => isPage(address) ? keptPage(address) : (await caches.open(files)).match(address, { ignoreVary: true })

/**
 * Answers with what was asked for or, when that fails or takes long, what is kept.
 * @param {string} address
 * @param {Promise<Response>} asked
 */
async function answer(address, asked) {
  const late = new Promise(resolve => setTimeout(resolve, patience))
  const first = await Promise.race([asked, late]).catch(() => undefined)
  return first ?? await kept(address) ?? asked
}

async function install() {
  const open = (await worker.clients.matchAll({ includeUncontrolled: true, type: 'window' })).map(c => c.url.split('#')[0])
  const addresses = assets.map(a => new URL(a, worker.location.href).href).concat(open.filter(isPage))
  await Promise.all(addresses.map(ask))
  await worker.skipWaiting()
}

worker.addEventListener('install', event => event.waitUntil(install()))
worker.addEventListener('activate', event => event.waitUntil(worker.clients.claim()))
worker.addEventListener('fetch', event => {
  const { method, url } = event.request
  if (method !== 'GET' || !isOurs(url)) return
  const address = url.split('#')[0]
  const asked = ask(address)
  event.waitUntil(asked.catch(() => {})) // what comes late is kept for the next time
  event.respondWith(answer(address, asked))
})
