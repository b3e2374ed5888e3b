// The service worker: the page as it was last seen, for when there is no network.

import { setting } from './kept.mjs'

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self))
const name = 'civgrid-inspect-1'
const patience = 5000 // milliseconds with a network that does not answer
const assets = ['inspect.css', 'inspect.mjs', 'queue.mjs', 'kept.mjs', 'photo.mjs', 'targets.mjs', 'icon.svg', 'manifest.webmanifest']

/** @param {string} address */
const isOurs = address => address.startsWith(worker.registration.scope)
/** @param {string} address */
const isPage = address => isOurs(address) && new URL(address).pathname === new URL(worker.registration.scope).pathname

/**
 * Fetches from the service; pages with the key that the device keeps, which says
 * which part of the city they are to show.
 * @param {string} address
 * @param {AbortSignal} [signal]
 */
async function ask(address, signal) {
  const key = isPage(address) ? await setting('key').catch(() => undefined) : undefined
  const answer = await fetch(address, key
    ? { headers: { 'X-API-Key': key }, credentials: 'omit', signal, cache: 'no-cache' }
    : { credentials: 'same-origin', signal, cache: 'no-cache' })
  if (answer.ok) await (await caches.open(name)).put(address, answer.clone())
  return answer
}

/** @param {string} address */
async function kept(address) {
  const cache = await caches.open(name)
  return await cache.match(address, { ignoreVary: true }) ?? cache.match(address, { ignoreVary: true, ignoreSearch: true })
}

/** @param {string} address */
async function answer(address) {
  const before = await kept(address)
  try {
    return await ask(address, before ? AbortSignal.timeout(patience) : undefined)
  } catch (error) {
    if (before) return before
    throw error
  }
}

async function install() {
  const open = (await worker.clients.matchAll({ includeUncontrolled: true, type: 'window' })).map(c => c.url.split('#')[0])
  const addresses = assets.map(a => new URL(a, worker.location.href).href).concat(open.filter(isPage))
  await Promise.all(addresses.map(a => ask(a)))
  await worker.skipWaiting()
}

worker.addEventListener('install', event => event.waitUntil(install()))
worker.addEventListener('activate', event => event.waitUntil(worker.clients.claim()))
worker.addEventListener('fetch', event => {
  const { method, url } = event.request
  if (method === 'GET' && isOurs(url)) event.respondWith(answer(url.split('#')[0]))
})
