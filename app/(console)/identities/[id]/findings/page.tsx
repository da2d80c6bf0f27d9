import type { Metadata } from 'next';
import { FindingList } from '@/components/identities/finding-list';
import { requirePerson } from '@/lib/auth/session';
import { visibleText } from '@/lib/inventory/visible';
import { can } from '@/lib/people/permissions';
import { readFindings, readIdentity } from '../read';
import { placesOf } from './places';

type Props = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Findings of ${visibleText((await readIdentity((await params).id)).name)}` };
}

export default async function FindingsPage({ params }: Props) {
  const { person } = await requirePerson();
  const { id } = await params;
  return (
    <section aria-label="Findings">
      <FindingList
        findings={await readFindings(id)}
        hrefOf={placesOf(id, can(person, 'registry.write'))}
      />
    </section>
  );
}
