// The queue of records: kept on the device until the service has each of them once.

import { records, keepRecord, dropRecord, setting, keepSetting } from './kept.mjs'

/** @typedef {import('./kept.mjs').Inspection} Inspection */

const base = new URL('../', import.meta.url) // of the service, which may be under a path
const day = 24 * 3600 * 1000
const tick = 2000 // milliseconds that clocks may differ without being wrong

/** Returns a UUID of version 4 (RFC 9562), also where crypto.randomUUID is not there: without HTTPS. */
function uuid() {
  const b = crypto.getRandomValues(new Uint8Array(16))
  b[6] = (b[6] & 0x0f) | 0x40
  b[8] = (b[8] & 0x3f) | 0x80
  return [...b].map((x, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + x.toString(16).padStart(2, '0')).join('')
}

/**
 * Keeps a new record.
 * @param {Omit<Inspection, 'id'|'order'|'state'|'at'>} what
 */
export async function record(what) {
  const all = await records()
  const order = 1 + Math.max(0, ...all.map(r => r.order))
  await keepRecord({ ...what, id: uuid(), order, state: 'waiting', at: Date.now() })
}

/**
 * Asks the service for something. The key that the device keeps goes with it; where
 * there is none, what the browser sends by itself.
 * @param {string} path
 * @param {RequestInit} options
 */
async function ask(path, options) {
  const key = await setting('key')
  const headers = { ...options.headers, ...(key ? { 'X-API-Key': key } : {}) }
  return fetch(new URL(path, base), { ...options, headers, credentials: key ? 'omit' : 'same-origin', cache: 'no-store' })
}

/** Returns by how many milliseconds the clock of the service is ahead of the device's. */
async function skew() {
  const answer = await ask('livez', { method: 'HEAD' })
  const date = Date.parse(answer.headers.get('Date') ?? '')
  const known = (await setting('skew')) ?? 0
  const now = date - Date.now() // of a whole second: what differs by little is the same
  if (Number.isNaN(now) || Math.abs(now - known) < tick) return known
  await keepSetting('skew', now)
  return now
}

/** @param {Inspection} r */
function feature(r) {
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: r.place },
    properties: {
      result: r.result, inspected_at: r.inspectedAt, point: r.cell, channel: 'patrol', campaign: r.campaign,
      attributes: JSON.stringify({ ...(r.note ? { note: r.note } : {}), ...(r.photo ? { photo_refs: [r.photo.hash] } : {}), drawn: r.drawn }),
    },
  }
}

/**
 * Sends what belongs to a record, and the record itself.
 * @param {Inspection} r
 * @returns {Promise<'sent'|'refused'|'key'|'later'>}
 */
async function send(r) {
  if (r.photo) {
    const outcome = await settle(r, await ask(`photos/${r.photo.hash}`, { method: 'PUT', headers: { 'Content-Type': 'image/jpeg' }, body: r.photo.blob }))
    if (outcome !== 'sent') return outcome
  }
  const outcome = await settle(r, await put(r))
  if (outcome === 'sent') await keepRecord({ ...r, state: 'sent', note: '', photo: undefined })
  return outcome
}

/**
 * Sends one record. It has its id from the device and is to be new, so that the service
 * keeps it once: 412 says that an earlier attempt arrived, whose answer was lost.
 * @param {Inspection} r
 */
function put(r) {
  return ask(`collections/inspections/items/${encodeURIComponent('field:' + r.id)}`, {
    method: 'PUT', headers: { 'Content-Type': 'application/geo+json', 'If-None-Match': '*' }, body: JSON.stringify(feature(r)),
  })
}

/**
 * Says what an answer means for a record.
 * @param {Inspection} r @param {Response} answer
 * @returns {Promise<'sent'|'refused'|'key'|'later'>}
 */
async function settle(r, answer) {
  if (answer.ok || answer.status === 412) return 'sent'
  if (answer.status === 401) return 'key'
  if (answer.status === 429 || answer.status >= 500) return 'later'
  const problem = await answer.json().catch(() => ({}))
  const faults = (problem.errors ?? []).map((/** @type {any} */ e) => `${e.parameter}: ${e.detail}`).join('; ')
  await keepRecord({ ...r, state: 'refused', why: faults || problem.detail || String(answer.status) })
  return 'refused'
}

/** @returns {Promise<'done'|'key'|'later'>} */
async function run() {
  const all = await records()
  for (const r of all) {
    if (r.state === 'sent' && Date.now() - r.at > day) await dropRecord(r.id)
  }
  const waiting = all.filter(r => r.state === 'waiting')
  if (waiting.length === 0) return 'done'
  try {
    const ahead = await skew()
    for (const r of waiting) {
      if (!r.inspectedAt) {
        r.inspectedAt = new Date(r.at + ahead).toISOString()
        await keepRecord(r)
      }
      const outcome = await send(r)
      if (outcome === 'key' || outcome === 'later') return outcome
    }
  } catch {
    return 'later' // no network: a failed fetch
  }
  return 'done'
}

/** @type {Promise<'done'|'key'|'later'> | undefined} */
let running

/** Sends what waits, in the order it was recorded in, and one after the other. */
export function sync() {
  running ??= run().finally(() => { running = undefined })
  return running
}
