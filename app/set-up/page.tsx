import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { notFound } from 'next/navigation';
import { Door } from '@/components/shell/door';
import { maySetUp } from '@/lib/auth/set-up';
import { SetUpForm } from './set-up-form';

export const metadata: Metadata = { title: 'Set up' };

export default async function SetUpPage() {
  if (!(await maySetUp(await headers()))) notFound();
  return (
    <Door
      title="Set up Sallyport"
      notes={['Set-up is recorded in the log.', 'The code works for 30 minutes, once.']}
    >
      <SetUpForm zones={Intl.supportedValuesOf('timeZone')} />
    </Door>
  );
}
