import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { PasskeySignIn } from '@/components/factors/passkey-sign-in';
import { Door } from '@/components/shell/door';
import { findPerson, isAction } from '@/lib/auth/session';
import { ssoSentence } from '@/lib/auth/sso/refusals';
import { ssoName } from '@/lib/auth/sso/settings';
import { stepPath, targetOf } from '@/lib/auth/target';
import { askPasskey, showPasskey } from './actions';
import { SignInForm } from './sign-in-form';
import { SsoSignIn } from './sso-sign-in';

export const metadata: Metadata = { title: 'Sign in' };

type Props = { searchParams: Promise<{ to?: string | string[]; error?: string | string[] }> };

export default async function SignInPage({ searchParams }: Props) {
  const { to, error } = await searchParams;
  const target = targetOf(to);
  const sso = ssoName();
  if (!(await isAction()) && (await findPerson()) !== null) redirect(target);
  return (
    <Door
      title="Sign in"
      notes={['Sign-ins are recorded in the log.', 'Lost access? Ask an administrator.']}
    >
      <div className="stack-4">
        {sso === null ? null : (
          <SsoSignIn name={sso} target={target} refusal={ssoSentence(error)} />
        )}
        <PasskeySignIn target={target} ask={askPasskey} enter={showPasskey} />
        <p className="or" aria-hidden="true">
          <span>or with password and code</span>
        </p>
        <SignInForm next={stepPath('factor', target)} />
      </div>
      <p className="s12 t3">You will be asked for a second factor next. It cannot be skipped.</p>
    </Door>
  );
}
