import type { IconName } from '@/components/ui/icon';
import type { Permission } from '@/lib/people/permissions';

export type NavigationPage = {
  href: string;
  name: string;
  icon: IconName;
  /** Absent for whoever lacks it. */
  permission?: Permission;
};
/** A group without a name stands first, without a heading. */
export type NavigationGroup = { name: string; pages: readonly NavigationPage[] };

/** Only pages that exist. */
export const navigation: readonly NavigationGroup[] = [
  { name: '', pages: [{ href: '/overview', name: 'Overview', icon: 'overview' }] },
  {
    name: 'Observe',
    pages: [
      { href: '/inventory', name: 'Inventory', icon: 'inventory' },
      { href: '/sessions', name: 'Sessions', icon: 'session' },
      { href: '/coverage', name: 'Coverage', icon: 'shadow' },
    ],
  },
  {
    name: 'Registry',
    pages: [
      { href: '/identities', name: 'Identities', icon: 'identity' },
      { href: '/credentials', name: 'Credentials', icon: 'key' },
      { href: '/resources', name: 'Resources', icon: 'resource' },
      { href: '/zones', name: 'Zones', icon: 'zone' },
      { href: '/people', name: 'People', icon: 'user', permission: 'people.read' },
    ],
  },
  {
    name: 'Prove',
    pages: [{ href: '/audit', name: 'Audit', icon: 'file', permission: 'audit.read' }],
  },
  {
    name: 'System',
    pages: [
      { href: '/connect', name: 'Connect', icon: 'connect' },
      { href: '/health', name: 'Health', icon: 'health' },
      { href: '/health/quarantine', name: 'Quarantine', icon: 'quarantine' },
      { href: '/notices', name: 'Notices', icon: 'notice' },
      {
        href: '/notices/deliveries',
        name: 'Deliveries',
        icon: 'send',
        permission: 'deliveries.write',
      },
      { href: '/settings', name: 'Settings', icon: 'settings' },
    ],
  },
];

/** Reached from the menu of whoever is signed in. */
const account: NavigationPage = { href: '/account', name: 'Account', icon: 'user' };

const pages = [...navigation.flatMap((group) => group.pages), account];
const isWithin = (href: string, pathname: string) =>
  pathname === href || pathname.startsWith(`${href}/`);

/** The page of the navigation that a path belongs to: the longest that contains it. */
export function currentPage(pathname: string): NavigationPage | undefined {
  return pages
    .filter(({ href }) => isWithin(href, pathname))
    .sort((a, b) => b.href.length - a.href.length)[0];
}

/** From the outermost page to this one. */
export function crumbsOf(pathname: string): NavigationPage[] {
  return pages
    .filter(({ href }) => isWithin(href, pathname))
    .sort((a, b) => a.href.length - b.href.length);
}
