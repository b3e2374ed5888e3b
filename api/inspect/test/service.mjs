// A service over the synthetic city, and a proxy before it that can break.

import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = new URL('../../../', import.meta.url).pathname

/**
 * Starts a service, with a key of the role inspector. CIVGRID names the program, which
 * is built where it does not.
 */
export async function start() {
  const dir = await mkdtemp(join(tmpdir(), 'civgrid-inspect-'))
  const program = process.env.CIVGRID ?? join(dir, 'civgrid')
  if (!process.env.CIVGRID) await run('go', ['build', '-o', program, './cmd/civgrid'], { cwd: root })
  const store = ['--store', join(dir, 'city.gpkg')]
  await run(program, ['demo', '--once', '--quiet', ...store], { maxBuffer: 1 << 24 })
  const key = (await run(program, ['keys', 'create', 'test', '--role', 'inspector', ...store])).stdout.trim()
  const service = spawn(program, ['serve', '--write', '--addr', '127.0.0.1:0', ...store], { stdio: ['ignore', 'pipe', 'inherit'] })
  const origin = await new Promise((resolve, reject) => {
    let told = ''
    service.stdout.on('data', text => {
      told += text
      const found = /^Map\s+(\S+)\/$/m.exec(told)
      if (found) resolve(found[1])
    })
    service.on('exit', code => reject(new Error(`serve ended with ${code}`)))
  })
  const stop = async () => {
    const ended = new Promise(resolve => service.once('exit', resolve))
    service.kill()
    await ended
    await rm(dir, { recursive: true, force: true })
  }
  return { origin, key, stop }
}

/**
 * Starts a proxy to a service. Of the next PUTs it loses the answers, as many as told;
 * all that came through are counted.
 * @param {string} origin
 */
export async function startProxy(origin) {
  const proxy = { origin: '', lose: 0, puts: 0, /** @type {number[]} */ statuses: [], stop: () => {} }
  const server = http.createServer((asked, answered) => {
    const to = http.request(new URL(asked.url ?? '/', origin), { method: asked.method, headers: asked.headers }, from => {
      const isPut = asked.method === 'PUT'
      if (isPut) {
        proxy.puts++
        proxy.statuses.push(from.statusCode ?? 0)
      }
      if (isPut && proxy.lose > 0) {
        proxy.lose--
        from.resume()
        answered.destroy()
        return
      }
      answered.writeHead(from.statusCode ?? 502, from.headers)
      from.pipe(answered)
    })
    to.on('error', () => answered.destroy())
    asked.pipe(to)
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  proxy.origin = `http://127.0.0.1:${address.port}`
  proxy.stop = () => { server.close(); server.closeAllConnections() }
  return proxy
}
