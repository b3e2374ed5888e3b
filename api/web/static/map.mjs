/**
 * The interactive map, by MapLibre GL JS: the tiles and the style that the service has
 * for every map program, with communities as the base map. Nothing comes from elsewhere.
 */
import {LngLatBounds, Map, NavigationControl, ScaleControl} from './vendor/maplibre-gl.mjs';

/** What surrounds the layer, in pixels, and milliseconds to wait for its tiles. */
const margin = 24, patience = 8000;

/** Lines of communities: the finer ones, then the coarser ones. */
const lines = {thin: {width: 0.8, opacity: 0.6}, thick: {width: 1.8, opacity: 1}};
const ink = '#1b2433', lineColour = '#46536b', markColour = '#111827', ground = '#e9edf1';

/** Returns what the server says of the map on a page, null where it has none. */
function told(page) {
  const text = page.querySelector('#glass-data')?.textContent;
  return text ? JSON.parse(text) : null;
}

/** The interactive map, over the one that the server drew. */
export class Glass {
  /** Whether a person moved the map. */
  moved = false;
  /** @type {string} the name of the layer's source, which alternates between pages */
  #source = '';
  #next = null;

  /**
   * Lays a map over the page, without rows yet. Where the browser cannot draw it that is
   * an error.
   * @param {Document} page
   * @param {{view?: string, choose: (href: string) => void, settle: () => void}} options
   */
  static async over(page, options) {
    const glass = new Glass(page.querySelector('#glass'), told(page), options);
    await glass.map.once('style.load');
    return glass;
  }

  constructor(element, layer, {view, choose, settle}) {
    this.element = element;
    this.layer = layer;
    const [west, south, east, north] = layer.box;
    const [lng, lat, zoom] = view?.split(',').map(Number) ?? [];
    this.moved = Number.isFinite(zoom);
    this.map = new Map({
      container: element, style: {version: 8, sources: {}, layers: [{id: 'ground', type: 'background', paint: {'background-color': ground}}]},
      ...(this.moved ? {center: [lng, lat], zoom} : {bounds: new LngLatBounds([west, south], [east, north]), fitBoundsOptions: {padding: margin}}),
      attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: 0, maxZoom: 17, locale: layer.words,
      localIdeographFontFamily: 'system-ui, "Noto Sans CJK SC", "Noto Sans CJK TC", sans-serif',
      transformRequest: url => ({url: this.#near(url)}),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({showCompass: false}), 'top-right');
    this.map.addControl(new ScaleControl({maxWidth: 120}), 'bottom-right');
    this.map.on('movestart', event => { this.moved ||= Boolean(event.originalEvent); });
    this.map.on('moveend', event => { if (event.originalEvent || this.moved) settle(); });
    this.map.on('click', event => {
      const row = this.#at(event.point);
      if (row) choose(this.#address(row));
    });
    this.map.on('mousemove', event => this.#point(event.point));
  }

  /** Styles name tiles by the public address of the service, which may be another than that of the page. */
  #near(url) {
    return url.startsWith(this.layer.base + '/') ? new URL(url.slice(this.layer.base.length + 1), document.baseURI).href : url;
  }

  #address(row) {
    const url = new URL(location.href);
    url.searchParams.set('sel', row);
    if (this.layer.res) url.searchParams.set('res', this.layer.res);
    url.hash = 'popup';
    return url.href;
  }

  /** Returns the row at a point of the glass. */
  #at(point) {
    const [feature] = this.#source ? this.map.queryRenderedFeatures(point, {layers: [this.#source]}) : [];
    return feature?.properties[this.layer.key];
  }

  #point(point) {
    const row = this.#at(point);
    this.map.getCanvas().style.cursor = row ? 'pointer' : '';
    if (this.map.getLayer('hover')) this.map.setFilter('hover', this.#is(row ?? ''));
  }

  #is(row) { return ['==', ['get', this.layer.key], row]; }

  /**
   * Loads the tiles of a page without showing them, so that legend and map change at
   * once when it is put in place. A page without a map leaves the glass as it is.
   * @param {Document} page
   * @param {AbortSignal} [signal]
   */
  async prepare(page, signal) {
    const layer = told(page);
    if (!layer) return;
    this.#drop(this.#next?.source);
    const source = this.#source === 'rows-a' ? 'rows-b' : 'rows-a';
    const answer = await fetch(layer.style, {signal});
    if (!answer.ok) throw new Error(`the style: ${answer.status}`);
    const style = await answer.json();
    const [name] = Object.keys(style.sources);
    const fill = style.layers.find(l => l.type === 'fill');
    if (signal?.aborted) throw new DOMException('', 'AbortError');
    this.layer.base = layer.base;
    this.map.addSource(source, style.sources[name]);
    this.map.addLayer({...fill, id: source, source, paint: {...fill.paint, 'fill-opacity': 0}}, this.map.getLayer('thin') ? 'thin' : undefined);
    this.#next = {source, layer, colours: fill.paint['fill-color']};
    await this.#loaded(source, signal);
  }

  /** Waits until the tiles of a source are there, or for as long as people do. */
  #loaded(source, signal) {
    return new Promise((done, fail) => {
      const stop = (end, value) => {
        clearTimeout(timer);
        this.map.off('sourcedata', look);
        this.map.off('idle', look);
        end(value);
      };
      const look = () => { if (this.map.isSourceLoaded(source) && this.map.areTilesLoaded()) stop(done); };
      const timer = setTimeout(() => stop(done), patience);
      signal?.addEventListener('abort', () => stop(fail, new DOMException('', 'AbortError')), {once: true});
      this.map.on('sourcedata', look);
      this.map.on('idle', look);
      this.map.triggerRepaint();
    });
  }

  /** Shows what was prepared, in the place of what was shown. */
  async commit() {
    const next = this.#next;
    if (!next) {
      if (!document.querySelector('#glass')) this.#drop(this.#source);
      return;
    }
    this.#next = null;
    const before = this.#source, sameBox = String(next.layer.box) === String(this.layer.box);
    this.layer = next.layer;
    this.#source = next.source;
    this.colours = next.colours;
    this.map.setPaintProperty(next.source, 'fill-opacity', 1);
    this.#drop(before);
    this.#around();
    this.map.resize();
    if (before && !sameBox) {
      const [west, south, east, north] = this.layer.box;
      this.map.fitBounds([[west, south], [east, north]], {padding: margin, animate: false});
    }
    await this.idle();
  }

  #drop(source) {
    if (!source) return;
    for (const id of [source, 'hatch', 'hover', 'mark']) if (this.map.getLayer(id) && this.map.getLayer(id).source === source) this.map.removeLayer(id);
    if (this.map.getSource(source)) this.map.removeSource(source);
  }

  /** Draws what is around the layer: hatching, lines and names of communities, the mark. */
  #around() {
    const {map, layer} = this, source = this.#source;
    const rows = {source, 'source-layer': layer.layer};
    for (const id of ['names', 'thick', 'thin', 'hatch', 'hover', 'mark']) if (map.getLayer(id)) map.removeLayer(id);
    const few = this.#classOf(layer.hatch);
    if (few) {
      if (!map.hasImage('hatch')) map.addImage('hatch', hatching());
      map.addLayer({id: 'hatch', type: 'fill', ...rows, filter: few, paint: {'fill-pattern': 'hatch'}});
    }
    if (!map.getSource('lines')) {
      map.addSource('lines', {type: 'vector', tiles: [new URL(layer.lines, document.baseURI).href.replaceAll('%7B', '{').replaceAll('%7D', '}')], maxzoom: 14});
      map.addSource('names', {type: 'geojson', data: {type: 'FeatureCollection', features: []}});
    }
    for (const [id, {width, opacity}] of Object.entries(lines)) {
      map.addLayer({
        id, type: 'line', source: 'lines', 'source-layer': 'communities', filter: ['in', ['get', 'code'], ['literal', layer[id]]],
        layout: {'line-join': 'round'}, paint: {'line-color': lineColour, 'line-width': width, 'line-opacity': opacity},
      });
    }
    map.addLayer({id: 'hover', type: 'line', ...rows, filter: this.#is(''), paint: {'line-color': markColour, 'line-width': 1.5}});
    map.addLayer({id: 'mark', type: 'line', ...rows, filter: this.#is(layer.select ?? ''), paint: {'line-color': markColour, 'line-width': 3}});
    map.getSource('names').setData({
      type: 'FeatureCollection', features: layer.names.map(({name, at}, order) => ({type: 'Feature', properties: {name, order}, geometry: {type: 'Point', coordinates: at}})),
    });
    const coarse = ['<', ['get', 'order'], layer.thick.length];
    map.addLayer({
      id: 'names', type: 'symbol', source: 'names',
      layout: {
        'text-field': ['get', 'name'], 'text-font': ['case', coarse, ['literal', ['Noto Sans Bold']], ['literal', ['Noto Sans Regular']]],
        'text-size': ['case', coarse, 15, 12], 'symbol-sort-key': ['get', 'order'], 'text-padding': 8,
      },
      paint: {'text-color': ink, 'text-halo-color': '#ffffff', 'text-halo-width': 1.6},
    });
  }

  /** Returns the condition of the class that has a colour, as the style has it: condition, colour, condition, colour. */
  #classOf(colour) {
    const at = colour ? this.colours.indexOf(colour) : -1;
    return at > 0 ? this.colours[at - 1] : null;
  }

  /** Waits until all is drawn. */
  idle() {
    return new Promise(done => {
      if (this.map.loaded() && !this.map.isMoving()) return done();
      const timer = setTimeout(done, patience);
      this.map.once('idle', () => { clearTimeout(timer); done(); });
    });
  }

  /** Returns where the map stands: longitude, latitude, zoom. */
  view() {
    const {lng, lat} = this.map.getCenter();
    return [lng.toFixed(6), lat.toFixed(6), this.map.getZoom().toFixed(3)].join(',');
  }

  /** Returns where the middle of a row is on the screen, by the largest of its parts in view. */
  screenOf(row) {
    const [part] = this.map.querySourceFeatures(this.#source, {sourceLayer: this.layer.layer, filter: this.#is(row)})
      .flatMap(f => f.geometry.type === 'Polygon' ? [f.geometry.coordinates[0]] : f.geometry.coordinates.map(p => p[0]))
      .map(ring => ({area: area(ring), ring})).sort((a, b) => b.area - a.area);
    if (!part) return null;
    const corners = part.ring.slice(1);
    const {x, y} = this.map.project([0, 1].map(i => corners.reduce((sum, p) => sum + p[i], 0) / corners.length));
    const {left, top} = this.map.getCanvas().getBoundingClientRect();
    return [left + x, top + y];
  }

  /** Returns the rows of a class of the legend that are in view. */
  cellsOf(key) {
    const colour = document.querySelector(`[data-testid=legend-item][data-class="${CSS.escape(key)}"]`)?.dataset.color;
    const is = this.#classOf(colour);
    const found = is ? this.map.queryRenderedFeatures({layers: [this.#source], filter: is}) : [];
    return [...new Set(found.map(f => f.properties[this.layer.key]))];
  }
}

/** Returns twice the area of a ring, in square degrees. */
function area(ring) {
  return Math.abs(ring.slice(1).reduce((sum, [x, y], i) => sum + (x - ring[i][0]) * (y + ring[i][1]), 0));
}

/** Returns thin lines on nothing, as the legend has them. */
function hatching() {
  const side = 8, data = new Uint8ClampedArray(4 * side * side);
  for (let i = 0; i < side; i++) data.set([0xaa, 0xb2, 0xbd, 255], 4 * (i * side + side - 1 - i));
  return {width: side, height: side, data};
}
