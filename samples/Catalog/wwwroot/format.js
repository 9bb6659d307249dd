// Numbers as people read them. Nothing known is a dash, never a zero.
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const none = '–';

export const count = value => (value < 9.95 && value > 0 ? one.format(value) : whole.format(value));

export const percent = share => (share === null ? none : `${one.format(share * 100)} %`);

export const roundPercent = share => (share > 0 && share < 0.005 ? '< 1 %' : `${whole.format(share * 100)} %`);

// [number, unit] of a duration in milliseconds, with at most three digits.
export function duration(ms) {
  if (ms < 0.0009995) return [whole.format(ms * 1e6), 'ns'];
  if (ms < 0.00995) return [one.format(ms * 1e3), 'µs'];
  if (ms < 0.9995) return [whole.format(ms * 1e3), 'µs'];
  if (ms < 9.95) return [one.format(ms), 'ms'];
  if (ms < 999.5) return [whole.format(ms), 'ms'];
  return [one.format(ms / 1e3), 's'];
}

export const durationText = ms => (ms === null || ms === undefined ? none : duration(ms).join(' '));

export function bytes(value) {
  if (value < 1024) return `${whole.format(value)} B`;
  if (value < 1024 * 1024) return `${one.format(value / 1024)} KiB`;
  return `${one.format(value / 1024 / 1024)} MiB`;
}
