import type { Metadata } from 'next';
import { OwnFactorList } from '@/components/account/own-factors';
import { OwnPassword } from '@/components/account/own-password';
import { OwnSignIns } from '@/components/account/own-sign-ins';
import '@/components/factors/factors.css';
import { PageHead } from '@/components/ui/page-head';
import { signInIdleMs } from '@/lib/auth/cookie';
import { getOwnFactors, listOwnSignIns } from '@/lib/auth/enrol/queries';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { prisma } from '@/lib/db/prisma';
import {
  addFactor,
  beginNewApp,
  beginNewPasskey,
  changeOwnPassword,
  endOthersOfMine,
  endSignInOfMine,
  removeOwnFactor,
  renameOwnPasskey,
  renewRecoveryCodes,
} from './actions';

export const metadata: Metadata = { title: 'Account' };

export default async function AccountPage() {
  const { person, scope, signIn } = await requirePerson();
  const now = systemClock();
  const [factors, signIns] = await Promise.all([
    getOwnFactors(prisma(), scope),
    listOwnSignIns(prisma(), scope, now, new Date(now.getTime() - signInIdleMs)),
  ]);
  return (
    <>
      <PageHead title="Account" meta={person.email} />
      <div className="account">
        <OwnFactorList
          factors={factors}
          now={now}
          actions={{
            beginApp: beginNewApp,
            beginPasskey: beginNewPasskey,
            add: addFactor,
            remove: removeOwnFactor,
            rename: renameOwnPasskey,
            renewCodes: renewRecoveryCodes,
          }}
        />
        <OwnSignIns
          signIns={signIns}
          current={signIn}
          now={now}
          end={endSignInOfMine}
          endOthers={endOthersOfMine}
        />
        {factors.hasPassword ? (
          <OwnPassword email={person.email} change={changeOwnPassword} />
        ) : null}
      </div>
    </>
  );
}
