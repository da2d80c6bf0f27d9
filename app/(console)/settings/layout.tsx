import type { ReactNode } from 'react';
import '@/components/settings/settings.css';
import { SettingsTabs } from '@/components/settings/settings-tabs';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { can } from '@/lib/people/permissions';

export default async function SettingsLayout({ children }: { children: ReactNode }) {
  const { person } = await requirePerson();
  return (
    <>
      <PageHead title="Settings" meta="Each change is on record: who, when, what was and what is" />
      <SettingsTabs
        hasKeys={can(person, 'api_keys.write')}
        hasEnrolment={can(person, 'registry.write')}
      />
      {children}
    </>
  );
}
