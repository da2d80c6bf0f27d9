import { type Permission, refusalOf } from '@/lib/people/permissions';
import { Empty } from './empty';

/**
 * What stands in a page's place for whoever may not see it: which role may, or else what `says`, so that they know whom
 * to ask.
 */
export const NoPermission = (why: { permission: Permission } | { says: string }) =>
  'says' in why ? (
    <Empty title="Your rights do not open this page">{why.says}</Empty>
  ) : (
    <Empty title="Your roles do not open this page">
      {refusalOf(why.permission)} An administrator gives roles.
    </Empty>
  );
