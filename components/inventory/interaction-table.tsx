'use client';

import type { ReactNode } from 'react';
import { Fragment, type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react';
import { useZone } from '@/components/shell/zone-provider';
import { Kind, State, Tag } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import { kindLabels, markLabels, marksOf, statusLabels, thousands } from '@/lib/inventory/labels';
import type { InteractionRow } from '@/lib/inventory/schema';
import { dateOfNs, rowTime, utcTime, zoneWord } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { Redactions, Visible } from './visible';
import { Who } from './who';

export type RowActions = {
  /** The address of a row's panel, for whoever has no script or opens it elsewhere. */
  hrefOf: (id: string) => string;
  open: (id: string) => void;
  close: () => void;
};

const columns = 9;

/** The list itself: a real table whose rows are walked by J, K and the arrows while one has focus. */
export function InteractionTable({
  rows,
  selected,
  now,
  actions,
  gap,
  empty,
}: {
  rows: readonly InteractionRow[];
  selected: string | null;
  now: Date;
  actions: RowActions;
  /** Rows that are missing below one of these, because they arrived while somebody read. */
  gap: { count: number; below: string } | null;
  /** What stands in the frame when nothing matches. */
  empty: ReactNode;
}) {
  const body = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const first = rows[0]?.id ?? null;
  const tabStop = [selected, active].find((id) => rows.some((row) => row.id === id)) ?? first;

  const focusRow = (id: string) => {
    body.current?.querySelector<HTMLElement>(`tr[data-id="${id}"]`)?.focus();
  };
  const last = useRef(selected);
  useEffect(() => {
    // Closing gives focus back to the row that was open, unless it went elsewhere on purpose.
    if (last.current !== null && selected === null && document.activeElement === document.body) {
      body.current?.querySelector<HTMLElement>(`tr[data-id="${last.current}"]`)?.focus();
    }
    last.current = selected;
  }, [selected]);

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = event.target instanceof Element ? event.target.closest('tr[data-id]') : null;
    const id = row instanceof HTMLElement ? row.dataset.id : undefined;
    const at = rows.findIndex((candidate) => candidate.id === id);
    const move = (to: number) => {
      const next = rows[to];
      if (next === undefined) return;
      event.preventDefault();
      setActive(next.id);
      focusRow(next.id);
      if (selected !== null) actions.open(next.id);
    };
    if (event.key === 'j' || event.key === 'ArrowDown') move(at + 1);
    else if (event.key === 'k' || event.key === 'ArrowUp') move(at === -1 ? 0 : at - 1);
    else if (event.key === 'Enter' && id !== undefined) {
      event.preventDefault();
      actions.open(id);
    } else if (event.key === 'Escape' && selected !== null) {
      event.preventDefault();
      actions.close();
    } else if (event.key === '/') {
      event.preventDefault();
      document.getElementById('query')?.focus();
    }
  }

  function onClick(event: MouseEvent<HTMLDivElement>) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest('tr[data-id]');
    if (!(row instanceof HTMLElement) || row.dataset.id === undefined) return;
    // Marking text in a row is not opening it.
    if (document.getSelection()?.isCollapsed === false) return;
    event.preventDefault();
    row.focus();
    actions.open(row.dataset.id);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: rows hold links for pointers and have focus for keys
    <div className="rows" ref={body} onKeyDown={onKeyDown} onClick={onClick}>
      <Table caption="Interactions, newest arrival first" stickyFirst head={<Head />}>
        {rows.map((row) => (
          <Fragment key={row.id}>
            <tr
              data-id={row.id}
              tabIndex={row.id === tabStop ? 0 : -1}
              aria-selected={row.id === selected}
            >
              <Redactions redacted={row.redacted}>
                <Cells row={row} now={now} href={actions.hrefOf(row.id)} />
              </Redactions>
            </tr>
            {gap?.below === row.id ? (
              <NoRows columns={columns}>
                {thousands(gap.count)} that arrived while you read are not shown here
              </NoRows>
            ) : null}
          </Fragment>
        ))}
        {rows.length === 0 ? <NoRows columns={columns}>{empty}</NoRows> : null}
      </Table>
    </div>
  );
}

function Head() {
  return (
    <>
      <th scope="col">Time, {zoneWord(useZone())}</th>
      <th scope="col" className="p3">
        Kind
      </th>
      <th scope="col">Identity</th>
      <th scope="col">Resource</th>
      <th scope="col" className="p4">
        On behalf of
      </th>
      <th scope="col">Status</th>
      <th scope="col" className="p3">
        Marks
      </th>
      <th scope="col" className="num p2">
        ms
      </th>
      <th scope="col" className="num p4">
        Tokens
      </th>
    </>
  );
}

function Cells({ row, now, href }: { row: InteractionRow; now: Date; href: string }) {
  const zone = useZone();
  const { word, icon } = kindLabels[row.kind];
  const what = row.resource ?? row.name;
  return (
    <>
      <th scope="row" className="mono t2" title={timesOf(row)}>
        <a className="plain" href={href} tabIndex={-1}>
          {rowTime(row.startedNs, now, zone)}
        </a>
      </th>
      <td className="p3">
        <Kind icon={icon}>{word}</Kind>
      </td>
      <td className="cut">
        <Who who={row} />
      </td>
      <td className="mono w-max" title={visibleText(what)}>
        <Visible text={what} oneLine />
      </td>
      <td className="p4 t2 cut">
        {row.onBehalfOf === null ? null : <Visible text={row.onBehalfOf} oneLine />}
      </td>
      <td>
        <StatusWord row={row} />
      </td>
      <td className="p3">
        <Marks row={row} />
      </td>
      <td className="num t2 p2">
        {row.durationMs < 0 ? '' : thousands(Math.round(row.durationMs))}
      </td>
      <td className="num t2 p4">{row.tokens === null ? '' : thousands(row.tokens)}</td>
    </>
  );
}

/** Failing is a state of the thing told of, not an alarm of this console. */
export function StatusWord({ row }: { row: Pick<InteractionRow, 'status' | 'errorType'> }) {
  const tone = { ok: 'on', error: 'off', unset: 'none' } as const;
  const title = row.errorType === null ? undefined : visibleText(row.errorType);
  return (
    <State tone={tone[row.status]} title={title}>
      {statusLabels[row.status].word}
    </State>
  );
}

function Marks({ row }: { row: InteractionRow }) {
  const marks = marksOf(row.marks);
  const [first] = marks;
  const all = [
    ...marks.map((mark) => markLabels[mark].word),
    ...(row.redacted === null ? [] : ['Redacted']),
  ];
  if (first === undefined && row.redacted === null) return null;
  return (
    <span title={all.join(', ')}>
      <Tag tone={first === 'conflicting' ? 'risk' : 'plain'}>{all[0]}</Tag>
      {all.length > 1 ? <span className="t3 s11"> +{all.length - 1}</span> : null}
    </span>
  );
}

function timesOf(row: InteractionRow): string {
  const started = dateOfNs(row.startedNs);
  const happened =
    started === null ? `Sent as ${row.startedNs} ns` : `Happened ${utcTime(started)}`;
  return `${happened}; arrived ${utcTime(new Date(row.receivedAt))}`;
}
