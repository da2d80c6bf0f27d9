import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { Kind, State } from '@/components/ui/badge';
import { buttonClass } from '@/components/ui/button';
import { NoRows, Table } from '@/components/ui/table';
import type { Actor } from '@/lib/inventory/coverage/actor';
import { type Cell, columns, judge } from '@/lib/inventory/coverage/judge';
import { actorWords, cellLabels, columnLabels } from '@/lib/inventory/coverage/labels';
import type { CoveredIdentity } from '@/lib/inventory/coverage/schema';
import { identityIcons } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';

/** Per identity, which of its telemetry arrives. */
export function ArrivesTable({
  identities,
  chosen,
  hrefOf,
  allHref,
  actors,
  now,
}: {
  identities: readonly CoveredIdentity[];
  actors: ReadonlyMap<string, Actor>;
  chosen: string | null;
  hrefOf: (id: string) => string;
  allHref: string;
  now: Date;
}) {
  return (
    <Table
      caption="What arrives of each identity, by name"
      rows="entity"
      stickyFirst
      head={
        <>
          <th scope="col">Identity</th>
          {columns.map((column) => (
            <th key={column} scope="col" className={column === 'data' ? 'p2' : undefined}>
              {columnLabels[column]}
            </th>
          ))}
          <th scope="col" className="p4">
            Signals
          </th>
          <th scope="col" className="p3">
            Actor
          </th>
          <th scope="col" className="num">
            Last seen
          </th>
        </>
      }
    >
      {identities.map((identity) => {
        const cells = judge(identity.kind, identity);
        const actor = actorWords(actors.get(identity.id) ?? { kind: 'unknown' });
        return (
          <tr key={identity.id} data-id={identity.id} aria-selected={identity.id === chosen}>
            <th scope="row" className="cut">
              <Link
                className="plain"
                href={hrefOf(identity.id)}
                scroll={false}
                prefetch={false}
                title={identity.name}
              >
                <Kind icon={identityIcons[identity.kind]}>
                  <Visible text={identity.name} oneLine />
                </Kind>
              </Link>
            </th>
            {columns.map((column) => (
              <td key={column} className={column === 'data' ? 'p2' : undefined}>
                <CellState cell={cells[column]} now={now} />
              </td>
            ))}
            <td className="p4 t2">{signalsOf(identity)}</td>
            <td className="p3 t2 cut" title={actor.sentence}>
              {actor.word}
            </td>
            <td
              className="num t2"
              title={identity.lastAt === null ? undefined : utcTime(identity.lastAt)}
            >
              {identity.lastAt === null ? 'Never' : relativeTime(identity.lastAt, now)}
            </td>
          </tr>
        );
      })}
      {identities.length === 0 ? (
        <NoRows columns={columns.length + 4}>
          Nothing that is expected is missing.{' '}
          <Link className={buttonClass({ size: 'small' })} href={allHref}>
            Show all
          </Link>
        </NoRows>
      ) : null}
    </Table>
  );
}

/** A dot of its own shape, the word, and the sentence in full where one points at it. */
export function CellState({ cell, now }: { cell: Cell; now: Date }) {
  const { word, tone } = cellLabels[cell.state];
  const last = cell.lastAt === null ? '' : ` Last ${relativeTime(cell.lastAt, now)}.`;
  return (
    <State tone={tone} title={`${cell.sentence}${last}`}>
      <span className={cell.state === 'never' ? 't3' : undefined}>{word}</span>
    </State>
  );
}

/** The signals that arrived in the last seven days. */
export function signalsOf({ recent }: CoveredIdentity): string {
  const words = [
    recent.trace > 0 ? 'traces' : [],
    recent.log > 0 ? 'logs' : [],
    recent.metric > 0 ? 'metrics' : [],
  ].flat();
  return words.length === 0 ? 'None' : words.join(', ');
}
