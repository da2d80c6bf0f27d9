import type { Metadata } from 'next';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { visibleText } from '@/lib/inventory/visible';
import { readIdentity } from '../read';
import { Recent } from '../recent';

type Props = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Activity of ${visibleText((await readIdentity((await params).id)).name)}` };
}

export default async function ActivityPage({ params }: Props) {
  const { scope } = await requirePerson();
  const identity = await readIdentity((await params).id);
  return <Recent scope={scope} identity={identity} now={systemClock()} limit={50} />;
}
