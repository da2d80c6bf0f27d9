import Link from 'next/link';
import { Button, buttonClass } from '@/components/ui/button';
import { visibleText } from '@/lib/inventory/visible';
import {
  type AuditFilter,
  type AuditRange,
  anyOperator,
  auditHref,
  auditSearch,
  isAuditFiltered,
  system,
} from '@/lib/people/audit/address';
import { type AuditGroup, auditGroups, kindsOfGroup, kindWord } from '@/lib/people/audit/labels';

/** Who, what and on what: a form whose fields are the address. */
export function AuditFilters({
  filter,
  range,
  people,
}: {
  filter: AuditFilter;
  range: AuditRange;
  people: readonly { id: string; name: string; email: string }[];
}) {
  const { who, what, subject } = filter;
  const kept = [
    ...new URLSearchParams(
      auditSearch({ filter: { who: null, what: null, subject: null }, range }),
    ),
  ];
  const isListed = people.some(({ id }) => who === `person:${id}`);
  const isOther = who !== null && who !== anyOperator && who !== system && !isListed;
  return (
    <form
      // Another filter is another form: its fields are as the address says.
      key={auditSearch({ filter, range })}
      action="/audit"
      method="get"
      className="audit-filters"
      aria-label="Filter"
    >
      {kept.map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <select className="select fit" name="who" defaultValue={who ?? ''} aria-label="Who">
        <option value="">Anybody</option>
        <option value={anyOperator}>Any operator</option>
        <option value={system}>Sallyport, or nobody signed in</option>
        {isOther ? <option value={who}>{visibleText(who.replace(/^\w+:/, ''))}</option> : null}
        <optgroup label="People">
          {people.map(({ id, name, email }) => (
            <option key={id} value={`person:${id}`}>
              {visibleText(name)} ({visibleText(email)})
            </option>
          ))}
        </optgroup>
      </select>
      <select className="select fit" name="what" defaultValue={what ?? ''} aria-label="What">
        <option value="">Anything</option>
        {groups.map((group) => (
          <optgroup key={group} label={auditGroups[group]}>
            <option value={group}>{auditGroups[group]}, all</option>
            {kindsOfGroup(group).map((kind) => (
              <option key={kind} value={kind}>
                {kindWord(kind)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <input
        className="input"
        type="search"
        name="subject"
        defaultValue={subject ?? ''}
        placeholder="On what: an id"
        aria-label="On what, by id"
        maxLength={64}
        spellCheck={false}
        autoComplete="off"
      />
      <Button type="submit">Filter</Button>
      {isAuditFiltered(filter) ? (
        <Link
          className={buttonClass({ variant: 'ghost' })}
          href={auditHref({ filter: { who: null, what: null, subject: null }, range })}
          prefetch={false}
        >
          Clear filters
        </Link>
      ) : null}
    </form>
  );
}

// The names of an object literal are its own.
const groups = (Object.keys(auditGroups) as AuditGroup[]).filter(
  (group) => kindsOfGroup(group).length > 0,
);
