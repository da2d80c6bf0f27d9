import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { Icon } from '@/components/ui/icon';
import type { BreakGlassInUse } from '@/lib/people/break-glass/queries';
import './people.css';

/** On every page while an account kept for emergencies is signed in: loud, since four eyes do not bind it. */
export function BreakGlassBanner({ inUse }: { inUse: readonly BreakGlassInUse[] }) {
  return inUse.map(({ id, name, since }) => (
    <section key={id} className="break-glass" aria-label="Break-glass account in use">
      <Icon name="anomaly" />
      <p>
        Break-glass account <Visible text={name} oneLine /> is signed in since{' '}
        {since.toISOString().slice(0, 16).replace('T', ' ')} UTC.{' '}
        <Link href={`/people?person=${id}`} prefetch={false}>
          See its sign-ins
        </Link>
      </p>
    </section>
  ));
}
