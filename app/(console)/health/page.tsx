import type { Metadata } from 'next';
import { HealthFigures } from '@/components/health/figures';
import '@/components/health/health.css';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { getHealth } from '@/lib/inventory/health/queries';

export const metadata: Metadata = { title: 'Health' };

export default async function HealthPage() {
  const { scope } = await requirePerson();
  const first = await getHealth(scope, systemClock());
  return (
    <>
      <PageHead title="Health" meta="Whether the instrument itself can be trusted right now" />
      <HealthFigures first={first} />
    </>
  );
}
