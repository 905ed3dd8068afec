import { abbreviated, inFull } from './format';

/** A number with its unit, abbreviated; exact on hover. */
export function Count({ value, unit }: { value: number | null | undefined; unit?: string }) {
  if (value === null || value === undefined) return <span className="faint" data-none>–</span>;
  return (
    <span title={unit ? `${inFull(value)} ${unit}` : inFull(value)}>
      {abbreviated(value)}
      {unit ? <span className="faint"> {unit}</span> : null}
    </span>
  );
}
