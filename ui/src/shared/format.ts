/** How numbers, times and words are shown; the exact value belongs in a title. */
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat('en');
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

export const abbreviated = (value: number): string => (Math.abs(value) < 10_000 ? exact.format(value) : compact.format(value));
export const inFull = (value: number): string => exact.format(value);

/** A share in percent; what is nearly nothing or nearly all is never rounded to nothing or all. */
export function percent(share: number, digits = 0): string {
  if (share > 0 && share < 0.001) return '< 0.1%';
  if (share < 1 && share > 0.999) return '> 99.9%';
  const nearAnEnd = (share > 0 && share < 0.01) || (share < 1 && share > 0.99);
  return `${(share * 100).toFixed(nearAnEnd ? Math.max(1, digits) : digits)}%`;
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log(value) / Math.log(1000)));
  return `${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

export function ago(moment: string | Date, now: Date = new Date()): string {
  const seconds = (new Date(moment).getTime() - now.getTime()) / 1000;
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return Math.abs(seconds) < 10 ? 'just now' : relative.format(Math.round(seconds), 'second');
}

export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 && !Number.isInteger(seconds) ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  if (minutes < 60) return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A score from 0 to 100; what is not quite all is never rounded up to it. */
export const score = (value: number): string => (value > 99 && value < 100 ? (Math.floor(value * 10) / 10).toFixed(1) : String(Math.round(value)));

/** `materialized_view` as people read it. */
export const words = (name: string): string => name.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase());

export const plural = (count: number, one: string, many = `${one}s`): string => `${inFull(count)} ${count === 1 ? one : many}`;
