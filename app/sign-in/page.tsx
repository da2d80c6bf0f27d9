import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { Door } from '@/components/shell/door';
import { findPerson } from '@/lib/auth/session';
import { targetOf } from '@/lib/auth/target';
import { SignInForm } from './sign-in-form';

export const metadata: Metadata = { title: 'Sign in' };

type Props = { searchParams: Promise<{ to?: string | string[] }> };

export default async function SignInPage({ searchParams }: Props) {
  const target = targetOf((await searchParams).to);
  if ((await findPerson()) !== null) redirect(target);
  return (
    <Door
      title="Sign in"
      notes={['Sign-ins are recorded in the log.', 'Lost access? Ask an administrator.']}
    >
      <SignInForm target={target} />
    </Door>
  );
}
