import type { ReactNode } from 'react';
import '@/components/settings/settings.css';
import { SettingsTabs } from '@/components/settings/settings-tabs';
import { PageHead } from '@/components/ui/page-head';

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <PageHead title="Settings" meta="Each change is an entry with what was, what is, and why" />
      <SettingsTabs />
      {children}
    </>
  );
}
