import type { Figures } from '@/lib/inventory/overview/schema';

/** `2,914.20`, `0.0021`: cents where they matter, and what is small to two digits. */
export const amount = (cost: number): string =>
  cost !== 0 && Math.abs(cost) < 0.1
    ? cost.toLocaleString('en-GB', { maximumSignificantDigits: 2 })
    : cost.toLocaleString('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** The cost of some interactions: nothing where there is none to know, `unknown` where nobody told it. */
export const costWords = ({ cost, usages }: Figures): string =>
  cost !== null ? amount(cost) : usages === 0 ? '' : 'unknown';
