'use client';

import { useRouter } from 'next/navigation';
import { Button } from '@/components/ui/button';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Acted } from '@/lib/core/result';
import { type Choice, Choose, LackingPlaces, PlaceFields, type Places } from './place-fields';

export type DecideAction = (last: Acted<string> | null, form: FormData) => Promise<Acted<string>>;

/** Accepts a workload: who answers for it, where it goes, and that its thumbprint was compared. */
export function AcceptForm({
  id,
  people,
  places,
  first,
  accept,
}: {
  id: string;
  people: readonly Choice[];
  places: Places;
  first: { owner: string; team: string; zone: string };
  /** Answers with where the identity is. */
  accept: DecideAction;
}) {
  const router = useRouter();
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const accepted = await accept(last, data);
    if (accepted.ok) router.push(accepted.value);
    return accepted;
  });
  return (
    <form {...form} className="settings-form" aria-labelledby="accept-title">
      <h2 id="accept-title">Accept</h2>
      <LackingPlaces places={places} />
      <input type="hidden" name="id" value={id} />
      <Choose
        id="accept-owner"
        name="owner"
        label="Owner"
        choices={people}
        first={first.owner}
        help="Who answers for it."
      />
      <Choose
        id="accept-sponsor"
        name="sponsor"
        label="Sponsor"
        choices={people}
        first={first.owner}
        help="Who wants it to be there, and decides when the owner is gone."
      />
      <PlaceFields id="accept" places={places} team={first.team} zone={first.zone} />
      <div className="settings-choice">
        <input id="accept-compared" type="checkbox" required />
        <label htmlFor="accept-compared">
          I compared the thumbprint with what the workload shows, by another way than this page
        </label>
      </div>
      <ReasonField id="accept-reason" />
      <Refusal state={state} />
      <div className="foot">
        <Button
          variant="primary"
          type="submit"
          unavailable={isPending ? 'Being registered' : undefined}
        >
          Accept and register
        </Button>
      </div>
    </form>
  );
}
