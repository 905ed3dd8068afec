import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';

import { ago } from './format';

/** A moment as people say it, exact on hover; keeps itself up to date. */
export function RelativeTime({ at, none = 'never' }: { at: string | null | undefined; none?: string }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return <span className="faint">{none}</span>;
  return (
    <Tooltip label={new Date(at).toLocaleString()}>
      <time dateTime={at}>{ago(at)}</time>
    </Tooltip>
  );
}
