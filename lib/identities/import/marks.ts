import { createHash } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import { inTurns } from '@/lib/core/in-turns';
import type { JudgedLine } from './judge-lines';
import { markLength, type Seen } from './schema';

/** What the lines come to, each in a few letters: what it makes or changes, of which identity as of which revision. */
export async function marksOf(lines: readonly JudgedLine[]): Promise<string> {
  return (await inTurns(lines, markOf)).join('');
}

function markOf({ verdict, name, changes, asked, existing }: JudgedLine): string {
  const told = JSON.stringify([verdict, name, changes, asked, existing]);
  return createHash('sha256').update(told).digest('base64url').slice(0, markLength);
}

export const judgedOf = (marks: string): string => createHash('sha256').update(marks).digest('hex');

/**
 * The same lines, of which those are wrong that would do something else than what was seen. Throws `conflict` where all
 * of it was to be as it was seen.
 */
export function heldToSeen(
  lines: readonly JudgedLine[],
  marks: string,
  seen: Seen | undefined,
): JudgedLine[] {
  if (seen === undefined) return [...lines];
  if ('judged' in seen) {
    if (seen.judged === judgedOf(marks)) return [...lines];
    throw new AppError(
      'conflict',
      'This file comes to something else than at the dry run. Try it again: nothing was written.',
    );
  }
  if (seen.marks.length !== marks.length)
    throw new AppError('invalid_input', 'Check the file first: this is not what was looked at.');
  return lines.map((line, index) => {
    const [from, to] = [index * markLength, (index + 1) * markLength];
    const isAsSeen = marks.slice(from, to) === seen.marks.slice(from, to);
    return isAsSeen || line.asked === null ? line : leftOut(line, differs);
  });
}

const differs = 'It comes to something else than when you looked. Check the file again.';

/** A line that is not done after all. */
export const leftOut = (line: JudgedLine, sentence: string): JudgedLine => ({
  ...line,
  ...{ verdict: 'wrong', because: [sentence], changes: [], asked: null, existing: null },
});
