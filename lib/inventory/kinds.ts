import type { InteractionKind } from '@/lib/telemetry/schema';

/** Kinds that are exchanges. Steps and events are shown in the inventory and not counted as such. */
export const exchangeKinds = [
  'inference',
  'embedding',
  'retrieval',
  'tool_call',
  'agent_call',
  'memory',
  'mcp',
  'data_transfer',
  'process',
] as const satisfies InteractionKind[];

/** Stands in a filter for all of these. */
export const exchange = 'exchange';
export type KindTerm = InteractionKind | typeof exchange;

/** The kinds that the terms of a filter stand for. */
export const kindsOf = (terms: readonly KindTerm[]): InteractionKind[] => [
  ...new Set(terms.flatMap((term) => (term === exchange ? exchangeKinds : term))),
];
