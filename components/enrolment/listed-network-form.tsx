'use client';

import Link from 'next/link';
import { useRef } from 'react';
import { Button } from '@/components/ui/button';
import { Outcome } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { type Choice, Choose, LackingPlaces, PlaceFields, type Places } from './place-fields';

/** Lists a named network. */
export function ListedNetworkForm({
  networks,
  places,
  list,
}: {
  networks: readonly Choice[];
  places: Places;
  list: SettingsAction;
}) {
  const fields = useRef<HTMLFormElement>(null);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const listed = await list(last, data);
    if (listed.ok) fields.current?.reset();
    return listed;
  });
  return (
    <form {...form} ref={fields} className="settings-form" aria-labelledby="list-title">
      <h3 id="list-title">List a network</h3>
      <LackingPlaces places={places} />
      {networks.length === 0 ? (
        <p className="t2 s12">
          Each named network is listed, or there is none:{' '}
          <Link href="/settings/networks">name one</Link>.
        </p>
      ) : null}
      <Choose
        id="list-network"
        name="network"
        label="Network"
        choices={networks}
        help="Whatever runs there may ask, so list networks of workloads and not of people."
      />
      <PlaceFields id="list" places={places} />
      <ReasonField id="list-reason" />
      <Outcome state={state} />
      <div className="foot">
        <Button type="submit" unavailable={isPending ? 'Being saved' : undefined}>
          List network
        </Button>
      </div>
    </form>
  );
}
