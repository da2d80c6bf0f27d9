import { can } from '@/lib/people/permissions';
import type { Role } from '@/lib/people/schema';
import { type NavigationGroup, navigation } from './navigation';

/**
 * What these roles may see; a group without a page is absent too. Worked out on the server, so that no browser loads the
 * permissions.
 */
export const navigationFor = (roles: readonly Role[]): NavigationGroup[] =>
  navigation
    .map((group) => ({
      ...group,
      pages: group.pages.filter(
        ({ permission }) => permission === undefined || can({ roles }, permission),
      ),
    }))
    .filter(({ pages }) => pages.length > 0);
