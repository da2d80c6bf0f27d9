import Link from 'next/link';
import { Visible } from '@/components/inventory/visible';
import { Kind } from '@/components/ui/badge';
import { Table } from '@/components/ui/table';
import type { Enrolment } from '@/lib/identities/enrolment/schema';
import { thumbprintGroups } from '@/lib/identities/enrolment/thumbprint';
import { identityKindLabels } from '@/lib/identities/labels';
import { relativeTime, utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import { expiryWords } from '@/lib/people/api-keys/labels';

/** Workloads that ask to be registered by themselves and wait for a person; nothing where none does. */
export function EnrolmentTable({
  enrolments,
  now,
}: {
  enrolments: readonly Enrolment[];
  now: Date;
}) {
  if (enrolments.length === 0) return null;
  return (
    <section aria-labelledby="asking-title">
      <div className="sec">
        <h2 id="asking-title">Workloads that ask</h2>
        <p className="t2 s12">
          Each showed that it holds a key, and nothing else. Compare the thumbprint before you
          accept one.
        </p>
      </div>
      <Table caption="Workloads that ask to be registered" rows="entity" head={<Head />}>
        {enrolments.map((each) => (
          <tr key={each.id}>
            <th scope="row">
              <Link href={`/identities/proposed/${each.id}`} prefetch={false}>
                <Visible text={each.name} oneLine />
              </Link>
            </th>
            <td className="p3">
              <Kind icon={each.kind}>{identityKindLabels[each.kind].word}</Kind>
            </td>
            <td className="mono s12 t2" title={each.thumbprint}>
              {thumbprintGroups(each.thumbprint).slice(0, 3).join(' ')} …
            </td>
            <td className="t2">
              <span className="mono">{each.address}</span>
              {each.network === null ? null : <>, {visibleText(each.network)}</>}
            </td>
            <td className="t2 p3">
              {each.code === null ? 'listed network' : visibleText(each.code.name)}
            </td>
            <td className="t2 p4" title={utcTime(each.askedAt)}>
              {relativeTime(each.askedAt, now)}
            </td>
            <td className="t2" title={utcTime(each.expiresAt)}>
              {expiryWords(each.expiresAt, now)}
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Head() {
  return (
    <>
      <th scope="col">Name</th>
      <th scope="col" className="p3">
        Kind
      </th>
      <th scope="col">Thumbprint</th>
      <th scope="col">From</th>
      <th scope="col" className="p3">
        By
      </th>
      <th scope="col" className="p4">
        Asked
      </th>
      <th scope="col">Dies</th>
    </>
  );
}
