'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { Visible } from '@/components/inventory/visible';
import { ReasonDialog } from '@/components/settings/reason-dialog';
import { useSaid } from '@/components/settings/use-said';
import { State, Tag } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import { credentialsHref } from '@/lib/identities/credentials/address';
import type { ForeignSecret } from '@/lib/identities/foreign-secrets/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { ChangeForeignSecret, RotateForeignSecret } from './foreign-secret-form';

export type ForeignSecretActions = Record<'change' | 'rotate' | 'remove', SettingsAction>;

/** Secrets that identities use elsewhere, the one that is due first comes first. */
export function ForeignSecretTable({
  secrets,
  chosen = null,
  people,
  actions,
  now,
  none,
}: {
  secrets: readonly ForeignSecret[];
  chosen?: string | null;
  people: readonly { id: string; name: string }[];
  /** Null for whoever may not. */
  actions: ForeignSecretActions | null;
  now: Date;
  none: ReactNode;
}) {
  const { line, say } = useSaid();
  return (
    <>
      <Table
        caption="Secrets used elsewhere"
        rows="entity"
        stickyFirst
        head={<Head hasActions={actions !== null} />}
      >
        {secrets.map((secret) => (
          <tr key={secret.id} data-id={secret.id} aria-selected={secret.id === chosen}>
            <Cells secret={secret} now={now} />
            {actions === null ? null : (
              <td>
                <div className="settings-row-actions">
                  <RotateForeignSecret secret={secret} rotate={actions.rotate} />
                  <ChangeForeignSecret secret={secret} people={people} change={actions.change} />
                  <ReasonDialog
                    id={`remove-${secret.id}`}
                    word="Remove"
                    label={`Remove ${visibleText(secret.label)}`}
                    title={`Remove ${visibleText(secret.label)}?`}
                    keep="Keep it"
                    act={actions.remove}
                    fields={{ id: secret.id }}
                    done={say}
                  >
                    Nobody is reminded of it any more. Revoke it where it was given first; what was
                    known of it stays in the log.
                  </ReasonDialog>
                </div>
              </td>
            )}
          </tr>
        ))}
        {secrets.length === 0 ? <NoRows columns={actions === null ? 8 : 9}>{none}</NoRows> : null}
      </Table>
      <p ref={line} className="settings-said s12 t2" role="status" tabIndex={-1} />
    </>
  );
}

function Head({ hasActions }: { hasActions: boolean }) {
  return (
    <>
      <th scope="col">Secret</th>
      <th scope="col">Identity</th>
      <th scope="col" className="p2">
        Given by
      </th>
      <th scope="col" className="p4">
        Fingerprint
      </th>
      <th scope="col" className="p3">
        Rotated by
      </th>
      <th scope="col" className="p4 num">
        Made
      </th>
      <th scope="col" className="p3 num">
        Last rotated
      </th>
      <th scope="col">Due</th>
      {hasActions ? (
        <th scope="col">
          <span className="vh">Actions</span>
        </th>
      ) : null}
    </>
  );
}

function Cells({ secret, now }: { secret: ForeignSecret; now: Date }) {
  const { identity, issuer, label, fingerprint, owner, madeAt, rotatedAt, dueAt } = secret;
  return (
    <>
      <th scope="row" className="cut" title={visibleText(label)}>
        <Visible text={label} oneLine />
        {secret.sharedBy === 0 ? null : (
          <>
            {' '}
            <Tag tone="risk" title="Other identities use the same secret">
              Shared
            </Tag>
          </>
        )}
      </th>
      <td className="cut">
        <Link
          className="plain"
          href={credentialsHref({ filter: { identity: identity.id } })}
          prefetch={false}
        >
          <Visible text={identity.name} oneLine />
        </Link>
      </td>
      <td className="p2 t2 cut">
        <Visible text={issuer} oneLine />
      </td>
      <td className="p4 mono s12 t3" title={fingerprint}>
        {fingerprint.slice(0, 12)}…
      </td>
      <td className="p3 t2">
        {owner === null ? (
          <span className="t3">nobody</span>
        ) : (
          <Visible text={owner.name} oneLine />
        )}
      </td>
      <td className="p4 num t2" title={utcTime(madeAt)}>
        {relativeTime(madeAt, now)}
      </td>
      <td className="p3 num t2" title={rotatedAt === null ? undefined : utcTime(rotatedAt)}>
        {rotatedAt === null ? 'never' : relativeTime(rotatedAt, now)}
      </td>
      <td title={utcTime(dueAt)}>
        {secret.isOverdue ? (
          <State tone="bad">Overdue, {relativeTime(dueAt, now)}</State>
        ) : (
          <span className="t2">{relativeTime(dueAt, now)}</span>
        )}
      </td>
    </>
  );
}
