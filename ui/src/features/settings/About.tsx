import { useQuery } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import { Panel } from '@/shared/PageHeader';
import { Loaded } from '@/shared/states';

export function About() {
  const version = useQuery({ queryKey: ['version'], queryFn: () => dataOf(api.GET('/api/v1/version')) });
  return (
    <Panel title="About this installation">
      <Loaded query={version}>{(known) => <p style={{ margin: 0 }}>Muniment {known.version}, Apache-2.0.</p>}</Loaded>
      <p style={{ margin: '8px 0 0' }}><a href="/api/docs">API documentation</a> · <a href="/api/openapi.json">OpenAPI document</a></p>
    </Panel>
  );
}
