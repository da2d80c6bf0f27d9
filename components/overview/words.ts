import { amount } from '@/lib/inventory/labels';
import type { Figures } from '@/lib/inventory/overview/schema';

/** The cost of some interactions: nothing where there is none to know, `unknown` where nobody told it. */
export const costWords = ({ cost, usages }: Figures): string =>
  cost !== null ? amount(cost) : usages === 0 ? '' : 'unknown';
