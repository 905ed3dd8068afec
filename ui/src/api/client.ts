import createClient, { type Middleware } from 'openapi-fetch';

import { Problem } from './problem';
import type { paths } from './schema';

/** Turns every answer that is not a success into a thrown Problem. */
const problems: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await Problem.from(response);
    return undefined;
  },
  onError({ error }) {
    return error instanceof Problem ? error : Problem.unreachable();
  },
};

export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });
api.use(problems);

/** The data of an answer; failures were thrown before. */
export async function dataOf<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}
