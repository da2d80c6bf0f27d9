import { Callout } from '@/components/ui/callout';
import type { PeopleResult } from '@/lib/people/members/schema';
import { ShownOnce } from './shown-once';

/** What an act came to, said aloud; a link that is shown once. */
export function Outcome({ state }: { state: PeopleResult | null }) {
  if (state?.ok === false)
    return (
      <Callout tone="critical" live>
        {state.message}
      </Callout>
    );
  return (
    <div className="stack">
      <p className="s12 t2" role="status">
        {state?.ok === true ? state.value.said : ''}
      </p>
      {state?.ok === true && state.value.link !== null ? (
        <ShownOnce link={state.value.link} />
      ) : null}
    </div>
  );
}
