'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Tabs } from '@/components/ui/tabs';

const keysHref = '/settings/keys';
const tabs = [
  { href: '/settings', name: 'Organisation' },
  { href: '/settings/networks', name: 'Networks' },
  { href: '/settings/posture', name: 'Posture' },
  { href: '/settings/prices', name: 'Prices' },
  { href: '/settings/content', name: 'Content and retention' },
  { href: keysHref, name: 'API keys' },
] as const;

/** `hasKeys`: for whoever makes API keys. */
export function SettingsTabs({ hasKeys }: { hasKeys: boolean }) {
  const pathname = usePathname();
  return (
    <Tabs label="Settings">
      {tabs
        .filter(({ href }) => hasKeys || href !== keysHref)
        .map(({ href, name }) => (
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
