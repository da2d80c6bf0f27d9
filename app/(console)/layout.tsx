import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { AccountMenu } from '@/components/shell/account-menu';
import { IngestState, LogHeadNote } from '@/components/shell/instrument';
import { Sidebar } from '@/components/shell/sidebar';
import { themeCookie, themeOf } from '@/components/shell/theme';
import { ThemeButton } from '@/components/shell/theme-button';
import { Topbar } from '@/components/shell/topbar';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { prisma } from '@/lib/db/prisma';
import { getLogHead } from '@/lib/log/queries';
import { findOrganisation } from '@/lib/people/queries';
import { signOut } from './actions';

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const { person, scope } = await requirePerson();
  const [organisation, head, jar] = await Promise.all([
    findOrganisation(prisma()),
    getLogHead(scope),
    cookies(),
  ]);
  const now = systemClock();
  return (
    <div className="app">
      <Sidebar organisation={organisation ?? ''} foot={<LogHeadNote head={head} now={now} />} />
      <div className="rest">
        <Topbar>
          <IngestState head={head} now={now} />
          <ThemeButton first={themeOf(jar.get(themeCookie)?.value)} />
          <AccountMenu name={person.name} email={person.email} signOut={signOut} />
        </Topbar>
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
    </div>
  );
}
