// Several processes on one shared tier: what each does, and what they come to together.
import { count, none } from './format.js';

const at = id => document.getElementById(id);
const columns = [
  ['Requests', one => one.requests],
  ['Hits, local', one => one.local],
  ['Hits, shared', one => one.shared],
  ['Misses', one => one.misses],
  ['Loads', one => one.loads],
  ['Database reads', one => one.reads],
];

let shown = false;

export function showInstances(instances, top) {
  at('instances').hidden = instances.length === 0;
  if (instances.length === 0) return;
  at('hero-note').textContent = `per second, of all ${instances.length} instances, the last three minutes`;
  at('instances-note').textContent = 'per second; the rest of the page, but for the first chart, is instance 1';
  at('instances-body').replaceChildren(...instances.map(one => row(`${one.number}`, new URL(one.address).host, one, standing(one))));
  const sum = Object.fromEntries(['requests', 'local', 'shared', 'misses', 'loads', 'reads']
    .map(name => [name, instances.reduce((total, one) => total + one[name], 0)]));
  const silent = instances.filter(one => !one.answers || !one.heard).length;
  at('instances-sum').replaceChildren(row('All', '', { ...sum, answers: true }, silent === 0 ? ['heard by all', true] : [`${silent} of ${instances.length} cut off`, false]));
  if (!shown && top.length > 0) {
    at('stock-id').value = top[0].id;
    shown = true;
  }
}

function standing(one) {
  if (!one.answers) return ['does not answer', false];
  return [one.heard ? `${one.tier}, heard` : `${one.tier}, silent`, one.heard];
}

function row(name, place, one, [words, isGood]) {
  const line = document.createElement('tr');
  const head = document.createElement('th');
  head.scope = 'row';
  head.append(name);
  if (place) {
    const small = document.createElement('small');
    small.textContent = place;
    head.append(' ', small);
  }

  line.append(head, ...columns.map(([label, value]) => cell(label, one.answers ? count(value(one)) : none)), cell('Shared tier', words));
  line.lastElementChild.dataset.tone = isGood ? 'good' : 'bad';
  return line;
}

function cell(label, text) {
  const data = document.createElement('td');
  data.dataset.label = label;
  data.textContent = text;
  return data;
}

export function connectStock() {
  at('stock-form').addEventListener('submit', async event => {
    event.preventDefault();
    try {
      const response = await fetch(`/instances/stock/${at('stock-id').value}`, { method: 'POST' });
      const answer = await response.json();
      at('stock-said').textContent = answer.text ?? answer.detail ?? `The change was refused (${response.status}).`;
    } catch {
      at('stock-said').textContent = 'The server does not answer, so nothing is known of the change.';
    }
  });
}
