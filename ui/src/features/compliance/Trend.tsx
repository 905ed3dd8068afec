import { RelativeTime } from '@/shared/RelativeTime';
import { Sparkline } from '@/shared/Sparkline';
import { Loaded, SkeletonBlock } from '@/shared/states';

import { useScores } from './queries';

/** The score at each change, and what it was last. */
export function Trend({ id }: { id: string }) {
  const scores = useScores(id);
  return (
    <Loaded query={scores} skeleton={<SkeletonBlock height={72} />} isEmpty={(page) => page.items.length === 0} empty={<span className="muted">Not measured yet.</span>}>
      {({ items }) => {
        const values = [...items].reverse().map((point) => point.score ?? 0);
        return (
          <>
            <Sparkline values={values} kind="line" width={260} height={56} label={`The last ${items.length} scores`} />
            <table style={{ width: '100%', marginTop: 6, fontSize: '0.8125rem', fontVariantNumeric: 'tabular-nums' }}>
              <tbody>
                {items.slice(0, 4).map((point) => (
                  <tr key={point.measured_at}>
                    <td className="muted"><RelativeTime at={point.measured_at} /></td>
                    <td style={{ textAlign: 'right' }}>{point.score === null ? '–' : point.score.toFixed(1)}</td>
                    <td className="muted" style={{ textAlign: 'right' }}>{point.open_findings} open</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        );
      }}
    </Loaded>
  );
}
