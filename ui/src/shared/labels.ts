import { useQuery } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';

/** What people call a label: `contact.email` is an e-mail address. Its id until the names are known. */
export function useLabelTitles(): (label: string) => string {
  const known = useQuery({
    queryKey: ['classifiers', 'titles'],
    queryFn: async () => new Map((await dataOf(api.GET('/api/v1/classifiers'))).map((each) => [each.id, each.title])),
    staleTime: 300_000,
    retry: false,
  });
  return (label) => known.data?.get(label) ?? label;
}
