import Link from 'next/link';
import { type CredentialNeed, credentialsHref } from '@/lib/identities/credentials/address';
import { credentialNeedLabels } from '@/lib/identities/credentials/labels';
import type { CredentialBoard as Board } from '@/lib/identities/credentials/listed';
import { thousands } from '@/lib/inventory/labels';

/** What wants attention among live credentials; each figure leads to those that it counts. */
export function CredentialBoard({
  board,
  overdue = null,
  chosen = null,
}: {
  board: Board;
  /** Secrets used elsewhere that nobody rotated in time; null leaves them out. */
  overdue?: number | null;
  chosen?: CredentialNeed | null;
}) {
  const { ends, unused, newNetwork, bearer } = board;
  return (
    <section
      className={overdue === null ? 'stats' : 'stats credential-board'}
      aria-label="Credentials board"
    >
      <Figure need="ends7" chosen={chosen} count={ends['7'].all} says={replacedWords(ends['7'])} />
      <Figure
        need="ends30"
        chosen={chosen}
        count={ends['30'].all}
        says={replacedWords(ends['30'])}
      />
      <Figure
        need="ends90"
        chosen={chosen}
        count={ends['90'].all}
        says={replacedWords(ends['90'])}
      />
      <Figure
        need="unused"
        chosen={chosen}
        count={unused}
        says={unused === 0 ? 'All are in use' : 'Revoke what nobody needs'}
      />
      <Figure
        need="new_network"
        chosen={chosen}
        count={newNetwork}
        says={newNetwork === 0 ? 'None in 7 days' : 'Moved, or taken?'}
      />
      <Figure
        need="bearer"
        chosen={chosen}
        count={bearer}
        says={bearer === 0 ? 'Nothing to steal' : 'Whoever has one is it'}
      />
      {overdue === null ? null : (
        <Link className="stat" href="/credentials/elsewhere" prefetch={false}>
          <div className="l">Overdue elsewhere</div>
          <div className="v">{thousands(overdue)}</div>
          <div className="d">{overdue === 0 ? 'None is overdue' : 'Rotate where it was given'}</div>
        </Link>
      )}
    </section>
  );
}

function replacedWords({ all, replaced }: { all: number; replaced: number }): string {
  if (all === 0) return 'Nothing ends';
  if (all === replaced) return all === 1 ? 'It has a successor' : 'All have successors';
  const without = all - replaced;
  return `${thousands(without)} ${without === 1 ? 'has' : 'have'} no successor`;
}

function Figure({
  need,
  count,
  says,
  chosen,
}: {
  need: CredentialNeed;
  count: number;
  says: string;
  chosen: CredentialNeed | null;
}) {
  return (
    <Link
      className="stat"
      href={credentialsHref({ filter: { needs: need } })}
      prefetch={false}
      aria-current={need === chosen ? 'true' : undefined}
    >
      <div className="l">{credentialNeedLabels[need]}</div>
      <div className="v">{thousands(count)}</div>
      <div className="d">{says}</div>
    </Link>
  );
}
