import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { Kind, Tag } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import { declaredNames } from '@/lib/inventory/coverage/resemble';
import type { Declared, ShadowActor, ShadowState } from '@/lib/inventory/coverage/schema';
import { thousands } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';

const none: Record<ShadowState, string> = {
  open: 'No unregistered actor waits for you.',
  ignored: 'No unregistered actor is ignored.',
  registered: 'No identity was registered from here.',
};

/** Who acts without being registered, the newest first. */
export function ShadowTable({
  actors,
  state,
  chosen,
  hrefOf,
  now,
}: {
  actors: readonly ShadowActor[];
  state: ShadowState;
  chosen: ShadowActor | null;
  hrefOf: (actor: ShadowActor) => string;
  now: Date;
}) {
  return (
    <Table
      caption={`Unregistered actors, ${state}, newest first`}
      rows="entity"
      stickyFirst
      head={
        <>
          <th scope="col">Declared name</th>
          <th scope="col" className="p2">
            Fingerprint
          </th>
          <th scope="col" className="w-max">
            {state === 'open' ? 'Warning' : state === 'ignored' ? 'Because' : 'Registered as'}
          </th>
          <th scope="col" className="num">
            Entries
          </th>
          <th scope="col" className="num p3">
            Errors
          </th>
          <th scope="col" className="p3">
            Reporter
          </th>
          <th scope="col" className="num p3">
            First seen
          </th>
          <th scope="col" className="num p2">
            Last seen
          </th>
        </>
      }
    >
      {actors.map((actor) => (
        <tr
          key={`${actor.fingerprint} ${actor.reporter.id}`}
          data-id={`${actor.fingerprint} ${actor.reporter.id}`}
          aria-selected={
            actor.fingerprint === chosen?.fingerprint && actor.reporter.id === chosen.reporter.id
          }
        >
          <th scope="row" className="cut">
            <Link
              className="plain"
              href={hrefOf(actor)}
              scroll={false}
              prefetch={false}
              title={visibleText(wordOf(actor) ?? '')}
            >
              <Kind icon="shadow">
                <DeclaredWord actor={actor} />
              </Kind>
            </Link>
          </th>
          <td className="p2 id">{actor.isCrowd ? '' : actor.fingerprint.slice(0, 12)}</td>
          <td className="w-max t2">
            <Remark actor={actor} now={now} />
          </td>
          <td className="num">{thousands(actor.interactions)}</td>
          <td className="num t2 p3">{thousands(actor.errors)}</td>
          <td className="t2 p3">
            <Visible text={actor.reporter.name} oneLine />
          </td>
          <td className="num t2 p3" title={utcTime(actor.firstAt)}>
            {relativeTime(actor.firstAt, now)}
          </td>
          <td className="num t2 p2" title={utcTime(actor.lastAt)}>
            {relativeTime(actor.lastAt, now)}
          </td>
        </tr>
      ))}
      {actors.length === 0 ? <NoRows columns={8}>{none[state]}</NoRows> : null}
    </Table>
  );
}

const wordOf = (declared: Declared): string | null => declaredNames(declared)[0] ?? null;

export function DeclaredWord({ actor }: { actor: ShadowActor }) {
  if (actor.isCrowd)
    return (
      <span>
        Many names of <Visible text={actor.reporter.name} oneLine />
      </span>
    );
  const word = wordOf(actor);
  return word === null ? (
    <span className="t3">Nothing is kept of it</span>
  ) : (
    <Visible text={word} oneLine />
  );
}

function Remark({ actor, now }: { actor: ShadowActor; now: Date }) {
  const { ignored, registered, resembles } = actor;
  if (ignored !== null)
    return (
      <span title={ignored.until === null ? 'For good' : `Until ${utcTime(ignored.until)}`}>
        <Visible text={ignored.reason} oneLine />
      </span>
    );
  if (registered !== null)
    return (
      <>
        <Visible text={registered.name} oneLine />{' '}
        {registered.isStillSeen ? (
          <Tag tone="risk" title={`Last ${relativeTime(actor.lastAt, now)}, attributed to nobody`}>
            still unattributed
          </Tag>
        ) : null}
      </>
    );
  if (resembles === null) return null;
  return (
    <Tag tone="risk">
      {resembles.how === 'same' ? 'says it is ' : 'looks like '}
      {visibleText(resembles.name)}
    </Tag>
  );
}
