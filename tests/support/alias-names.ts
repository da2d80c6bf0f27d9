import { contextAliases, spanAliases } from '@/lib/telemetry/aliases';
import type { DialectRules } from '@/lib/telemetry/dialects/dialect';
import { dialectOrder } from '@/lib/telemetry/dialects/order';

/** Every name that a dialect reads beside the conventions. */
export function namesOfDialect({ names = {}, namesFirst = {}, namesOf = {} }: DialectRules) {
  const tables = [namesFirst, names, ...Object.values(namesOf)];
  return [...new Set(tables.flatMap((table) => Object.values(table).flat()))];
}

/** Every name that is read of anything. */
export const everyName = (): string[] => [
  ...Object.values(spanAliases).flat(),
  ...Object.values(contextAliases).flat(),
  ...dialectOrder.flatMap(namesOfDialect),
];
