import { Chart } from './chart.js';
import { connectDrills, showDrills } from './drills.js';
import { connectExplain, explain } from './explain.js';
import { count, durationText } from './format.js';
import { showAges, showHero, showInside, showTiles, showTop } from './panels.js';
import { connectStock, showInstances } from './instances.js';
import { linear, logarithmic } from './scales.js';
import { listen } from './stream.js';

const seconds = 180;
const page = document.getElementById('page');
const status = document.getElementById('status');
const text = value => (value === null || value === undefined ? '–' : count(value));

const database = new Chart(document.getElementById('chart-database'), {
  label: 'Database reads per second with and without the cache over the last three minutes',
  seconds,
  scale: linear,
  text,
  series: [
    { name: 'without the cache', style: 'b estimate', value: sample => sample.database.withoutCache },
    { name: 'with the cache', style: 'a', area: true, value: sample => sample.database.reads },
  ],
});

const latency = new Chart(document.getElementById('chart-latency'), {
  label: 'Time to answer, 99th percentile, over the last three minutes',
  seconds,
  scale: logarithmic,
  text: durationText,
  series: [
    { name: 'HTTP request', style: 'c', value: sample => sample.http?.p99 ?? null },
    { name: 'miss', style: 'b', value: sample => sample.cache.missTime?.p99 ?? null },
    { name: 'hit', style: 'a', value: sample => sample.cache.hitTime?.p99 ?? null },
  ],
});

let samples = [];
let labels = [];

function show() {
  database.show(samples);
  latency.show(samples);
  const last = samples.at(-1);
  if (!last) return;
  page.removeAttribute('aria-busy');
  showHero(last);
  showInstances(last.instances, last.top);
  showTiles(last);
  showTop(last.top, explain);
  showAges(labels, last.ages);
  showInside(last.cache, last.views);
  showDrills(last.drills);
}

function describe(about) {
  labels = about.ages;
  showAges(labels, null);
  document.getElementById('explain-id').max = 2147483647;
  const products = `${count(about.products)} real products in ${count(about.categories)} categories, on SQLite`;
  document.getElementById('intro').textContent = about.load
    ? `${products}; asked for ${count(about.rate)} times a second over HTTP, from a hot set that drifts.`
    : `${products}. The built-in load is off: send requests of your own, such as /products/1234.`;
}

listen({
  about: describe,
  history: past => { samples = past; show(); },
  sample: next => { samples = [...samples, next].slice(-seconds - 5); show(); },
  state: (state, words) => {
    status.dataset.state = state;
    if (status.textContent !== words) status.textContent = words;
    page.toggleAttribute('data-stale', state !== 'live');
  },
});
connectDrills();
connectExplain();
connectStock();
