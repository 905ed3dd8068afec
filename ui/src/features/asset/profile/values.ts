export type Shown = string | number | boolean | null | undefined;

const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });
const moment = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?(\+00:00|Z)?$/;

/** A value of the data as people read it: numbers with separators, moments without their noise. */
export function shown(value: Shown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return Number.isInteger(value) ? value.toLocaleString('en') : short.format(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  const found = moment.exec(value);
  if (found) return found[2] === '00:00:00' ? (found[1] ?? value) : `${found[1]} ${found[2]}`;
  return value === '' ? '(empty text)' : value;
}
