import { z } from 'zod';
import { InteractionRow } from '../schema';

/** What a live stream says, as the events of its text: the name, then these as JSON. */
export const tailEvents = {
  rows: z.object({ rows: z.array(InteractionRow) }),
  /** More arrived than anybody reads: how many of these rows were not sent. */
  sampled: z.object({ leftOut: z.number().int().min(1) }),
  /** Nothing follows, and why. */
  ended: z.object({ message: z.string() }),
} as const;
/** A stream says something at least this often, if only that it is there. */
export const heartbeatMs = 15_000;
export type TailEvent = keyof typeof tailEvents;

/** Rows that became visible since the last look, newest first, and how many more there were. */
export type Batch = { rows: InteractionRow[]; leftOut: number };
