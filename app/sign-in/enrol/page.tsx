import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import '@/components/factors/factors.css';
import { FirstFactor } from '@/components/factors/first-factor';
import { Door } from '@/components/shell/door';
import { findPerson, isAction } from '@/lib/auth/session';
import { readPending } from '@/lib/auth/sign-in-cookie';
import { signInPath, stepPath, targetOf } from '@/lib/auth/target';
import { systemClock } from '@/lib/core/clock';
import { beginFirstApp, beginFirstPasskey, enrolFirstFactor } from '../actions';

export const metadata: Metadata = { title: 'Set up a second factor' };

type Props = { searchParams: Promise<{ to?: string | string[] }> };

export default async function EnrolPage({ searchParams }: Props) {
  const target = targetOf((await searchParams).to);
  const isActing = await isAction();
  if (!isActing && (await findPerson()) !== null) redirect(target);
  const pending = await readPending(systemClock());
  if (!isActing && pending === null) redirect(signInPath(target));
  if (!isActing && (pending?.hasTotp || pending?.hasPasskeys)) redirect(stepPath('factor', target));
  return (
    <Door
      title="Set up a second factor"
      notes={['Setting it up is recorded in the log.', 'It is asked for at each sign-in.']}
    >
      <p className="t2">
        A passkey is quickest, and cannot be phished. An app with six-digit codes works as well.
      </p>
      <FirstFactor
        target={target}
        actions={{
          beginApp: beginFirstApp,
          beginPasskey: beginFirstPasskey,
          enrol: enrolFirstFactor,
        }}
      />
    </Door>
  );
}
