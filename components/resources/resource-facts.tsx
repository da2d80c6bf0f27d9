import type { ReactNode } from 'react';
import { Kind } from '@/components/ui/badge';
import { CopyButton } from '@/components/ui/copy-button';
import { thousands } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import type { ResourceDetail } from '@/lib/resources/queries';
import { iconOfType } from './resource-table';

/** What it is, when it was seen and how much it is used. */
export function ResourceFacts({
  resource: { id, kind, firstAt, lastAt, usedBy, calls24h },
  type,
  now,
}: {
  resource: ResourceDetail;
  type: string;
  now: Date;
}) {
  return (
    <dl className="facts-strip">
      <Fact term="Type">
        <Kind icon={iconOfType(kind)}>{visibleText(type)}</Kind>
      </Fact>
      <Fact term="First seen">
        <Moment at={firstAt} now={now} />
      </Fact>
      <Fact term="Last seen">
        <Moment at={lastAt} now={now} />
      </Fact>
      <Fact term="Used by, 30 days">
        {thousands(usedBy)} {usedBy === 1 ? 'identity' : 'identities'}
      </Fact>
      <Fact term="Calls, 24 h">{thousands(calls24h)}</Fact>
      <Fact term="Id">
        <span className="mono s12">{id.slice(0, 8)}</span>{' '}
        <CopyButton value={id} label="Copy resource id" />
      </Fact>
    </dl>
  );
}

const Fact = ({ term, children }: { term: string; children: ReactNode }) => (
  <div>
    <dt>{term}</dt>
    <dd>{children}</dd>
  </div>
);

function Moment({ at, now }: { at: Date | null; now: Date }) {
  if (at === null) return <span className="t3">never</span>;
  return (
    <time dateTime={at.toISOString()} title={utcTime(at)}>
      {relativeTime(at, now)}
    </time>
  );
}
