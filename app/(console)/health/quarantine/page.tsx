import type { Metadata } from 'next';
import Link from 'next/link';
import { QuarantinePanel } from '@/components/health/quarantine-panel';
import '@/components/health/health.css';
import '@/components/inventory/inventory.css';
import { ReplayForm } from '@/components/health/replay-form';
import { Problems } from '@/components/inventory/query-bar';
import { Visible } from '@/components/inventory/visible';
import { State } from '@/components/ui/badge';
import { buttonClass } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';
import { PageHead } from '@/components/ui/page-head';
import { Pager } from '@/components/ui/pager';
import { NoRows, Table } from '@/components/ui/table';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import type { Params } from '@/lib/inventory/address';
import { countText, thousands } from '@/lib/inventory/labels';
import { replayMax } from '@/lib/inventory/mutations';
import { reasonOf, replayLabels } from '@/lib/inventory/quarantine/labels';
import {
  countQuarantined,
  findQuarantined,
  listQuarantined,
} from '@/lib/inventory/quarantine/queries';
import {
  formatQuarantineCursor,
  parseQuarantineView,
  type QuarantinedItem,
} from '@/lib/inventory/quarantine/schema';
import { seesAll } from '@/lib/inventory/reach';
import type { Count } from '@/lib/inventory/schema';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { can } from '@/lib/people/permissions';
import { replayItems } from './actions';

export const metadata: Metadata = { title: 'Quarantine' };

export default async function QuarantinePage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope, person } = await requirePerson();
  const view = parseQuarantineView(await searchParams);
  const now = systemClock();
  const [page, counts, item] = await Promise.all([
    listQuarantined(scope, view),
    countQuarantined(scope),
    view.item === null ? null : findQuarantined(scope, view.item),
  ]);
  const asked: Count = {
    count:
      view.reasons.length === 0
        ? counts.total.count
        : counts.byReason.reduce(
            (sum, { reason, count }) => sum + (view.reasons.includes(reason) ? count : 0),
            0,
          ),
    isMore: counts.total.isMore,
  };
  const replay = can(person, 'quarantine.replay') ? replayItems : null;
  const problems =
    view.item !== null && item === null
      ? [...view.problems, 'That item is no longer kept.']
      : view.problems;
  const search = (extra: Record<string, string>) => {
    const params = new URLSearchParams(view.reasons.map((reason) => ['reason', reason]));
    for (const [name, value] of Object.entries(extra)) params.set(name, value);
    const text = params.toString();
    return `/health/quarantine${text === '' ? '' : `?${text}`}`;
  };
  const here =
    view.cursor === null ? {} : { [view.cursor.direction]: formatQuarantineCursor(view.cursor) };
  const edge = ({ receivedAt, id }: QuarantinedItem) =>
    formatQuarantineCursor({ receivedAt: new Date(receivedAt), id });
  const first = page.items[0];
  const last = page.items.at(-1);
  if (counts.total.count === 0 && page.items.length === 0 && view.reasons.length === 0) {
    return (
      <>
        <PageHead title="Quarantine" meta="What was refused, with its reason" />
        <Problems problems={problems} />
        {seesAll(scope) ? (
          <Empty title="Nothing is in quarantine">
            An item that cannot become an interaction is kept here with its reason, and can be
            replayed.
          </Empty>
        ) : (
          <Empty title="Nothing here is of your teams">
            What was refused is of no team, so only whoever sees all activity sees it.
          </Empty>
        )}
      </>
    );
  }
  return (
    <>
      <PageHead
        title="Quarantine"
        meta="What was refused, with its reason"
        state={<span className="t2 s12">{countText(counts.total)} wait</span>}
      />
      <div className="toolbar">
        <nav className="reasons" aria-label="Reasons">
          <Link
            className={buttonClass({ size: 'small' })}
            href="/health/quarantine"
            aria-current={view.reasons.length === 0 ? 'true' : undefined}
          >
            All
          </Link>
          {counts.byReason.map(({ reason, count }) => (
            <Link
              key={reason}
              className={buttonClass({ size: 'small' })}
              href={`/health/quarantine?reason=${encodeURIComponent(reason)}`}
              aria-current={view.reasons.includes(reason) ? 'true' : undefined}
            >
              {visibleText(reasonOf(reason).word)} {thousands(count)}
            </Link>
          ))}
        </nav>
        <span className="grow" />
        {replay === null ? null : (
          <ReplayForm
            fields={
              view.reasons.length === 0
                ? [['all', 'yes']]
                : view.reasons.map((reason) => ['reason', reason])
            }
            replay={replay}
            label={view.reasons.length === 0 ? 'Replay all' : 'Replay these'}
            confirm={{
              question: `Replay ${countText(asked)} ${asked.count === 1 ? 'item' : 'items'}?`,
              sentence: `They are sent through the pipeline again, at most ${thousands(replayMax)} at a time, oldest first. What was too large to keep is passed over.`,
            }}
            unavailable={page.items.length === 0 ? 'Nothing here can be replayed' : undefined}
          />
        )}
      </div>
      <Problems problems={problems} />
      <div className="split fit">
        <div className="body">
          <Table caption="Refused items, newest first" stickyFirst head={<Head />}>
            {page.items.map((row) => (
              <tr key={row.id} data-id={row.id} aria-selected={row.id === view.item}>
                <Cells row={row} now={now} href={search({ ...here, item: row.id })} />
              </tr>
            ))}
            {page.items.length === 0 ? (
              <NoRows columns={7}>
                No refused items match.{' '}
                <Link className={buttonClass({ size: 'small' })} href="/health/quarantine">
                  Clear filters
                </Link>
              </NoRows>
            ) : null}
          </Table>
          <Pager
            back={
              page.hasNewer && first !== undefined
                ? { href: search({ after: edge(first) }) }
                : { unavailable: 'These are the newest' }
            }
            on={
              page.hasOlder && last !== undefined
                ? { href: search({ before: edge(last) }) }
                : { unavailable: 'These are the oldest' }
            }
          >
            {page.items.length} {page.items.length === 1 ? 'row' : 'rows'}, newest first
          </Pager>
        </div>
        {item === null ? null : (
          <QuarantinePanel item={item} closeHref={search(here)} replay={replay} />
        )}
      </div>
    </>
  );
}

function Head() {
  return (
    <>
      <th scope="col">Arrived, UTC</th>
      <th scope="col">Reason</th>
      <th scope="col">Detail</th>
      <th scope="col" className="p2">
        Reporter
      </th>
      <th scope="col" className="p4">
        Signal
      </th>
      <th scope="col" className="num p3">
        Bytes
      </th>
      <th scope="col" className="p2">
        Replay
      </th>
    </>
  );
}

function Cells({ row, now, href }: { row: QuarantinedItem; now: Date; href: string }) {
  const at = new Date(row.receivedAt);
  return (
    <>
      <th scope="row" className="mono t2" title={relativeTime(at, now)}>
        <Link href={href} scroll={false} prefetch={false}>
          {utcTime(at).slice(0, 23)}
        </Link>
      </th>
      <td title={reasonOf(row.reason).sentence}>{visibleText(reasonOf(row.reason).word)}</td>
      <td className="w-max t2">
        <Visible text={row.detail} oneLine />
      </td>
      <td className="p2 cut">
        <Visible text={row.reporterName ?? row.reporter} oneLine />
      </td>
      <td className="p4 t2">{row.signal}</td>
      <td className="num t2 p3">{thousands(row.bytes)}</td>
      <td className="p2">
        {row.replayState === null ? null : (
          <State tone={replayLabels[row.replayState].tone}>
            {replayLabels[row.replayState].word}
          </State>
        )}
      </td>
    </>
  );
}
