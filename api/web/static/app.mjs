/**
 * The page without reloading. The server makes the whole page for every state of it, and
 * its address is that state; this script fetches the next page and puts its parts in
 * place, so that map, legend, figures and tables change together. Without it links and
 * forms load the page anew.
 */

/** Parts of the page that change. */
const parts = ['header', '.filters', '.stale', 'main', 'footer'];

/** Milliseconds until an answer is given up, and between two months that are played. */
const patience = 30000, beat = 1500;

/** @type {import('./map.mjs').Glass | null} The interactive map, where there is one */
let glass = null;
/** Whether the browser was found not to draw it. */
let blind = false;
/** The request under way, which a later one ends. */
let asking = new AbortController();
/** The timer of what is being played. */
let playing = 0;
/** When what is shown was fetched. */
let fetched = new Date();
/** The resolution that was asked for; the map shows a coarser one from far away. */
let resolution = 0;

const body = document.body;

/** Fetches the page at an address. An answer that is no such page is an error. */
async function read(href, signal) {
  const answer = await fetch(href, {headers: {Accept: 'text/html'}, signal: AbortSignal.any([signal, AbortSignal.timeout(patience)])});
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (answer.status >= 500 || answer.status === 429 || !page.body.dataset.state) {
    throw new Error(`${answer.status} ${answer.statusText}`);
  }
  return page;
}

/**
 * Shows the page at an address. What is shown stays until the next is there, and its
 * tiles with it.
 * @param {string} href
 * @param {'push' | 'replace' | 'none'} history what becomes of the address bar
 */
async function show(href, history = 'push') {
  body.dataset.state = 'loading';
  let page;
  asking.abort();
  const {signal} = asking = new AbortController();
  try {
    page = await read(href, signal);
    await glass?.prepare(page, signal);
  } catch (error) {
    if (error.name !== 'AbortError') complain(href, history);
    return;
  }
  if (history !== 'none') window.history[`${history}State`](null, '', withView(href));
  fetched = new Date();
  put(page);
  if (glass) await glass.commit();
  else await draw();
  if (!signal.aborted) body.dataset.state = page.body.dataset.state;
}

/** Puts the parts of a page in place, and keeps what has the focus. */
function put(page) {
  const focus = path(document.activeElement), unfolded = [...document.querySelectorAll('details[open]')].map(path);
  document.documentElement.lang = page.documentElement.lang;
  document.title = page.title;
  for (const part of parts) {
    const old = document.querySelector(part), next = page.querySelector(part);
    if (next && glass) next.querySelector('#glass')?.replaceWith(glass.element);
    if (old && next) old.replaceWith(next);
    else if (old) old.remove();
    else if (next) document.querySelector('main').before(next);
  }
  for (const fold of unfolded) if (fold) document.querySelector(fold)?.setAttribute('open', '');
  if (focus) document.querySelector(focus)?.focus({preventScroll: true});
}

/** Returns a selector by which an element is found again on the next page. */
function path(element) {
  if (!element || element === body) return '';
  const marks = ['data-testid', 'data-key', 'data-code', 'data-dow', 'data-hour', 'name', 'rel'].filter(name => element.hasAttribute(name));
  const own = element.localName + marks.map(name => `[${name}="${CSS.escape(element.getAttribute(name))}"]`).join('');
  const place = element.parentElement?.closest('[data-testid]');
  return place ? `[data-testid="${place.dataset.testid}"]${place.dataset.code ? `[data-code="${CSS.escape(place.dataset.code)}"]` : ''}${place.dataset.dow ? `[data-dow="${place.dataset.dow}"][data-hour="${place.dataset.hour}"]` : ''} ${own}` : own;
}

/** Says that the service does not answer, since when what is shown is, and offers to ask again. */
function complain(href, history) {
  stop();
  body.dataset.state = 'error';
  let bar = document.querySelector('.broken');
  if (!bar) {
    bar = document.querySelector('#broken').content.firstElementChild.cloneNode(true);
    document.querySelector('main').before(bar);
  }
  const text = bar.querySelector('span');
  text.textContent = text.dataset.text.replace('{}', fetched.toLocaleTimeString(document.documentElement.lang));
  bar.querySelector('button').onclick = () => { bar.remove(); show(href, history); };
}

/** Returns an address with the view of the map, which is no business of the server's. */
function withView(href) {
  const url = new URL(href, location.href);
  const [, anchor = ''] = url.hash.match(/^#(popup|rank)$/) ?? [];
  url.hash = glass?.moved ? `c=${glass.view()}` : anchor;
  return url.href;
}

/** Whether an address is one of this page in another state. */
function isPage(link) {
  return link.getAttribute('href')?.startsWith('?') && !link.hasAttribute('download') && !link.target;
}

/** Follows a link of the page within it. */
function follow(event) {
  const link = event.target.closest('a');
  if (!link || !isPage(link) || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.href);
}

/** Shows what a person chose. */
async function go(href) {
  stop();
  const url = new URL(href, location.href);
  const anchor = url.hash.slice(1);
  await show(href);
  if (glass?.layer?.res && url.searchParams.get('res') !== String(resolution)) resolution = glass.layer.res;
  settle();
  if (anchor && matchMedia('(max-width: 1100px)').matches) document.getElementById(anchor)?.scrollIntoView({behavior: 'smooth'});
}

/** Sends the form as the browser would, without what is empty. */
function submit(event) {
  if (event.target.method !== 'get') return;
  event.preventDefault();
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(event.target, event.submitter)) if (value) query.append(name, String(value));
  go(`?${query}`);
}

/** Choices count at once, without the button. */
function change(event) {
  const field = event.target;
  if (field.matches('form select, form input[type=checkbox]:not(.toggle)')) field.form.requestSubmit();
  if (field.matches('[data-testid=time-slider]')) go(JSON.parse(field.dataset.hrefs)[field.valueAsNumber]);
}

/** Says which month the slider stands at while it is moved. */
function slide(event) {
  const field = event.target;
  if (!field.matches('[data-testid=time-slider]')) return;
  const label = JSON.parse(field.dataset.labels)[field.valueAsNumber];
  field.setAttribute('aria-valuetext', label);
  document.querySelector('[data-testid=step]').textContent = label;
}

/** Buttons that only a script can answer. */
function press(event) {
  const button = event.target.closest('button.scripted');
  if (!button) return;
  if (button.matches('[data-testid=play]')) play();
  if (button.matches('.copy')) copy(button.previousElementSibling.textContent, button, document.querySelector('#broken').dataset.copied);
  if (button.matches('[data-testid=share]')) share(button);
}

/** Copies the address that shows just this elsewhere, and makes it that of the page. */
function share(button) {
  const url = new URL(location.href);
  if (glass) url.hash = `c=${glass.view()}`;
  window.history.replaceState(null, '', url);
  for (const own of ['test', 'api_key']) url.searchParams.delete(own);
  url.searchParams.set('lang', document.documentElement.lang);
  copy(url.href, button, button.dataset.done);
}

async function copy(text, button, done) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // without HTTPS there is no clipboard but that of the selection
    const field = Object.assign(document.createElement('textarea'), {value: text});
    body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  }
  const before = button.textContent;
  button.textContent = done;
  setTimeout(() => { button.textContent = before; }, 1500);
}

/** Plays months from the one shown, or the first. Where motion is unwelcome it takes one step. */
async function play() {
  if (playing) return stop();
  const field = document.querySelector('[data-testid=time-slider]');
  const hrefs = JSON.parse(field.dataset.hrefs), at = Number(field.dataset.at);
  let next = at < 0 || at === hrefs.length - 1 ? 0 : at + 1;
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  playing = -1;
  while (playing && next < hrefs.length) {
    mark(true);
    await show(hrefs[next++]);
    if (still || body.dataset.state === 'error') break;
    mark(true);
    await new Promise(done => { playing = setTimeout(done, beat); });
  }
  stop();
}

function stop() {
  clearTimeout(playing);
  playing = 0;
  mark(false);
}

function mark(on) {
  const button = document.querySelector('[data-testid=play]');
  if (!button) return;
  button.setAttribute('aria-pressed', String(on));
  button.textContent = on ? '❚❚' : '▶';
}

/** Arrow keys move within the table of weekdays and hours. */
function arrows(event) {
  const cell = event.target.closest?.('[data-testid=heat-cell]');
  const step = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
  if (!cell || !step) return;
  event.preventDefault();
  const next = document.querySelector(`[data-testid=heat-cell][data-dow="${Number(cell.dataset.dow) + step[0]}"][data-hour="${Number(cell.dataset.hour) + step[1]}"] a`);
  next?.focus();
}

/** Returns the address of the resolution that tiles can hold at the zoom of the map, '' for the one that is shown. */
function fitting() {
  const layer = glass?.layer;
  if (!layer?.res || !layer.many && layer.res === resolution) return '';
  const zoom = Math.floor(glass.map.getZoom());
  const held = layer.steps.filter(s => s.res <= resolution && s.zoom <= zoom);
  const best = held.at(-1) ?? layer.steps[0];
  return best.res === layer.res ? '' : best.href;
}

/** From far away the map shows a coarser resolution, with its own page. */
function settle() {
  const href = body.dataset.state === 'loading' ? '' : fitting();
  if (href) show(href, 'replace');
}

/** Draws the interactive map in place of the one that the server drew, where that can be done. */
async function draw() {
  if (blind || !document.querySelector('#glass')) return;
  try {
    const {Glass} = await import('./map.mjs');
    glass = await Glass.over(document, {view: location.hash.match(/^#c=(.+)$/)?.[1], choose: go, settle});
    resolution = glass.layer.res;
    body.dataset.renderer = 'webgl';
    const href = fitting();
    if (href) return await show(href, 'replace');
    await glass.prepare(document);
    await glass.commit();
  } catch (error) {
    console.warn(`No interactive map: ${error.message}`);
    blind = true;
    document.documentElement.classList.remove('glassy');
    body.dataset.renderer = 'svg';
    glass?.map.remove();
    glass = null;
  }
}

async function start() {
  document.documentElement.classList.add('scripting');
  document.addEventListener('click', follow);
  document.addEventListener('click', press);
  document.addEventListener('submit', submit);
  document.addEventListener('change', change);
  document.addEventListener('input', slide);
  document.addEventListener('keydown', arrows);
  addEventListener('popstate', () => { stop(); show(location.href, 'none'); });
  if (new URLSearchParams(location.search).has('test')) window.app = hooks();
  const state = body.dataset.state;
  body.dataset.state = 'loading';
  await draw();
  if (body.dataset.state === 'loading') body.dataset.state = state;
}

/** What tests are given: where cells are on the glass, which are of a class, and when all is drawn. */
function hooks() {
  return {
    screenOf: cell => glass?.screenOf(cell),
    cellsOf: key => glass?.cellsOf(key),
    idle: async () => {
      while (body.dataset.state === 'loading') await new Promise(done => setTimeout(done, 20));
      await glass?.idle();
    },
  };
}

start();
