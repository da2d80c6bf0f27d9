import Link from 'next/link';
import { BodyView } from '@/components/inventory/body-view';
import { Visible } from '@/components/inventory/visible';
import { State, type StateTone } from '@/components/ui/badge';
import { Callout } from '@/components/ui/callout';
import { Icon } from '@/components/ui/icon';
import { Table } from '@/components/ui/table';
import { formatEntryId } from '@/lib/inventory/entry-id';
import { thousands } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { approvalLabels, definitionStateLabels } from '@/lib/resources/definitions/labels';
import type { DefinitionRow } from '@/lib/resources/definitions/queries';
import type { Review } from '@/lib/resources/definitions/review';
import type { Approval, DefinitionState } from '@/lib/resources/definitions/schema';
import { DecideForm } from './decide-form';
import { DefinitionDiff } from './definition-diff';

const tones: Record<DefinitionState, StateTone> = {
  unapproved: 'wait',
  approved: 'on',
  rejected: 'bad',
};

/** What a tool or server says it is: every definition that was offered, and the one that is looked at. */
export function Definitions({
  rows,
  approval,
  review,
  note,
  decide,
  refusal,
  now,
  hrefOf,
}: {
  rows: readonly DefinitionRow[];
  approval: Approval;
  review: Review | null;
  /** What could not be read, and why. */
  note: string | null;
  /** Null for whoever may not. */
  decide: SettingsAction | null;
  refusal: string;
  now: Date;
  hrefOf: (id: string) => string;
}) {
  return (
    <section aria-labelledby="definitions" id="definition">
      <div className="sec-head sec-lead">
        <h2 id="definitions">Definitions</h2>
        <span className="t3 s12">{approvalLabels[approval].sentence}</span>
      </div>
      {note === null ? null : (
        <div className="sec">
          <Callout tone="review">{note}</Callout>
        </div>
      )}
      {rows.length === 0 ? null : (
        <Table caption="Definitions, the newest first" rows="entity" head={<Head />}>
          {rows.map((row) => (
            <tr key={row.id} data-id={row.id} aria-selected={row.id === review?.chosen.id}>
              <th scope="row">
                <Link
                  className="plain mono"
                  href={hrefOf(row.id)}
                  scroll={false}
                  prefetch={false}
                  title={row.digest}
                >
                  {row.digest.slice(0, 12)}
                </Link>
              </th>
              <td>
                <State tone={tones[row.state]}>{definitionStateLabels[row.state]}</State>
              </td>
              <td className="num t2" title={utcTime(row.firstAt)}>
                {relativeTime(row.firstAt, now)}
              </td>
              <td className="num t2 p2">{row.lastOn}</td>
              <td className="num p3">{thousands(row.bytes)}</td>
              <td className="p3 t2 cut">
                {row.decidedBy === null ? (
                  <span className="t3">nobody yet</span>
                ) : (
                  <Visible text={row.decidedBy} oneLine />
                )}
              </td>
              <td className="p2">
                <Link
                  href={`/inventory?interaction=${formatEntryId(row.source)}`}
                  prefetch={false}
                  aria-label={`Entry that has definition ${row.digest.slice(0, 8)}`}
                >
                  Entry
                </Link>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {review === null ? null : (
        <Looked review={review} decide={decide} refusal={refusal} now={now} />
      )}
    </section>
  );
}

function Head() {
  return (
    <>
      <th scope="col">Digest</th>
      <th scope="col">State</th>
      <th scope="col" className="num">
        First seen
      </th>
      <th scope="col" className="num p2">
        Last on
      </th>
      <th scope="col" className="num p3">
        Bytes
      </th>
      <th scope="col" className="p3">
        Decided by
      </th>
      <th scope="col" className="p2">
        Held by
      </th>
    </>
  );
}

function Looked({
  review: { chosen, approved, seen, text, difference, hints },
  decide,
  refusal,
  now,
}: {
  review: Review;
  decide: SettingsAction | null;
  refusal: string;
  now: Date;
}) {
  const short = chosen.digest.slice(0, 12);
  const canApprove = text !== null;
  const form =
    decide === null || (chosen.state === 'rejected' && !canApprove) ? null : (
      <DecideForm
        key={`${chosen.id} ${chosen.state} ${seen.newest} ${seen.against ?? ''}`}
        decide={decide}
        id={chosen.id}
        digest={chosen.digest}
        was={chosen.state}
        newest={seen.newest}
        against={seen.against ?? ''}
        canApprove={canApprove}
      />
    );
  return (
    <div className="sec stack-3">
      <h3>
        {approved === null
          ? `Definition ${short}`
          : `Definition ${short}, against ${approved.digest.slice(0, 12)}, which was approved`}
      </h3>
      {chosen.reason === null || chosen.decidedAt === null ? null : (
        <p className="s12 t2">
          {definitionStateLabels[chosen.state]} {relativeTime(chosen.decidedAt, now)} by{' '}
          <Visible text={chosen.decidedBy ?? ''} oneLine />: “
          <Visible text={chosen.reason} oneLine />”
        </p>
      )}
      {hints.length === 0 ? null : (
        <div>
          <h4 className="s12">To look at twice</h4>
          <ul className="definition-hints">
            {byPath(hints).map(([path, { says, quote }]) => (
              <li key={path}>
                <span className="mono">{visibleText(path)}</span>: {says.join('; ')}
                {quote === null ? null : (
                  <q>
                    <Visible text={quote} oneLine />
                  </q>
                )}
              </li>
            ))}
          </ul>
          <p className="s12 t3">
            Found by rule. That nothing else is listed says nothing about the rest.
          </p>
        </div>
      )}
      {difference === null ? null : <DefinitionDiff {...difference} />}
      {text === null ? (
        <p className="t2 s12">
          {chosen.isKept
            ? 'What it says is read by whoever approves definitions or may read all content.'
            : 'It is longer than 256 kB: only its digest is kept, so nobody can have read it here.'}
        </p>
      ) : difference === null ? (
        <BodyView text={text} label="Definition" />
      ) : (
        <details>
          <summary className="s12">
            <span className="chev">
              <Icon name="right" size={12} />
            </span>
            The whole definition
          </summary>
          <BodyView text={text} label="Definition" />
        </details>
      )}
      {form === null ? (
        chosen.state === 'unapproved' ? (
          <p className="t2 s12">{refusal}</p>
        ) : null
      ) : chosen.state === 'unapproved' ? (
        form
      ) : (
        <details>
          <summary className="s12">
            <span className="chev">
              <Icon name="right" size={12} />
            </span>
            {chosen.state === 'approved' ? 'Take the approval back' : 'Approve it after all'}
          </summary>
          {form}
        </details>
      )}
    </div>
  );
}

/** What is to be looked at of one text stands together, and the text once. */
function byPath(hints: Review['hints']) {
  const paths = new Map<string, { says: string[]; quote: string | null }>();
  for (const { path, says, quote } of hints) {
    const known = paths.get(path);
    if (known === undefined) paths.set(path, { says: [says], quote });
    else {
      known.says.push(says);
      known.quote ??= quote;
    }
  }
  return [...paths];
}
