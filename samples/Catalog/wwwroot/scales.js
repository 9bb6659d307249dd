// A scale takes the values shown and returns its ticks and where a value lies, 0 at the bottom to 1 at the top.

// From zero to a round number above the largest, in three to six steps.
export function linear(values) {
  const largest = Math.max(10, ...values) * 1.05;
  const power = 10 ** Math.floor(Math.log10(largest / 4));
  const step = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(size => largest / size <= 5);
  const top = Math.ceil(largest / step) * step;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step);
  return { ticks, place: value => value / top };
}

// Whole powers of ten around the values, thinned to at most six.
export function logarithmic(values) {
  const known = values.filter(value => value > 0);
  const low = Math.floor(Math.log10(Math.min(...(known.length ? known : [1]))));
  const high = Math.max(low + 2, Math.ceil(Math.log10(Math.max(...(known.length ? known : [10])))));
  const every = Math.ceil((high - low + 1) / 6);
  const ticks = [];
  for (let power = low; power <= high; power += every) ticks.push(10 ** power);
  return { ticks, place: value => (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low) };
}
