import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { StepUp } from '@/components/factors/step-up';
import { BreakGlassBanner } from '@/components/people/break-glass-banner';
import { AccountMenu } from '@/components/shell/account-menu';
import { DevelopmentNote } from '@/components/shell/development-note';
import { IngestState } from '@/components/shell/ingest-state';
import { LogHeadNote } from '@/components/shell/instrument';
import { Sidebar } from '@/components/shell/sidebar';
import { SignInWatch } from '@/components/shell/sign-in-watch';
import { themeCookie, themeOf } from '@/components/shell/theme';
import { ThemeButton } from '@/components/shell/theme-button';
import { Topbar } from '@/components/shell/topbar';
import { viewerZone } from '@/components/shell/viewer-zone';
import { zoneCookie } from '@/components/shell/zone';
import { ZoneProvider } from '@/components/shell/zone-provider';
import { signInIdleMs } from '@/lib/auth/cookie';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { config } from '@/lib/core/config';
import { prisma } from '@/lib/db/prisma';
import { countUnread, unreadMax } from '@/lib/delivery/queries';
import { hasDevelopmentCa } from '@/lib/identities/development-ca/schema';
import { countOpenShadow, openMax } from '@/lib/inventory/coverage/shadow/queries';
import { getIngest } from '@/lib/inventory/health/queries';
import { getLogHead } from '@/lib/log/queries';
import { listBreakGlassInUse } from '@/lib/people/break-glass/queries';
import { findOrganisation } from '@/lib/people/queries';
import { askFactor, showFactor, signOut } from './actions';

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const { person, scope } = await requirePerson();
  const now = systemClock();
  const [organisation, head, ingest, jar, open, unread, zone, breakGlass] = await Promise.all([
    findOrganisation(prisma()),
    getLogHead(scope),
    getIngest(scope, now),
    cookies(),
    countOpenShadow(scope),
    countUnread(scope),
    viewerZone(),
    listBreakGlassInUse(scope, { now, idleMs: signInIdleMs }),
  ]);
  return (
    <div className="app">
      <SignInWatch />
      <Sidebar
        organisation={organisation ?? ''}
        roles={person.roles}
        waiting={{
          ...waitingAt('/coverage', open, openMax),
          ...waitingAt('/notices', unread, unreadMax),
        }}
        foot={
          <>
            <LogHeadNote head={head} now={now} />
            {hasDevelopmentCa(config()) ? <DevelopmentNote /> : null}
          </>
        }
      />
      <div className="rest">
        <Topbar>
          <IngestState first={ingest} />
          <ThemeButton first={themeOf(jar.get(themeCookie)?.value)} />
          <AccountMenu name={person.name} email={person.email} signOut={signOut} />
        </Topbar>
        <BreakGlassBanner inUse={breakGlass} />
        <main id="main" tabIndex={-1}>
          <ZoneProvider zone={zone} told={jar.get(zoneCookie)?.value}>
            <StepUp ask={askFactor} show={showFactor}>
              {children}
            </StepUp>
          </ZoneProvider>
        </main>
      </div>
    </div>
  );
}

const waitingAt = (href: string, count: number, max: number) =>
  count === 0 ? {} : { [href]: count > max ? `${max}+` : String(count) };
