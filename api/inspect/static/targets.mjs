// The list of stops: how far each is, and the order they stand in.

const radius = 6371008.8 // metres, the mean of the Earth's

/**
 * The length of the great circle between two places, in metres. On the ellipsoid it
 * differs by 0.6 % at most.
 * @param {[number, number]} a longitude and latitude
 * @param {[number, number]} b
 */
export function distance(a, b) {
  const rad = Math.PI / 180
  const h = Math.sin((b[1] - a[1]) * rad / 2) ** 2 + Math.cos(a[1] * rad) * Math.cos(b[1] * rad) * Math.sin((b[0] - a[0]) * rad / 2) ** 2
  return 2 * radius * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** @typedef {'nearest'|'priority'|'route'} Order */

export class Targets {
  /** @param {HTMLElement} list @param {(metres: number) => string} show */
  constructor(list, show) {
    this.list = list
    this.show = show
    this.all = [...list.children].map(element => {
      const card = /** @type {HTMLElement} */ (element)
      const { lon, lat, rank, stop, search } = card.dataset
      return { card, place: /** @type {[number, number]} */ ([Number(lon), Number(lat)]), rank: Number(rank), stop: Number(stop), search: search ?? '', metres: NaN }
    })
  }

  /** Tells how far each stop is. @param {[number, number]} here */
  measure(here) {
    for (const target of this.all) {
      target.metres = distance(here, target.place)
      const far = target.card.querySelector('[data-testid=target-distance]')
      if (far instanceof HTMLElement) {
        far.textContent = this.show(target.metres)
        far.dataset.metres = target.metres.toFixed(1)
      }
    }
  }

  /** @param {Order} order */
  sort(order) {
    const by = { nearest: 'metres', priority: 'rank', route: 'stop' }[order]
    const sorted = [...this.all].sort((a, b) => a[by] - b[by] || a.stop - b.stop)
    this.list.append(...sorted.map(t => t.card))
  }

  /** Shows the stops that a text is found in, and returns how many. @param {string} text */
  filter(text) {
    const wanted = text.trim().toLowerCase()
    let shown = 0
    for (const { card, search } of this.all) {
      card.hidden = !search.includes(wanted)
      if (!card.hidden) shown++
    }
    return shown
  }
}
