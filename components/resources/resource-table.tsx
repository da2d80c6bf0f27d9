import Link from 'next/link';
import type { ReactNode } from 'react';
import { Visible } from '@/components/inventory/visible';
import { Kind, State, type StateTone, Tag } from '@/components/ui/badge';
import type { IconName } from '@/components/ui/icon';
import { NoRows, Table } from '@/components/ui/table';
import { thousands } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { effectiveTrust } from '@/lib/resources/definitions/approval';
import { approvalLabels } from '@/lib/resources/definitions/labels';
import {
  classificationLabels,
  resourceStateLabels,
  sideEffectLabels,
  trustLabels,
} from '@/lib/resources/labels';
import type { ResourceRow } from '@/lib/resources/queries';
import type { ResourceState } from '@/lib/resources/words';

const tones: Record<ResourceState, StateTone> = {
  observed: 'none',
  proposed: 'wait',
  registered: 'on',
  retired: 'off',
};

const icons: Readonly<Record<string, IconName>> = {
  model: 'inference',
  tool: 'tool',
  mcp_server: 'service',
  dataset: 'database',
  data_source: 'database',
  endpoint: 'exchange',
};
export const iconOfType = (kind: string): IconName => icons[kind] ?? 'resource';

export function ResourceStateWord({ state }: { state: ResourceState }) {
  return <State tone={tones[state]}>{resourceStateLabels[state]}</State>;
}

/** Resources by name: what is said of each, and how much it is used. */
export function ResourceTable({
  rows,
  labels,
  now,
  hasChoice,
  empty,
}: {
  rows: readonly ResourceRow[];
  /** What types are called. */
  labels: ReadonlyMap<string, string>;
  now: Date;
  /** Whether observed ones can be ticked. */
  hasChoice: boolean;
  empty: ReactNode;
}) {
  return (
    <Table caption="Resources, by name" rows="entity" stickyFirst head={<Head />}>
      {rows.map((row) => (
        <tr key={row.id} data-id={row.id}>
          <th scope="row" className="resource-name" title={visibleText(row.name)}>
            {hasChoice ? (
              <span className="resource-tick">
                {row.state === 'observed' || row.state === 'proposed' ? (
                  <input
                    type="checkbox"
                    name="chosen"
                    value={row.id}
                    aria-label={`Choose ${visibleText(row.name)}`}
                  />
                ) : null}
              </span>
            ) : null}
            <Link className="plain mono" href={`/resources/${row.id}`} prefetch={false}>
              <Visible text={row.name} oneLine />
            </Link>
          </th>
          <td>
            <Approved approval={row.approval} />
          </td>
          <td className="p2">
            <Kind icon={iconOfType(row.kind)}>{labels.get(row.kind) ?? row.kind}</Kind>
          </td>
          <td>
            <ResourceStateWord state={row.state} />
            {row.hasProposal && row.state !== 'proposed' ? (
              <span className="t3 s12">, change proposed</span>
            ) : null}
          </td>
          <td className="p3">{said(row.classification, classificationLabels)}</td>
          <td className="p3">
            {effectiveTrust(row.trust, row.approval) === 'sandbox'
              ? trustLabels.sandbox
              : said(row.trust, trustLabels)}
          </td>
          <td className="p3">{said(row.sideEffect, sideEffectLabels)}</td>
          <td className="p4 cut">{named(row.zone)}</td>
          <td className="p4 cut">{named(row.owner)}</td>
          <td className="p4 num t2">
            <Time at={row.firstAt} now={now} />
          </td>
          <td className="p2 num t2">
            <Time at={row.lastAt} now={now} />
          </td>
          <td className="p2 num">{thousands(row.usedBy)}</td>
          <td className="num">{thousands(row.calls24h)}</td>
        </tr>
      ))}
      {rows.length === 0 ? <NoRows columns={13}>{empty}</NoRows> : null}
    </Table>
  );
}

function Head() {
  return (
    <>
      <th scope="col">Resource</th>
      <th scope="col">Definition</th>
      <th scope="col" className="p2">
        Type
      </th>
      <th scope="col">State</th>
      <th scope="col" className="p3">
        Classification
      </th>
      <th scope="col" className="p3">
        Trust
      </th>
      <th scope="col" className="p3">
        Side effect
      </th>
      <th scope="col" className="p4">
        Zone
      </th>
      <th scope="col" className="p4">
        Owner
      </th>
      <th scope="col" className="p4 num">
        First seen
      </th>
      <th scope="col" className="p2 num">
        Last seen
      </th>
      <th scope="col" className="p2 num" title="Identities within your reach, in the last 30 days">
        Used by
      </th>
      <th scope="col" className="num" title="Of identities within your reach">
        Calls 24 h
      </th>
    </>
  );
}

function Approved({ approval }: { approval: ResourceRow['approval'] }) {
  const { word, sentence } = approvalLabels[approval];
  if (approval === 'none') return <span className="t3">none</span>;
  if (approval === 'approved') return <span title={sentence}>{word}</span>;
  return (
    <Tag tone={approval === 'new' ? 'plain' : 'risk'} title={sentence}>
      {word}
    </Tag>
  );
}

const notSaid = <span className="t3">not said</span>;

function said<Word extends string>(word: Word | null, labels: Record<Word, string>) {
  return word === null ? notSaid : labels[word];
}

const named = (one: { name: string } | null) =>
  one === null ? <span className="t3">none</span> : <Visible text={one.name} oneLine />;

function Time({ at, now }: { at: Date | null; now: Date }) {
  return at === null ? (
    <span className="t3">never</span>
  ) : (
    <span title={utcTime(at)}>{relativeTime(at, now)}</span>
  );
}
