import { Autocomplete } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';

import { useMay } from './session';

/** A person or a team by name; suggests accounts to those who may see them. */
export function PersonInput({ label, description, value, onChange, required }: { label: string; description?: string; value: string; onChange: (value: string) => void; required?: boolean }) {
  const may = useMay('identity.read');
  const accounts = useQuery({ queryKey: ['accounts'], queryFn: () => dataOf(api.GET('/api/v1/accounts', { params: { query: { limit: 1000 } } })), enabled: may, staleTime: 60_000 });
  return <Autocomplete size="xs" label={label} description={description} required={required} data={(accounts.data?.items ?? []).map((each) => each.name)} value={value} onChange={onChange} data-autofocus />;
}
