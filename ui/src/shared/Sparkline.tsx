/** A distribution or a series in the height of a line of text. */
export function Sparkline({ values, kind = 'bars', width = 72, height = 20, label }: {
  values: readonly number[];
  kind?: 'bars' | 'line';
  width?: number;
  height?: number;
  label: string;
}) {
  const top = Math.max(...values, 0);
  if (values.length === 0 || top <= 0) return <span className="faint">–</span>;
  const step = width / values.length;
  const y = (value: number) => height - 1 - (value / top) * (height - 2);
  return (
    <svg width={width} height={height} role="img" aria-label={label} style={{ display: 'block' }}>
      {kind === 'bars' ? (
        values.map((value, index) => (
          <rect key={index} x={index * step} y={y(value)} width={Math.max(1, step - 1)} height={height - y(value)} fill="var(--accent)" opacity={0.75} />
        ))
      ) : (
        <polyline fill="none" stroke="var(--accent)" strokeWidth={1.5} points={values.map((value, index) => `${(index + 0.5) * step},${y(value)}`).join(' ')} />
      )}
    </svg>
  );
}
