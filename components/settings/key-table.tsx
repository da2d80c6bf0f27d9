'use client';

import { Visible } from '@/components/inventory/visible';
import { State, type StateTone } from '@/components/ui/badge';
import { Empty } from '@/components/ui/empty';
import { Table } from '@/components/ui/table';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { expiryWords, keyStateLabels, orphanedLabels } from '@/lib/people/api-keys/labels';
import type { ApiKey, ApiKeyState, IssueAction } from '@/lib/people/api-keys/schema';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { ReasonDialog } from './reason-dialog';
import { RotateDialog } from './rotate-dialog';
import { useSaid } from './use-said';

const tones: Record<ApiKeyState, StateTone> = {
  active: 'on',
  lapsing: 'wait',
  orphaned: 'bad',
  expired: 'none',
  revoked: 'off',
};

/** Keys that work, with what can be done to them. */
export function KeyTable({
  keys,
  now,
  rotate,
  revoke,
}: {
  keys: readonly ApiKey[];
  now: Date;
  rotate: IssueAction;
  revoke: SettingsAction;
}) {
  const { line, say } = useSaid();
  return (
    <>
      {keys.length === 0 ? (
        <Empty title="No API keys work">
          A key lets a machine ask what the registry and the log hold.
        </Empty>
      ) : (
        <Table caption="API keys that work" rows="entity" head={<Head last="Expires" />}>
          {keys.map((key) => (
            <tr key={key.id}>
              <Cells apiKey={key} now={now} />
              <td className="t2" title={utcTime(key.expiresAt)}>
                {expiryWords(key.expiresAt, now)}
              </td>
              <td>
                <div className="settings-row-actions">
                  {key.state === 'active' ? (
                    <RotateDialog id={key.id} name={visibleText(key.name)} rotate={rotate} />
                  ) : null}
                  <ReasonDialog
                    id={`revoke-${key.id}`}
                    word="Revoke"
                    label={`Revoke ${visibleText(key.name)} …${key.hint}`}
                    title={`Revoke ${visibleText(key.name)} …${key.hint}?`}
                    keep="Keep it active"
                    act={revoke}
                    fields={{ id: key.id }}
                    done={say}
                  >
                    It is refused at its next request, on every gateway, for good.
                  </ReasonDialog>
                </div>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <p ref={line} className="settings-said s12 t2" role="status" tabIndex={-1} />
    </>
  );
}

/** Keys that have ended, the latest first. */
export function EndedKeyTable({ keys, now }: { keys: readonly ApiKey[]; now: Date }) {
  return (
    <Table caption="API keys that have ended" rows="entity" head={<Head last="Ended" />}>
      {keys.map((key) => {
        const endedAt = key.revokedAt ?? key.expiresAt;
        return (
          <tr key={key.id}>
            <Cells apiKey={key} now={now} />
            <td className="t2" title={utcTime(endedAt)}>
              {relativeTime(endedAt, now)}
            </td>
            <td />
          </tr>
        );
      })}
    </Table>
  );
}

function Head({ last }: { last: string }) {
  return (
    <>
      <th scope="col">Key</th>
      <th scope="col">State</th>
      <th scope="col" className="p2">
        Scopes
      </th>
      <th scope="col" className="p4">
        May come from
      </th>
      <th scope="col" className="p4">
        Made by
      </th>
      <th scope="col" className="p3">
        Last used
      </th>
      <th scope="col">{last}</th>
      <th scope="col">
        <span className="vh">Actions</span>
      </th>
    </>
  );
}

function Cells({ apiKey: key, now }: { apiKey: ApiKey; now: Date }) {
  return (
    <>
      <th scope="row">
        <Visible text={key.name} oneLine /> <span className="mono t3">…{key.hint}</span>
      </th>
      <td>
        <State tone={tones[key.state]}>{keyStateLabels[key.state]}</State>
        {key.state === 'orphaned' && key.orphaned !== null ? (
          <p className="t3 s12 settings-cell">{orphanedLabels[key.orphaned]}</p>
        ) : null}
      </td>
      <td className="mono s12 p2 settings-cell">{key.scopes.join(' ')}</td>
      <td className="t2 s12 p4 settings-cell">
        {key.networks === null
          ? 'anywhere'
          : key.networks.map(visibleText).join(', ') || 'nowhere: its networks are gone'}
      </td>
      <td className="t2 p4">
        <Visible text={key.maker} oneLine />
      </td>
      <td className="t2 p3" title={key.lastUsedAt === null ? undefined : utcTime(key.lastUsedAt)}>
        {key.lastUsedAt === null ? 'never' : relativeTime(key.lastUsedAt, now)}
      </td>
    </>
  );
}
