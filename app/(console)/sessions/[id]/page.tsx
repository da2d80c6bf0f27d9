import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import '@/components/inventory/inventory.css';
import '@/components/sessions/sessions.css';
import { Problems } from '@/components/inventory/query-bar';
import { SessionScreen } from '@/components/sessions/screen';
import { SessionFacts } from '@/components/sessions/session-facts';
import { viewerZone } from '@/components/shell/viewer-zone';
import { buttonClass } from '@/components/ui/button';
import { CopyButton } from '@/components/ui/copy-button';
import { Empty } from '@/components/ui/empty';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { emptyFilter, type Params, rangeSince, shorten, viewSearch } from '@/lib/inventory/address';
import { parseEntryId } from '@/lib/inventory/entry-id';
import { nameOf, thousands } from '@/lib/inventory/labels';
import { getInteraction } from '@/lib/inventory/queries';
import { parseSessionView } from '@/lib/inventory/sessions/address';
import { findSession, listSessionEntries } from '@/lib/inventory/sessions/queries';
import {
  type SessionEntry,
  type SessionRow,
  sessionEntriesMax,
} from '@/lib/inventory/sessions/schema';
import { modelsOf, packSession, showSession } from '@/lib/inventory/sessions/show';
import { isArrivedAfter } from '@/lib/inventory/tail/live-list';
import { visibleText } from '@/lib/inventory/visible';
import { can } from '@/lib/people/permissions';
import { eraseInteraction } from '../../inventory/actions';

/** One that was active within this time may go on while its page is open. */
const runningMs = 3_600_000;

type Address = { params: Promise<{ id: string }> };

/** Asked for once by the page and its title. */
const readSession = cache(async (id: string) => {
  const { scope } = await requirePerson();
  return findSession(scope, id);
});

export async function generateMetadata({ params }: Address): Promise<Metadata> {
  const { id } = await params;
  const session = await readSession(id);
  if (session === null || session === 'waiting') return { title: 'Session' };
  return { title: `${shorten(titleOf(session))}, ${id.slice(0, 8)}` };
}

export default async function SessionPage({
  params,
  searchParams,
}: Address & { searchParams: Promise<Params> }) {
  const { scope, person } = await requirePerson();
  const now = systemClock();
  const { id } = await params;
  const view = parseSessionView(await searchParams);
  const place = view.interaction === null ? null : parseEntryId(view.interaction);
  const session = await readSession(id);
  if (session === null) notFound();
  if (session === 'waiting') return <Waiting id={id} />;
  const [{ entries, isMore }, opened] = await Promise.all([
    listSessionEntries(scope, session),
    place === null ? null : getInteraction(scope, place),
  ]);
  const problems = isMore
    ? [
        ...view.problems,
        `This session has more entries than fit: the ${thousands(sessionEntriesMax)} that arrived first are shown. The inventory lists all.`,
      ]
    : view.problems;
  const search = viewSearch({
    filter: { ...emptyFilter(), session: [id] },
    range: rangeSince(session.startedAt),
  });
  return (
    <>
      <PageHead
        title={titleOf(session)}
        state={
          <>
            <span className="id">{id}</span>
            <CopyButton value={id} label="Copy session id" />
          </>
        }
        actions={
          <Link className={buttonClass()} href={`/inventory${search}`}>
            In the inventory
          </Link>
        }
      />
      <SessionFacts
        session={session}
        models={modelsOf(entries)}
        now={now}
        zone={await viewerZone()}
      />
      <Problems problems={problems} />
      {entries.length === 0 ? (
        <Empty title="Nothing is left of its entries">
          Their facts were erased, or removed by retention. What they came to stands above.
        </Empty>
      ) : (
        <SessionScreen
          id={id}
          packed={packSession(showSession(entries))}
          first={
            view.interaction === null || opened === null ? null : { id: view.interaction, opened }
          }
          nowMs={now.getTime()}
          arrivals={
            isMore || now.getTime() - session.endedAt.getTime() > runningMs
              ? null
              : { search: search.slice(1), newest: newestOf(entries) }
          }
          erase={can(person, 'entry.erase') ? eraseInteraction : null}
        />
      )}
    </>
  );
}

/** What is only declared never reads like a registered name. */
function titleOf(session: SessionRow): string {
  const { name, isRegistered } = nameOf(session);
  return `Session of ${isRegistered ? '' : 'unregistered '}${visibleText(name)}`;
}

const newestOf = (entries: readonly SessionEntry[]): string | null =>
  entries.reduce<string | null>(
    (newest, { id }) => (newest === null || isArrivedAfter(id, newest) ? id : newest),
    null,
  );

/** Its entries are there and were not gathered yet: a matter of a second or two. */
function Waiting({ id }: { id: string }) {
  return (
    <>
      <PageHead title="Session" state={<span className="id">{id}</span>} />
      <Empty
        title="This session has just begun"
        action={
          <a className={buttonClass({ variant: 'primary' })} href={`/sessions/${id}`}>
            Look again
          </a>
        }
      >
        Its first entries are being gathered.
      </Empty>
    </>
  );
}
