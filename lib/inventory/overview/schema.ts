import type { InteractionKind } from '@/lib/telemetry/schema';

/** Kinds on which usage is counted. */
export const usageKinds = ['inference', 'embedding'] as const satisfies InteractionKind[];

/** Sums over some interactions. Of cost the part that is known, and of how many it is. */
export type Figures = {
  interactions: number;
  errors: number;
  shadow: number;
  inputTokens: number;
  outputTokens: number;
  /** Null where not one cost is known: unknown, never zero. */
  cost: number | null;
  costed: number;
  /** How many could have a cost. */
  usages: number;
};

export type Bar = {
  from: Date;
  to: Date;
  label: string;
  /** What the bar stands for, in words. */
  title: string;
  byKind: Partial<Record<InteractionKind, number>>;
  figures: Figures;
};

export type Actor = Figures & {
  /** Null is everything that nobody registered answers for. */
  id: string | null;
  name: string | null;
  kind: string | null;
  /** Interactions of the hours or days that are over, and of as many before. */
  done: number;
  before: number;
  /** Interactions by bar. */
  bars: number[];
};

export type Named = Figures & {
  /** Null where there is no name to filter by: too many of them, or erased. */
  name: string | null;
  said: string;
  resourceKind: string;
  /** Of the interactions that acted on it. */
  kinds: InteractionKind[];
};
