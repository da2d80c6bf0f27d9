import { mintScope } from '@/lib/auth/scope';
import { emptyFilter } from '@/lib/inventory/address';

export const scope = mintScope({
  id: 'bench',
  name: 'Bench',
  email: 'bench@example.com',
  roles: ['admin'],
});
export const none = emptyFilter();
