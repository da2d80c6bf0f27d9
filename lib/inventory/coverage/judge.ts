import type { IdentityKind } from '@/lib/identities/schema';
import { thousands } from '../labels';
import type { Aspect } from './aspects';
import type { Arrivals } from './schema';

export const columns = ['input', 'output', 'tools', 'data'] as const;
export type Column = (typeof columns)[number];

/** `partly`: most of what arrives lacks it. `stale`: it arrived once, and not in the last seven days. */
export type CellState = 'arrives' | 'partly' | 'stale' | 'never';
export type Cell = {
  state: CellState;
  lastAt: Date | null;
  sentence: string;
  /** Whether this kind of identity is expected to send it and does not. */
  isGap: boolean;
};

/** Below this share of those that could carry content, it arrives in part only. */
const shareMin = 0.9;
const silentMs = 24 * 3_600_000;

export const isSilent = ({ lastAt }: Pick<Arrivals, 'lastAt'>, now: Date): boolean =>
  lastAt === null || now.getTime() - lastAt.getTime() > silentMs;

/** What of one identity arrives, column by column. */
export function judge(kind: IdentityKind, arrivals: Arrivals): Record<Column, Cell> {
  return {
    input: contentCell(kind, arrivals, 'input', 'prompt'),
    output: contentCell(kind, arrivals, 'output', 'answer'),
    tools: toolsCell(kind, arrivals),
    data: dataCell(kind, arrivals),
  };
}

/** Whether something expected does not arrive of an identity that does send. */
export const isLacking = (kind: IdentityKind, arrivals: Arrivals): boolean =>
  arrivals.interactions > 0 && Object.values(judge(kind, arrivals)).some(({ isGap }) => isGap);

function contentCell(
  kind: IdentityKind,
  arrivals: Arrivals,
  inside: 'input' | 'output',
  around: 'prompt' | 'answer',
): Cell {
  const { recent } = arrivals;
  const lastAt = latest(arrivals, [inside, around]);
  const inferences = recent.inference;
  const share = `${thousands(recent[inside])} of ${count(inferences, 'inference')} in 7 days carry their ${inside}.`;
  if (recent[around] > 0 && recent[inside] < inferences * shareMin)
    return {
      state: 'arrives',
      lastAt,
      sentence:
        `${capital(around)}s arrive in events and steps, ${thousands(recent[around])} in 7 days. ${inferences > 0 ? share : ''}`.trim(),
      isGap: false,
    };
  if (recent[inside] > 0) {
    const isPart = recent[inside] < inferences * shareMin;
    return { state: isPart ? 'partly' : 'arrives', lastAt, sentence: share, isGap: isPart };
  }
  const sentence =
    inferences > 0
      ? `${count(inferences, 'inference')} in 7 days, none with its ${inside}.`
      : 'No inference arrived in 7 days.';
  return { ...missing(lastAt), sentence, isGap: inferences > 0 || kind === 'agent' };
}

function toolsCell(kind: IdentityKind, arrivals: Arrivals): Cell {
  const { tool_call: calls, argument, result } = arrivals.recent;
  const lastAt = latest(arrivals, ['tool_call']);
  if (calls === 0)
    return {
      ...missing(lastAt),
      sentence: 'No tool call arrived in 7 days.',
      isGap: kind === 'agent',
    };
  const isPart = Math.min(argument, result) < calls * shareMin;
  return {
    state: isPart ? 'partly' : 'arrives',
    lastAt,
    sentence: `${count(calls, 'tool call')} in 7 days, ${thousands(argument)} with arguments, ${thousands(result)} with a result.`,
    isGap: isPart,
  };
}

function dataCell(kind: IdentityKind, arrivals: Arrivals): Cell {
  const { retrieval, transfer, mcp } = arrivals.recent;
  const lastAt = latest(arrivals, ['retrieval', 'transfer', 'mcp']);
  if (retrieval + transfer + mcp === 0)
    return {
      ...missing(lastAt),
      sentence: 'No retrieval, data transfer or MCP request arrived in 7 days.',
      isGap: kind === 'daemon',
    };
  const parts = [
    retrieval > 0 ? count(retrieval, 'retrieval') : [],
    transfer > 0 ? count(transfer, 'data transfer') : [],
    mcp > 0 ? count(mcp, 'MCP request') : [],
  ].flat();
  return { state: 'arrives', lastAt, sentence: `${parts.join(', ')} in 7 days.`, isGap: false };
}

const missing = (lastAt: Date | null): { state: CellState; lastAt: Date | null } => ({
  state: lastAt === null ? 'never' : 'stale',
  lastAt,
});

function latest({ last }: Arrivals, of: readonly Aspect[]): Date | null {
  const times = of.flatMap((aspect) => last[aspect]?.getTime() ?? []);
  return times.length === 0 ? null : new Date(Math.max(...times));
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
const count = (value: number, noun: string) =>
  `${thousands(value)} ${noun}${value === 1 ? '' : 's'}`;
