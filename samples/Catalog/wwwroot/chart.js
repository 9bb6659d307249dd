// A line chart of the last minutes in SVG: redrawn whole once a second, which costs less than a millisecond and has no state to go wrong.
const margin = { left: 56, right: 8, top: 18, bottom: 24 };

// How far back a chart reaches: little at first, so that the first minute is not a sliver at the edge.
const windows = [60, 120, 180];
const space = 'http://www.w3.org/2000/svg';

export class Chart {
  // series: [{ name, style, area, value: sample => number | null }]; scale: from scales.js; text: how a value reads.
  constructor(figure, { label, seconds, series, scale, text }) {
    Object.assign(this, { figure, label, seconds, series, scale, text, samples: [], pointer: null });
    this.svg = figure.appendChild(element('svg', { role: 'img', 'aria-label': label }));
    this.tip = figure.appendChild(document.createElement('div'));
    this.tip.className = 'tip';
    this.tip.hidden = true;
    figure.addEventListener('pointermove', event => { this.pointer = event.clientX - figure.getBoundingClientRect().left; this.draw(); });
    figure.addEventListener('pointerleave', () => { this.pointer = null; this.draw(); });
    new ResizeObserver(() => this.draw()).observe(figure);
  }

  show(samples) {
    this.samples = samples;
    this.draw();
  }

  draw() {
    const width = this.figure.clientWidth;
    const height = this.figure.clientHeight;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.replaceChildren();
    if (this.samples.length === 0) {
      this.add('text', { x: width / 2, y: height / 2, class: 'waiting', 'text-anchor': 'middle' }, 'Waiting for the first second…');
      return;
    }

    const now = this.samples.at(-1).at;
    this.window = windows.find(span => now - this.samples[0].at <= span) ?? this.seconds;
    const shown = this.samples.filter(sample => now - sample.at <= this.window);
    const values = shown.flatMap(sample => this.series.map(line => line.value(sample))).filter(value => value !== null);
    const scale = this.scale(values);
    this.x = at => margin.left + (width - margin.left - margin.right) * (1 - (now - at) / this.window);
    this.y = value => margin.top + (height - margin.top - margin.bottom) * (1 - scale.place(value));
    this.drawAxes(scale, width, height);
    this.drawBands(shown, height);
    this.series.forEach(line => this.drawLine(line, shown, height));
    this.drawCursor(shown, now, width, height);
    const last = this.series.map(line => `${line.name} ${this.text(line.value(shown.at(-1)))}`).join(', ');
    this.svg.setAttribute('aria-label', `${this.label}. Now: ${last}.`);
  }

  drawAxes(scale, width, height) {
    for (const tick of scale.ticks) {
      const y = Math.round(this.y(tick)) + 0.5;
      this.add('line', { class: 'grid', x1: margin.left, x2: width - margin.right, y1: y, y2: y });
      this.add('text', { class: 'axis', x: margin.left - 8, y: y + 4, 'text-anchor': 'end' }, this.text(tick).replace('.0', ''));
    }

    for (let ago = 0; ago <= this.window; ago += width > 500 ? this.window / 3 : this.window) {
      const anchor = ago === 0 ? 'end' : ago === this.window ? 'start' : 'middle';
      const name = ago === 0 ? 'now' : ago % 60 === 0 ? `${ago / 60} min ago` : `${ago} s ago`;
      this.add('text', { class: 'axis', x: this.x(this.samples.at(-1).at - ago), y: height - 5, 'text-anchor': anchor }, name);
    }
  }

  // A shaded band for as long as a drill was on, with its name where there is room.
  drawBands(shown, height) {
    const bands = Object.keys(bandNames).flatMap(name => stretches(shown, sample => name in sample.drills).map(([from, to]) => ({ name, from, to })));
    let free = 0;
    for (const { name, from, to } of bands.sort((one, other) => one.from - other.from)) {
      const left = this.x(from - 1);
      this.add('rect', { class: 'band', x: left, y: margin.top, width: Math.max(1, this.x(to) - left), height: height - margin.top - margin.bottom });

      // Names of drills that overlap stand side by side.
      const start = Math.max(left + 2, free);
      this.add('text', { class: 'band-name', x: start, y: margin.top - 5 }, bandNames[name]);
      free = start + this.svg.lastChild.getComputedTextLength() + 8;
    }
  }

  drawLine(line, shown, height) {
    for (const [from, to] of stretches(shown, sample => line.value(sample) !== null)) {
      const points = shown.filter(sample => sample.at >= from && sample.at <= to).map(sample => `${this.x(sample.at).toFixed(1)} ${this.y(line.value(sample)).toFixed(1)}`);
      if (line.area) {
        const floor = height - margin.bottom;
        this.add('path', { class: 'area', d: `M${this.x(from)} ${floor}L${points.join('L')}L${this.x(to)} ${floor}Z` });
      }

      this.add('path', { class: `line ${line.style}`, d: points.length > 1 ? `M${points.join('L')}` : `M${points[0]}h1` });
    }
  }

  drawCursor(shown, now, width, height) {
    this.tip.hidden = this.pointer === null;
    if (this.pointer === null) return;
    const nearest = shown.reduce((best, sample) => (Math.abs(this.x(sample.at) - this.pointer) < Math.abs(this.x(best.at) - this.pointer) ? sample : best));
    const x = this.x(nearest.at);
    this.add('line', { class: 'cursor', x1: x, x2: x, y1: margin.top, y2: height - margin.bottom });
    const ago = Math.round(now - nearest.at);
    this.tip.textContent = [ago === 0 ? 'now' : `${ago} s ago`, ...this.series.map(line => `${line.name}  ${this.text(line.value(nearest))}`)].join('\n');
    this.tip.style.left = `${Math.min(Math.max(0, x + 12), width - this.tip.offsetWidth)}px`;
  }

  add(name, attributes, text) {
    const node = element(name, attributes);
    if (text !== undefined) node.textContent = text;
    this.svg.append(node);
  }
}

const bandNames = { slow: 'slow', stop: 'stopped', 'lose-tier': 'tier lost', 'slow-tier': 'tier slow', bypass: 'bypass', crowd: 'crowd' };

function element(name, attributes) {
  const node = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

// The times [from, to] of each run of samples for which the test holds.
function stretches(samples, test) {
  const found = [];
  let open = false;
  for (const sample of samples) {
    const holds = test(sample);
    if (holds && open) found.at(-1)[1] = sample.at;
    if (holds && !open) found.push([sample.at, sample.at]);
    open = holds;
  }

  return found;
}
