// What the device keeps: records by their id, and settings by their name, in IndexedDB, and
// pages in a cache.

const database = new Promise((resolve, reject) => {
  const opening = indexedDB.open('civgrid-inspect', 1)
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore('records', { keyPath: 'id' })
    opening.result.createObjectStore('settings')
  }
  opening.onsuccess = () => resolve(opening.result)
  opening.onerror = () => reject(opening.error)
})
database.catch(() => {}) // whoever asks next hears why

/**
 * Runs one request in a transaction and waits until it is on the disk.
 * @template T
 * @param {'records'|'settings'} name
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} ask
 * @returns {Promise<T>}
 */
async function within(name, mode, ask) {
  const transaction = (await database).transaction(name, mode)
  const request = ask(transaction.objectStore(name))
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result)
    transaction.onabort = () => reject(transaction.error)
  })
}

/**
 * An inspection, from when it is recorded on.
 * @typedef {object} Inspection
 * @property {string} id a UUID, made here
 * @property {number} order counts the records of this device
 * @property {'waiting'|'sent'|'refused'} state
 * @property {string} cell
 * @property {string} title for people
 * @property {[number, number]} place longitude and latitude
 * @property {'pass'|'fail'|'na'} result
 * @property {string} note
 * @property {{hash: string, blob: Blob}} [photo] by its SHA-256, until it is sent
 * @property {string} campaign
 * @property {boolean} drawn
 * @property {number} at milliseconds on the clock of the device
 * @property {string} [inspectedAt] on that of the service, once it was sent
 * @property {string} [why] it was refused
 */

/** @returns {Promise<Inspection[]>} in the order they were recorded in */
export async function records() {
  const all = await within('records', 'readonly', store => store.getAll())
  return all.sort((a, b) => a.order - b.order)
}

/** @param {Inspection} record */
export const keepRecord = record => within('records', 'readwrite', store => store.put(record))

/** @param {string} id */
export const dropRecord = id => within('records', 'readwrite', store => store.delete(id))

/** @param {string} name */
export const setting = name => within('settings', 'readonly', store => store.get(name))

/** @param {string} name @param {unknown} value */
export const keepSetting = (name, value) => within('settings', 'readwrite', store => store.put(value, name))

/** The cache of pages. */
export const pages = 'civgrid-inspect-pages'

/** Forgets all pages, which show what one key may see. Without HTTPS none are kept. */
export const forgetPages = async () => { await globalThis.caches?.delete(pages) }
