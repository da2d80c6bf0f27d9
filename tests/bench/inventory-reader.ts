import { emptyFilter } from '@/lib/inventory/address';
import { scopeOf } from '../support/people';

export const scope = scopeOf();
export const none = emptyFilter();
