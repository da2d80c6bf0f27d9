import type { Metadata } from 'next';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { CodeForm } from '@/components/factors/code-form';
import { PasskeySignIn } from '@/components/factors/passkey-sign-in';
import { Door } from '@/components/shell/door';
import { findPerson, isAction } from '@/lib/auth/session';
import { readPending } from '@/lib/auth/sign-in-cookie';
import { signInPath, stepPath, targetOf } from '@/lib/auth/target';
import { systemClock } from '@/lib/core/clock';
import { askPasskey, enterByCode, showPasskey } from '../actions';

export const metadata: Metadata = { title: 'Second factor' };

type Props = { searchParams: Promise<{ to?: string | string[]; by?: string | string[] }> };

export default async function FactorPage({ searchParams }: Props) {
  const { to, by } = await searchParams;
  const target = targetOf(to);
  const isActing = await isAction();
  if (!isActing && (await findPerson()) !== null) redirect(target);
  const pending = await readPending(systemClock());
  if (!isActing && pending === null) redirect(signInPath(target));
  const { hasTotp = false, hasPasskeys = false } = pending ?? {};
  if (!isActing && !hasTotp && !hasPasskeys) redirect(stepPath('enrol', target));
  const isRecovery = by === 'recovery';
  const here = stepPath('factor', target);
  return (
    <Door
      title="Show your second factor"
      notes={['Sign-ins are recorded in the log.', 'Lost access? Ask an administrator.']}
    >
      <div className="stack-4">
        {hasPasskeys ? (
          <PasskeySignIn target={target} ask={askPasskey} enter={showPasskey} />
        ) : null}
        {hasTotp || isRecovery ? (
          <>
            {hasPasskeys ? (
              <p className="or" aria-hidden="true">
                <span>or</span>
              </p>
            ) : null}
            <CodeForm target={target} isRecovery={isRecovery} enter={enterByCode} />
          </>
        ) : null}
      </div>
      <p className="s12 t3">
        {isRecovery ? (
          <Link href={here}>Back to your factors</Link>
        ) : (
          <Link href={`${here}${here.includes('?') ? '&' : '?'}by=recovery`}>
            Use a recovery code
          </Link>
        )}
      </p>
    </Door>
  );
}
