'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Tabs } from '@/components/ui/tabs';

const keysHref = '/settings/keys';
const enrolmentHref = '/settings/enrolment';
const tabs = [
  { href: '/settings', name: 'Organisation' },
  { href: '/settings/networks', name: 'Networks' },
  { href: '/settings/posture', name: 'Posture' },
  { href: '/settings/trust', name: 'Trust' },
  { href: '/settings/prices', name: 'Prices' },
  { href: '/settings/content', name: 'Content and retention' },
  { href: keysHref, name: 'API keys' },
  { href: enrolmentHref, name: 'Enrolment' },
] as const;

/** `hasKeys`: for whoever makes API keys; `hasEnrolment`: for whoever says which workloads may ask. */
export function SettingsTabs({
  hasKeys,
  hasEnrolment,
}: {
  hasKeys: boolean;
  hasEnrolment: boolean;
}) {
  const pathname = usePathname();
  const hidden = [...(hasKeys ? [] : [keysHref]), ...(hasEnrolment ? [] : [enrolmentHref])];
  return (
    <Tabs label="Settings">
      {tabs
        .filter(({ href }) => !hidden.includes(href))
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
