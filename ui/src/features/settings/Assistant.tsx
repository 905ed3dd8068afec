import { RelativeTime } from '@/shared/RelativeTime';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { Loaded } from '@/shared/states';

import { useAssistant } from './assistant-queries';
import { AssistantForm } from './AssistantForm';
import { AssistantKey } from './AssistantKey';
import { AssistantPreview } from './AssistantPreview';
import { AssistantUse } from './AssistantUse';

/** The endpoint that may be asked about columns which rules and model leave open. */
export function Assistant() {
  const state = useAssistant();
  return (
    <Loaded query={state}>
      {(known) => (
        <>
          <Panel title="Assistant">
            <div className={layout.stack}>
              <p className={layout.note} style={{ margin: 0 }}>
                {known.settings.enabled ? 'On. ' : 'Off: nothing is sent anywhere, and everything else works without it. '}
                Asked only about columns that rules and the model leave open. It sees names, types and masked shapes, chooses out of a closed list, and its answers are suggestions.
              </p>
              {known.rests_until ? <p className={layout.warn} style={{ margin: 0 }}>The endpoint failed several times and is left alone; next try <RelativeTime at={known.rests_until} />. {known.last_problem}</p> : null}
              {known.settings.samples ? <p className={layout.warn} style={{ margin: 0 }}>Raw values are sent of the sources {known.settings.sample_sources?.join(', ')}.</p> : null}
              <AssistantForm key={known.version} state={known} />
            </div>
          </Panel>
          <AssistantKey state={known} />
          <AssistantPreview enabled={known.settings.enabled ?? false} />
          <AssistantUse currency={known.settings.currency ?? 'USD'} />
        </>
      )}
    </Loaded>
  );
}
