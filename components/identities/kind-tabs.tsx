import Link from 'next/link';
import type { ReactNode } from 'react';
import { Tabs } from '@/components/ui/tabs';
import { identityKindLabels } from '@/lib/identities/labels';
import {
  emptyRegistryFilter,
  identitiesHref,
  type RegistryFilter,
} from '@/lib/identities/registry/address';
import type { IdentityCounts } from '@/lib/identities/registry/schema';
import { identityKinds } from '@/lib/identities/schema';
import { thousands } from '@/lib/inventory/labels';

/** The kinds of identities with how many there are, who waits to be accepted, and who acts unregistered. */
export function KindTabs({
  filter,
  counts,
  asking,
  shadow,
}: {
  filter: RegistryFilter;
  counts: IdentityCounts;
  /** Workloads that ask to be registered by themselves. */
  asking: number;
  /** How many unregistered actors wait; null for whoever is not shown them. */
  shadow: string | null;
}) {
  const isProposed = filter.state.length === 1 && filter.state[0] === 'proposed';
  const kind = filter.kind.length === 1 ? filter.kind[0] : null;
  const only = (part: Partial<RegistryFilter>) =>
    identitiesHref({ filter: { ...emptyRegistryFilter(), ...part } });
  return (
    <Tabs label="Kinds">
      <Tab
        href={only({})}
        isShown={!isProposed && filter.kind.length === 0}
        count={counts.state.active + counts.state.suspended}
      >
        All
      </Tab>
      {identityKinds.map((each) => (
        <Tab
          key={each}
          href={only({ kind: [each] })}
          isShown={!isProposed && kind === each}
          count={counts.kind[each]}
        >
          {identityKindLabels[each].many}
        </Tab>
      ))}
      <Tab
        href={only({ state: ['proposed'] })}
        isShown={isProposed}
        count={counts.state.proposed + asking}
      >
        Proposed
      </Tab>
      {shadow === null ? null : (
        <Link href="/coverage?view=shadow" prefetch={false}>
          Shadow <span className="n">{shadow}</span>
        </Link>
      )}
    </Tabs>
  );
}

function Tab({
  href,
  isShown,
  count,
  children,
}: {
  href: string;
  isShown: boolean;
  count: number;
  children: ReactNode;
}) {
  return (
    <Link href={href} prefetch={false} aria-current={isShown ? 'page' : undefined}>
      {children} <span className="n">{thousands(count)}</span>
    </Link>
  );
}
