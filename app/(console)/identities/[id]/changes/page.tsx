import type { Metadata } from 'next';
import Link from 'next/link';
import { VersionList } from '@/components/identities/version-list';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { listExpectable } from '@/lib/identities/expected/queries';
import { listVersions } from '@/lib/identities/versions/queries';
import type { Params } from '@/lib/inventory/address';
import { visibleText } from '@/lib/inventory/visible';
import { can } from '@/lib/people/permissions';
import { readIdentity } from '../read';

type Props = { params: Promise<{ id: string }>; searchParams: Promise<Params> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Changes of ${visibleText((await readIdentity((await params).id)).name)}` };
}

export default async function ChangesPage({ params, searchParams }: Props) {
  const { scope, person } = await requirePerson();
  const { id } = await params;
  await readIdentity(id);
  const asked = Number([(await searchParams).before].flat()[0]);
  const before = Number.isSafeInteger(asked) && asked > 0 && asked < 2 ** 31 ? asked : null;
  const { versions, next, names } = await listVersions(scope, { id, before });
  const expected = [...new Set(versions.flatMap(({ attributes }) => attributes.expects))];
  if (expected.length > 0)
    for (const each of await listExpectable(scope, expected)) names.set(each.id, each.name);
  return (
    <>
      {can(person, 'audit.read') && scope.sees === 'all' ? (
        <p className="sec s12 t2">
          Each change, and what else was done to it, is an entry of the log.{' '}
          <Link href={`/audit?subject=${id}&from=all`} prefetch={false}>
            See its entries
          </Link>
        </p>
      ) : null}
      <VersionList versions={versions} names={names} hasOlder={next !== null} now={systemClock()} />
      {next === null ? null : (
        <p className="sec">
          <Link href={`/identities/${id}/changes?before=${next}`} prefetch={false}>
            Older versions
          </Link>
        </p>
      )}
    </>
  );
}
