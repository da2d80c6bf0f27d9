import { Outcome } from '@/components/ui/outcome';
import { ShownOnce } from '@/components/ui/shown-once';
import { ok } from '@/lib/core/result';
import type { PeopleResult } from '@/lib/people/members/schema';

/** What an act came to, said aloud; a link that is shown once. */
export function PeopleOutcome({ state }: { state: PeopleResult | null }) {
  return (
    <div className="stack">
      <Outcome state={state?.ok === true ? ok(state.value.said) : state} />
      {state?.ok === true && state.value.link !== null ? (
        <ShownOnce value={state.value.link} label="Copy link" />
      ) : null}
    </div>
  );
}
