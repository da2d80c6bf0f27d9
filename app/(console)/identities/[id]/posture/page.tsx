import type { Metadata } from 'next';
import Link from 'next/link';
import { PostureList } from '@/components/posture/posture-list';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { listPostureLines } from '@/lib/identities/posture/queries';
import { visibleText } from '@/lib/inventory/visible';
import { readIdentity } from '../read';

type Props = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Posture of ${visibleText((await readIdentity((await params).id)).name)}` };
}

export default async function PosturePage({ params }: Props) {
  const { scope } = await requirePerson();
  const { id } = await params;
  await readIdentity(id);
  const now = systemClock();
  return (
    <section aria-labelledby="posture-title">
      <div className="sec">
        <h2 id="posture-title">Posture</h2>
        <p className="t2 s12">
          What attesters measured of it. What has lapsed counts as absent, here and for policies.{' '}
          <Link href="/settings/posture" prefetch={false}>
            Who attests what
          </Link>
        </p>
      </div>
      <PostureList lines={await listPostureLines(scope, id, now)} now={now} />
    </section>
  );
}
