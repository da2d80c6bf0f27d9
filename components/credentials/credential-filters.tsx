import Link from 'next/link';
import type { ReactNode } from 'react';
import { Visible } from '@/components/inventory/visible';
import { Tag } from '@/components/ui/badge';
import { Button, buttonClass } from '@/components/ui/button';
import {
  type CredentialFilter,
  credentialNeeds,
  credentialsHref,
  credentialViews,
} from '@/lib/identities/credentials/address';
import {
  credentialKindLabels,
  credentialNeedLabels,
  proofClassLabels,
} from '@/lib/identities/credentials/labels';
import { credentialKinds, proofClasses } from '@/lib/identities/credentials/schema';

const viewWords: Record<CredentialFilter['state'], string> = {
  live: 'Live',
  expired: 'Expired',
  revoked: 'Revoked',
  all: 'All',
};

/** By words, state, kind, class and need; the address says which, so it works without script. */
export function CredentialFilters({
  filter,
  identityName,
}: {
  filter: CredentialFilter;
  /** Of the identity whose credentials alone are shown. */
  identityName: string | null;
}) {
  const { state, kind, class: classes, needs, q, identity } = filter;
  const isFiltered =
    q !== '' || kind.length > 0 || classes.length > 0 || needs !== null || identity !== null;
  return (
    <form className="toolbar" action="/credentials" aria-label="Filters">
      <input
        key={q}
        className="input credential-search"
        type="search"
        name="q"
        aria-label="Search by identity, name, or what it shows"
        placeholder="Identity, name, or what it shows"
        defaultValue={q}
        maxLength={200}
      />
      <Select name="state" label="State" value={state}>
        {credentialViews.map((each) => (
          <option key={each} value={each}>
            {viewWords[each]}
          </option>
        ))}
      </Select>
      <Select name="class" label="Class" value={classes[0] ?? ''}>
        <option value="">Any class</option>
        {proofClasses.map((each) => (
          <option key={each} value={each}>
            {proofClassLabels[each].word}
          </option>
        ))}
      </Select>
      <Select name="kind" label="Kind" value={kind[0] ?? ''}>
        <option value="">Any kind</option>
        {credentialKinds.map((each) => (
          <option key={each} value={each}>
            {credentialKindLabels[each].word}
          </option>
        ))}
      </Select>
      <Select name="needs" label="Needs" value={needs ?? ''}>
        <option value="">Any need</option>
        {credentialNeeds.map((each) => (
          <option key={each} value={each}>
            {credentialNeedLabels[each]}
          </option>
        ))}
      </Select>
      {identity === null ? null : (
        <>
          <input type="hidden" name="identity" value={identity} />
          <Tag>
            of <Visible text={identityName ?? 'one identity'} oneLine />
          </Tag>
        </>
      )}
      <Button type="submit">Filter</Button>
      {isFiltered ? (
        <Link
          className={buttonClass({ variant: 'ghost' })}
          href={credentialsHref()}
          prefetch={false}
        >
          Clear filters
        </Link>
      ) : null}
    </form>
  );
}

function Select({
  name,
  label,
  value,
  children,
}: {
  name: string;
  label: string;
  value: string;
  children: ReactNode;
}) {
  return (
    <select key={value} className="select fit" name={name} aria-label={label} defaultValue={value}>
      {children}
    </select>
  );
}
