import { TEXT_CHARACTERS_MAX } from './forms';
import { marks, type Span } from './schema';

const PAST_MS_MAX = 400 * 86_400_000;
const AHEAD_MS_MAX = 600_000;

/** What no agent sent, as the commands that send it say on the resource. */
export const marksOfMaker = new Map<string, number>([
  ['replay', marks.replayed],
  ['simulate', marks.simulated],
]);

/** Bits of `marks` for what is odd about an item itself: its times, its parent, what had to be cut. */
export function odditiesOf(
  span: Span,
  isNameCut: boolean,
  errorType: string | null,
  nowMs: number,
): number {
  const isCut = isNameCut || (errorType !== null && errorType.length > TEXT_CHARACTERS_MAX);
  return (
    span.marks |
    (isCut ? marks.truncated : 0) |
    (span.parent.length === 0 || span.parent.length === 8 ? 0 : marks.invalid_parent) |
    (isImplausible(span.startedNs, nowMs) || isImplausible(span.endedNs, nowMs)
      ? marks.implausible_time
      : 0) |
    (span.endedNs < span.startedNs ? marks.ends_before_start : 0)
  );
}

export function isImplausible(ns: bigint, nowMs: number): boolean {
  const ms = Number(ns) / 1e6;
  return ms < nowMs - PAST_MS_MAX || ms > nowMs + AHEAD_MS_MAX;
}
