import type { ReactNode } from 'react';
import '@/components/settings/settings.css';
import { SettingsTabs } from '@/components/settings/settings-tabs';
import { PageHead } from '@/components/ui/page-head';

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <PageHead title="Settings" meta="Each change is on record: who, when, what was and what is" />
      <SettingsTabs />
      {children}
    </>
  );
}
