import Link from 'next/link';
import type { ReactNode } from 'react';
import { Visible } from '@/components/inventory/visible';
import { Kind, State, Tag } from '@/components/ui/badge';
import { Icon } from '@/components/ui/icon';
import { Table } from '@/components/ui/table';
import { thousands } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import type { Sort } from '@/lib/people/behind/address';
import {
  agentName,
  evidenceLabels,
  factorLabels,
  notShown,
  sortLabels,
} from '@/lib/people/behind/labels';
import type { PersonBehind } from '@/lib/people/behind/schema';

/** The people for whom agents act. */
export function BehindTable({
  people,
  sort,
  chosen,
  hrefOf,
  sortHref,
  now,
  empty,
}: {
  people: readonly PersonBehind[];
  sort: Sort;
  chosen: string | null;
  hrefOf: (id: string) => string;
  sortHref: (sort: Sort) => string;
  now: Date;
  /** The row that stands for none. */
  empty: ReactNode;
}) {
  const sortable = { sort, hrefOf: sortHref };
  return (
    <Table
      caption={`People behind agents, ${sortLabels[sort]}`}
      rows="entity"
      stickyFirst
      head={
        <>
          <th scope="col">On behalf of</th>
          <th scope="col">Second factor</th>
          <th scope="col" className="p3">
            Known as
          </th>
          <th scope="col" className="p4">
            At the console
          </th>
          <th scope="col" className="p2 w-max">
            Agents
          </th>
          <SortedHead by="entries" {...sortable}>
            Entries
          </SortedHead>
          <th scope="col" className="num p4">
            First seen
          </th>
          <SortedHead by="last" {...sortable}>
            Last seen
          </SortedHead>
        </>
      }
    >
      {people.map((person) => (
        <tr key={person.id} data-id={person.id} aria-selected={person.id === chosen}>
          <th scope="row" className="behind-who">
            <Link
              className="plain"
              href={hrefOf(person.id)}
              scroll={false}
              prefetch={false}
              title={person.text === null ? undefined : visibleText(person.text)}
            >
              <Kind icon="user">
                <PersonName person={person} />
              </Kind>
            </Link>
          </th>
          <td>
            <FactorShown person={person} />
          </td>
          <td className="p3">
            <Tag title={evidenceLabels[person.evidence].sentence}>
              {evidenceLabels[person.evidence].word}
            </Tag>
          </td>
          <td className="t2 p4 cut">
            {person.sameEmail === null ? null : <SameEmail {...person.sameEmail} />}
          </td>
          <td className="t2 p2 w-max">
            {person.agents.map((agent, index) => (
              <span key={agent.id ?? ''}>
                {index === 0 ? null : ', '}
                <Visible text={agentName(agent)} oneLine />
              </span>
            ))}
            {person.agentsOf > person.agents.length
              ? ` and ${thousands(person.agentsOf - person.agents.length)} more`
              : null}
          </td>
          <td className="num">{thousands(person.entries)}</td>
          <td className="num t2 p4" title={utcTime(person.firstAt)}>
            {relativeTime(person.firstAt, now)}
          </td>
          <td className="num t2" title={utcTime(person.lastAt)}>
            {relativeTime(person.lastAt, now)}
          </td>
        </tr>
      ))}
      {people.length === 0 ? (
        <tr className="none">
          <td colSpan={8}>{empty}</td>
        </tr>
      ) : null}
    </Table>
  );
}

function SortedHead({
  by,
  sort,
  hrefOf,
  children,
}: {
  by: Sort;
  sort: Sort;
  hrefOf: (sort: Sort) => string;
  children: ReactNode;
}) {
  const isSorted = by === sort;
  return (
    <th scope="col" className="num" {...(isSorted ? { 'aria-sort': 'descending' } : {})}>
      <Link className="sort" href={hrefOf(by)} prefetch={false} title={`Sort: ${sortLabels[by]}`}>
        {children}
        {isSorted ? <Icon name="down" size={12} /> : null}
      </Link>
    </th>
  );
}

export function PersonName({ person: { text } }: { person: Pick<PersonBehind, 'text'> }) {
  return text === null ? (
    <span className="t3">Many new names</span>
  ) : (
    <Visible text={text} oneLine />
  );
}

export function FactorShown({
  person: { factor, isOpen },
}: {
  person: Pick<PersonBehind, 'factor' | 'isOpen'>;
}) {
  if (factor !== null) return <State tone="on">{factorLabels[factor]}</State>;
  return isOpen ? (
    <State tone="wait">{notShown}</State>
  ) : (
    <State tone="none">{notShown}, expected</State>
  );
}

export function SameEmail({ name, hasLeft }: NonNullable<PersonBehind['sameEmail']>) {
  return (
    <span title="An e-mail proves nobody: nothing is joined by it.">
      same e-mail as <Visible text={name} oneLine />
      {hasLeft ? ', who has left' : null}
    </span>
  );
}
