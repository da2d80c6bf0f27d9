import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import type { Stopping } from '@/lib/identities/anchors/queries';
import { credentialsHref } from '@/lib/identities/credentials/address';
import { thousands } from '@/lib/inventory/labels';

/** What stops with whoever vouches for it: how much, and whose of those that one sees. */
export function StoppingList({
  stopping,
  credentials,
  identities,
}: {
  stopping: readonly Stopping[];
  credentials: number;
  identities: number;
}) {
  return (
    <section className="sec stack-3" aria-labelledby="stopping">
      <h3 id="stopping">Believed of</h3>
      <p className="s12 t2">{stoppingWords({ credentials, identities })}</p>
      {stopping.length === 0 ? null : (
        <ul className="credential-uses s12">
          {stopping.map(({ id, name, credentials: count }) => (
            <li key={id}>
              <Link href={credentialsHref({ filter: { identity: id } })} prefetch={false}>
                <Visible text={name} oneLine />
              </Link>
              <span className="t3">{count}</span>
            </li>
          ))}
        </ul>
      )}
      {identities > stopping.length && stopping.length > 0 ? (
        <p className="s12 t3">And {thousands(identities - stopping.length)} more.</p>
      ) : null}
    </section>
  );
}

/** What would stop, in words. */
export function stoppingWords({
  credentials,
  identities,
}: {
  credentials: number;
  identities: number;
}): string {
  if (credentials === 0) return 'No live credential goes by it.';
  const [of, who] = [
    credentials === 1 ? 'credential goes' : 'credentials go',
    identities === 1 ? 'identity' : 'identities',
  ];
  return `${thousands(credentials)} live ${of} by it, of ${thousands(identities)} ${who}.`;
}
