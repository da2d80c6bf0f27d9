import Link from 'next/link';
import type { ReactNode } from 'react';
import { Visible } from '@/components/inventory/visible';
import { State } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import type { ListedIssuer } from '@/lib/identities/issuers/queries';
import { thousands } from '@/lib/inventory/labels';
import { visibleText } from '@/lib/inventory/visible';

/** Whose tokens are believed. */
export function IssuerTable({
  issuers,
  chosen,
  hrefOf,
  none,
}: {
  issuers: readonly ListedIssuer[];
  chosen: string | null;
  hrefOf: (id: string) => string;
  none: ReactNode;
}) {
  return (
    <Table caption="Issuers of tokens" rows="entity" stickyFirst head={<Head />}>
      {issuers.map(({ id, name, issuer, jwksUrl, kids, credentials, revokedAt }) => (
        <tr key={id} data-id={id} aria-selected={id === chosen}>
          <th scope="row" className="cut">
            <Link className="plain" href={hrefOf(id)} scroll={false} prefetch={false}>
              <Visible text={name} oneLine />
            </Link>
          </th>
          <td className="mono s12 t2 credential-shows" title={visibleText(issuer)}>
            <Visible text={issuer} oneLine />
          </td>
          <td className="p2 t2">{jwksUrl === null ? `${kids.length} uploaded` : 'fetched'}</td>
          <td className="num">{thousands(credentials)}</td>
          <td>
            <State tone={revokedAt === null ? 'on' : 'off'}>
              {revokedAt === null ? 'Believed' : 'Not believed'}
            </State>
          </td>
        </tr>
      ))}
      {issuers.length === 0 ? <NoRows columns={5}>{none}</NoRows> : null}
    </Table>
  );
}

function Head() {
  return (
    <>
      <th scope="col">Issuer</th>
      <th scope="col">As it stands in tokens</th>
      <th scope="col" className="p2">
        Keys
      </th>
      <th scope="col" className="num">
        Credentials
      </th>
      <th scope="col">State</th>
    </>
  );
}
