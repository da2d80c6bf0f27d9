import type { Acted } from '@/lib/core/result';
import { Callout } from './callout';

/** Why an act was refused, said aloud; nothing where it was not. */
export function Refusal({ state }: { state: Acted<unknown> | null }) {
  if (state?.ok !== false) return null;
  return (
    <Callout tone="critical" live>
      {state.message}
    </Callout>
  );
}

/** Why an act was refused, or what to say of it. */
export function Outcome({ state }: { state: Acted<string> | null }) {
  return (
    <>
      <Refusal state={state} />
      <p className="s12 t2" role="status">
        {state?.ok === true ? state.value : ''}
      </p>
    </>
  );
}
