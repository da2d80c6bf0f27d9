import { mintScope } from '@/lib/auth/scope';
import type { Filter } from '@/lib/inventory/address';

export const scope = mintScope({
  id: 'bench',
  name: 'Bench',
  email: 'bench@example.com',
  roles: ['admin'],
});
export const none: Filter = {
  identity: [],
  kind: [],
  resource: [],
  model: [],
  status: [],
  session: [],
};
