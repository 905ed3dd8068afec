import { notifications } from '@mantine/notifications';

import { Problem } from '@/api/problem';

export function told(message: string): void {
  notifications.show({ message, color: 'moss', autoClose: 4000 });
}

/** Shows a failure with what to do and the trace id. */
export function failed(error: unknown): void {
  const problem = error instanceof Problem ? error : new Problem({ detail: String(error) });
  notifications.show({
    title: problem.title,
    message: problem.traceId ? `${problem.message} (trace ${problem.traceId.slice(0, 8)})` : problem.message,
    color: 'red',
    autoClose: 9000,
  });
}
