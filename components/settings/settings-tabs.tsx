'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Tabs } from '@/components/ui/tabs';

const tabs = [
  { href: '/settings', name: 'Organisation' },
  { href: '/settings/networks', name: 'Networks' },
  { href: '/settings/prices', name: 'Prices' },
  { href: '/settings/content', name: 'Content and retention' },
  { href: '/settings/keys', name: 'API keys' },
] as const;

export function SettingsTabs() {
  const pathname = usePathname();
  return (
    <Tabs label="Settings">
      {tabs.map(({ href, name }) => (
        <Link
          key={href}
          href={href}
          prefetch={false}
          aria-current={pathname === href ? 'page' : undefined}
        >
          {name}
        </Link>
      ))}
    </Tabs>
  );
}
