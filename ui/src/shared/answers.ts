import type { paths } from '@/api/schema';

/** What GET of a path answers, whatever the generator calls it. */
export type Got<P extends keyof paths> = paths[P] extends { get: { responses: { 200: { content: { 'application/json': infer T } } } } } ? T : never;
