import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { Table } from '@/components/ui/table';
import { type Mismatch, mismatchesShown } from '@/lib/identities/external/queries';
import { formatEntryId } from '@/lib/inventory/entry-id';
import { relativeTime, utcTime } from '@/lib/inventory/time';

/** The newest interactions that were to be with this API and came from elsewhere. */
export function MismatchTable({ mismatches, now }: { mismatches: readonly Mismatch[]; now: Date }) {
  if (mismatches.length === 0)
    return (
      <p className="sec t2 s12">
        Nothing that says it is this API came from elsewhere while its hosts have been registered.
      </p>
    );
  return (
    <>
      <Table caption="Interactions whose origin is unverified" head={<Head />}>
        {mismatches.map((mismatch) => {
          const id = formatEntryId({ ...mismatch, position: mismatch.position });
          return (
            <tr key={id}>
              <td className="t2" title={utcTime(mismatch.receivedAt)}>
                {relativeTime(mismatch.receivedAt, now)}
              </td>
              <th scope="row">
                <Link href={`/inventory?interaction=${id}`} prefetch={false}>
                  <Visible text={mismatch.name} oneLine />
                </Link>
              </th>
              <td>
                {mismatch.serverAddress === null ? (
                  <span className="t3">said no server</span>
                ) : (
                  <span className="mono">
                    <Visible text={mismatch.serverAddress} oneLine />
                  </span>
                )}
              </td>
              <td className="p3">
                {mismatch.identity === null ? (
                  <span className="t3">unregistered</span>
                ) : (
                  <Visible text={mismatch.identity.name} oneLine />
                )}
              </td>
            </tr>
          );
        })}
      </Table>
      {mismatches.length < mismatchesShown ? null : (
        <p className="sec t3 s12">The newest {mismatchesShown} are shown.</p>
      )}
    </>
  );
}

const Head = () => (
  <>
    <th scope="col">Arrived</th>
    <th scope="col">Interaction</th>
    <th scope="col">Came from</th>
    <th scope="col" className="p3">
      Of
    </th>
  </>
);
