import { type Permission, refusalOf } from '@/lib/people/permissions';
import { Empty } from './empty';

/** What stands in a page's place for whoever may not see it: which role may, so that they know whom to ask. */
export const NoPermission = ({ permission }: { permission: Permission }) => (
  <Empty title="Your roles do not open this page">
    {refusalOf(permission)} An administrator gives roles.
  </Empty>
);
