'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type KeyboardEvent, type MouseEvent, type ReactNode, useRef, useState } from 'react';
import { Visible } from '@/components/inventory/visible';
import { Kind } from '@/components/ui/badge';
import { Icon } from '@/components/ui/icon';
import { Spark } from '@/components/ui/spark';
import { NoRows, Table } from '@/components/ui/table';
import { trustLabels } from '@/lib/identities/labels';
import type { SortBy } from '@/lib/identities/registry/address';
import type { IdentityRow } from '@/lib/identities/registry/schema';
import { counted, identityIcons } from '@/lib/inventory/labels';
import { duration, relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import type { IdentityAction } from './action-results';
import { AssuranceBoxes } from './assurance-boxes';
import { IdentityStateWord } from './identity-state';
import { SuspendDialog } from './suspend-dialog';

const sorted: Record<SortBy, string> = {
  name: 'by name',
  seen: 'last seen first',
  ends: 'whose credentials end first',
  registered: 'registered last first',
};
const columns = 10;

/** Everything that acts. Rows are walked by J, K and the arrows while one has focus; Enter opens one. */
export function IdentityTable({
  rows,
  sort,
  sortHref,
  nowMs,
  suspend,
  empty,
}: {
  rows: readonly IdentityRow[];
  sort: SortBy;
  sortHref: Readonly<Record<SortBy, string>>;
  nowMs: number;
  /** Null for whoever may not. */
  suspend: IdentityAction | null;
  empty: ReactNode;
}) {
  const router = useRouter();
  const body = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const now = new Date(nowMs);
  const tabStop = rows.some(({ id }) => id === active) ? active : (rows[0]?.id ?? null);
  const open = (id: string) => router.push(`/identities/${id}`);

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element))
      return;
    if (event.target.closest('dialog, input, select, textarea') !== null) return;
    const row = event.target.closest<HTMLElement>('tr[data-id]');
    const id = row?.dataset.id;
    const at = rows.findIndex((each) => each.id === id);
    const move = (to: number) => {
      const next = rows[to];
      if (next === undefined) return;
      event.preventDefault();
      setActive(next.id);
      body.current?.querySelector<HTMLElement>(`tr[data-id="${next.id}"]`)?.focus();
    };
    if (event.key === 'j' || event.key === 'ArrowDown') move(at + 1);
    else if (event.key === 'k' || event.key === 'ArrowUp') move(at === -1 ? 0 : at - 1);
    else if (event.key === 'Enter' && id !== undefined && event.target === row) {
      event.preventDefault();
      open(id);
    } else if (event.key === '/') {
      event.preventDefault();
      document.getElementById('query')?.focus();
    }
  }

  function onClick(event: MouseEvent<HTMLDivElement>) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest('a, button, dialog') != null) return;
    const id = target?.closest<HTMLElement>('tr[data-id]')?.dataset.id;
    // Marking text in a row is not opening it.
    if (id !== undefined && document.getSelection()?.isCollapsed !== false) open(id);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: rows hold links for pointers and have focus for keys
    <div className="rows" ref={body} onKeyDown={onKeyDown} onClick={onClick}>
      <Table
        caption={`Identities, ${sorted[sort]}`}
        rows="entity"
        stickyFirst
        head={<Head sort={sort} sortHref={sortHref} hasActs={suspend !== null} />}
      >
        {rows.map((row) => (
          <tr key={row.id} data-id={row.id} tabIndex={row.id === tabStop ? 0 : -1}>
            <Cells row={row} now={now} />
            {suspend === null ? null : (
              <td className="p3 identities-row-act">
                {row.state === 'active' ? (
                  <SuspendDialog identity={row} act={suspend} size="small" />
                ) : null}
              </td>
            )}
          </tr>
        ))}
        {rows.length === 0 ? <NoRows columns={columns}>{empty}</NoRows> : null}
      </Table>
    </div>
  );
}

function Head({
  sort,
  sortHref,
  hasActs,
}: {
  sort: SortBy;
  sortHref: Readonly<Record<SortBy, string>>;
  hasActs: boolean;
}) {
  const head = (by: SortBy, word: string, className?: string) => (
    <th
      scope="col"
      className={className}
      {...(sort === by ? { 'aria-sort': by === 'seen' ? 'descending' : 'ascending' } : {})}
    >
      <Link className="sort" href={sortHref[by]} prefetch={false} title={`Sort ${sorted[by]}`}>
        {word}
        {sort === by ? <Icon name={by === 'seen' ? 'arrow-d' : 'arrow-u'} size={12} /> : null}
      </Link>
    </th>
  );
  return (
    <>
      {head('name', 'Identity')}
      <th scope="col" className="p2">
        Team
      </th>
      <th scope="col" className="p3">
        Owner
      </th>
      <th scope="col">State</th>
      <th scope="col" className="p3">
        Trust
      </th>
      <th scope="col" className="p2">
        Assurance
      </th>
      {head('ends', 'Credential ends', 'num p2')}
      {head('seen', 'Last seen', 'num identities-seen')}
      <th scope="col" className="p4">
        24 h
      </th>
      {hasActs ? (
        <th scope="col" className="p3">
          <span className="vh">Actions</span>
        </th>
      ) : null}
    </>
  );
}

function Cells({ row, now }: { row: IdentityRow; now: Date }) {
  const name = visibleText(row.name);
  const inDay = row.hours.reduce((sum, each) => sum + each, 0);
  return (
    <>
      <th scope="row" className="cut" title={name}>
        <Kind icon={identityIcons[row.kind]}>
          <Link
            className="plain trunc"
            href={`/identities/${row.id}`}
            prefetch={false}
            tabIndex={-1}
          >
            <Visible text={row.name} oneLine />
          </Link>
        </Kind>
      </th>
      <td className="t2 p2 cut">
        {row.team === null ? (
          <span className="t3">none</span>
        ) : (
          <Visible text={row.team.name} oneLine />
        )}
      </td>
      <td className="t2 p3 cut">
        <Owner owner={row.owner} />
      </td>
      <td>
        <IdentityStateWord state={row.state} />
      </td>
      <td className="t2 p3">{trustLabels[row.trust].word}</td>
      <td className="p2">
        <AssuranceBoxes classes={row.credentials.classes} />
      </td>
      <Ends row={row} now={now} />
      <td
        className="num t2 identities-seen"
        title={row.lastSeenAt === null ? undefined : utcTime(row.lastSeenAt)}
      >
        {row.lastSeenAt === null ? 'never' : relativeTime(row.lastSeenAt, now)}
      </td>
      <td className="p4 identities-hours" title={counted(inDay, 'interaction')}>
        <span className="vh">{counted(inDay, 'interaction')}</span>
        <Spark values={row.hours} />
      </td>
    </>
  );
}

function Owner({ owner }: { owner: IdentityRow['owner'] }) {
  if (owner === null) return <span className="tone-review">nobody</span>;
  return (
    <>
      <Visible text={owner.name} oneLine />
      {owner.isGone ? <span className="tone-review"> has left</span> : null}
    </>
  );
}

const dayMs = 86_400_000;

function Ends({ row, now }: { row: IdentityRow; now: Date }) {
  const { kind, state } = row;
  const at = row.credentials.endsAt;
  if (at === null)
    return (
      <td
        className={`num p2 ${kind === 'external_api' || state !== 'active' ? 't3' : 'tone-review'}`}
      >
        none
      </td>
    );
  const leftMs = at.getTime() - now.getTime();
  const tone = leftMs <= dayMs ? 'tone-high' : leftMs <= 7 * dayMs ? 'tone-review' : 't2';
  return (
    <td className={`num p2 ${tone}`} title={utcTime(at)}>
      {leftMs <= 0 ? 'expired' : duration(leftMs)}
    </td>
  );
}
