'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Tabs } from '@/components/ui/tabs';

const tabs = [
  { href: '/credentials', name: 'Credentials' },
  { href: '/credentials/authorities', name: 'Authorities and issuers' },
  { href: '/credentials/elsewhere', name: 'Secrets used elsewhere' },
] as const;

export function CredentialTabs() {
  const pathname = usePathname();
  return (
    <Tabs label="Parts">
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
