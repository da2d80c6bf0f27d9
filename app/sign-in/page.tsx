import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { Door } from '@/components/shell/door';
import { findPerson } from '@/lib/auth/session';
import { SignInForm } from './sign-in-form';

export const metadata: Metadata = { title: 'Sign in' };

export default async function SignInPage() {
  if ((await findPerson()) !== null) redirect('/inventory');
  return (
    <Door
      title="Sign in"
      notes={['Sign-ins are recorded in the log.', 'Lost access? Ask an administrator.']}
    >
      <SignInForm />
    </Door>
  );
}
