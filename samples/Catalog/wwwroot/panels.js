// Everything on the page but the charts and the drills: takes a sample, writes the figures.
import { bytes, count, duration, durationText, none, percent, roundPercent } from './format.js';

const at = id => document.getElementById(id);

function figure(id, value, unit) {
  at(id).replaceChildren(value);
  if (unit) {
    const small = document.createElement('small');
    small.textContent = unit;
    at(id).append(small);
  }
}

export function showHero({ database }) {
  figure('db-with', count(database.reads));
  figure('db-without', count(database.withoutCache));
  const kept = database.withoutCache > 0 ? Math.max(0, 1 - database.reads / database.withoutCache) : null;
  figure('db-ratio', percent(kept));
}

export function showTiles({ cache, requests, failures, http, drills }) {
  figure('hit-ratio', percent(cache.hitRatio));
  at('hit-ratio-sub').textContent = 'bypass' in drills ? 'the cache is bypassed' : `${count(cache.misses)} misses/s`;
  figure('requests', count(requests), '/s');
  at('requests').closest('.tile').dataset.tone = failures > 0 ? 'bad' : '';
  at('requests-sub').textContent = failures > 0 ? `${count(failures)}/s failed` : http ? `HTTP ${farEnd(http)}` : 'no built-in load';
  time('hit-time', cache.hitTime);
  time('miss-time', cache.missTime);
  figure('coalesced', count(cache.coalesced), '/s');
  at('coalesced-sub').textContent = cache.coalesced > 0 ? `waited ${durationText(cache.coalescedWait)} each` : `${count(cache.loads)} loads/s`;
  figure('stale', count(cache.stale), '/s');
  at('stale-sub').textContent = mainCause(cache.staleServed);
}

function time(id, spread) {
  if (!spread) {
    figure(id, none);
    at(`${id}-sub`).textContent = 'none lately';
    return;
  }

  figure(id, ...duration(spread.p50));
  at(`${id}-sub`).textContent = farEnd(spread);
}

// Of fewer than a hundred there is no 99th in a hundred, only a slowest.
const farEnd = ({ p99, slowest }) => (p99 === null ? `slowest ${durationText(slowest)}` : `p99 ${durationText(p99)}`);

function mainCause(causes) {
  const [name] = Object.entries(causes).filter(([, rate]) => rate > 0).sort((a, b) => b[1] - a[1])[0] ?? [null];
  return name ? `mostly: ${words(name)}` : 'everything is fresh';
}

// "ScopeInvalidated" and "scope_invalidated" both read "scope invalidated".
const words = name => name.replace(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' ').toLowerCase();

export function showTop(top, choose) {
  if (top.length === 0) return;
  const most = top[0].perSecond;
  at('top-list').replaceChildren(...top.map(product => {
    const button = document.createElement('button');
    button.type = 'button';
    const [name, platform, rate, bar] = ['b', 'span', 'em', 'i'].map(tag => document.createElement(tag));
    name.textContent = product.name;
    if (product.isHot) {
      const hot = document.createElement('small');
      hot.textContent = 'hot';
      hot.title = `${count(product.fleetPerSecond || product.perSecond)} reads a second${product.fleetPerSecond ? ' in all instances' : ''}: held in every process, asked for in turns`;
      name.append(' ', hot);
    }
    platform.textContent = `${product.platform} · no. ${product.id}`;
    rate.textContent = count(product.perSecond);
    bar.style.width = `${((product.perSecond / most) * 100).toFixed(1)}%`;
    button.append(name, platform, rate, bar);
    button.addEventListener('click', () => choose(product.id));
    const item = document.createElement('li');
    item.append(button);
    return item;
  }));
}

export function showAges(labels, shares) {
  at('ages-list').replaceChildren(...labels.map((label, index) => {
    const item = document.createElement('li');
    const [name, track, bar, share] = ['span', 'u', 'i', 'em'].map(tag => document.createElement(tag));
    name.textContent = label;
    bar.style.width = `${((shares?.[index] ?? 0) * 100).toFixed(1)}%`;
    track.append(bar);
    share.textContent = shares ? roundPercent(shares[index]) : none;
    item.append(name, track, share);
    return item;
  }));
}

export function showInside(cache, views) {
  const rows = [
    ['Hits in this process', count(cache.local)],
    ['Hits in the shared tier', count(cache.shared)],
    ['Known absences', count(cache.negative)],
    ['Misses', count(cache.misses)],
    ['Loads', count(cache.loads)],
    ['Failed loads', count(cache.loadFailures)],
    ['Refreshes', ...sum(cache.refreshes)],
    ['Served stale', ...sum(cache.staleServed)],
    ['Invalidations', ...sum(cache.changes)],
    ['Evictions', ...sum(cache.evictions)],
    ['Entries held', count(cache.entries)],
    ['Memory held', bytes(cache.bytes)],
    ['Page views in the database', count(views.inDatabase)],
    ['Page views on their way', count(views.inJournal)],
    ['Median age at eviction', cache.ageAtEviction === null ? none : durationText(cache.ageAtEviction)],
  ];
  at('inside-list').replaceChildren(...rows.flatMap(([name, value, causes]) => [
    ...pair(name, value),
    ...Object.entries(causes ?? {}).filter(([cause, rate]) => cause && rate > 0).flatMap(([cause, rate]) => pair(words(cause), count(rate), 'cause')),
  ]));
}

const sum = causes => [count(Object.values(causes).reduce((total, rate) => total + rate, 0)), causes];

function pair(name, value, style) {
  const term = document.createElement('dt');
  const detail = document.createElement('dd');
  term.textContent = name;
  detail.textContent = value;
  if (style) term.className = style;
  return [term, detail];
}
