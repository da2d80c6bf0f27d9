import Link from 'next/link';
import type { ReactNode } from 'react';
import { Visible } from '@/components/inventory/visible';
import { State } from '@/components/ui/badge';
import { NoRows, Table } from '@/components/ui/table';
import type { ListedAnchor } from '@/lib/identities/anchors/queries';
import type { AnchorKind } from '@/lib/identities/anchors/schema';
import { thousands } from '@/lib/inventory/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';

export const anchorKindLabels: Record<AnchorKind, string> = {
  ca: 'Certificate authority',
  spiffe: 'SPIFFE trust domain',
  development: 'Development authority',
};

/** Whose certificates and SVIDs are believed. */
export function AnchorTable({
  anchors,
  chosen,
  hrefOf,
  now,
  none,
}: {
  anchors: readonly ListedAnchor[];
  chosen: string | null;
  hrefOf: (id: string) => string;
  now: Date;
  none: ReactNode;
}) {
  return (
    <Table caption="Authorities" rows="entity" stickyFirst head={<Head />}>
      {anchors.map((anchor) => {
        const first = endsFirst(anchor);
        return (
          <tr key={anchor.id} data-id={anchor.id} aria-selected={anchor.id === chosen}>
            <th scope="row" className="cut">
              <Link className="plain" href={hrefOf(anchor.id)} scroll={false} prefetch={false}>
                <Visible text={anchor.name} oneLine />
              </Link>
            </th>
            <td className="t2">{anchorKindLabels[anchor.kind]}</td>
            <td className="p2 mono s12 t2">{anchor.trustDomain ?? '–'}</td>
            <td className="p3 num t2">{anchor.certificates.length}</td>
            <td className="p3 num t2">{anchor.keys.length}</td>
            <td className="p2 t2" title={first === null ? undefined : utcTime(first)}>
              {first === null ? '–' : relativeTime(first, now)}
            </td>
            <td className="num">{thousands(anchor.credentials)}</td>
            <td>
              <State tone={anchor.revokedAt === null ? 'on' : 'off'}>
                {anchor.revokedAt === null ? 'Believed' : 'Not believed'}
              </State>
            </td>
          </tr>
        );
      })}
      {anchors.length === 0 ? <NoRows columns={8}>{none}</NoRows> : null}
    </Table>
  );
}

/** When the first of its certificates ends. */
const endsFirst = ({ certificates }: ListedAnchor): Date | null =>
  certificates.length === 0
    ? null
    : new Date(Math.min(...certificates.map(({ notAfter }) => notAfter.getTime())));

function Head() {
  return (
    <>
      <th scope="col">Authority</th>
      <th scope="col">Kind</th>
      <th scope="col" className="p2">
        Trust domain
      </th>
      <th scope="col" className="p3 num">
        Certificates
      </th>
      <th scope="col" className="p3 num">
        Keys of tokens
      </th>
      <th scope="col" className="p2">
        First ends
      </th>
      <th scope="col" className="num">
        Credentials
      </th>
      <th scope="col">State</th>
    </>
  );
}
