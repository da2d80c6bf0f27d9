import { z } from 'zod';
import { type BodyRole, bodyRoles } from '@/lib/telemetry/schema';
import { type Message, type Part, readBody } from '../conversation';
import { prettyJson } from '../pretty-json';
import type { SessionEntry } from './schema';
import { cut, innerOf, keyOf, loose, plainOf } from './spelling';

/** What is read of a session: one entry with its content, as far as it is kept. */
export type ReadEntry = Pick<
  SessionEntry,
  | 'id'
  | 'startedMs'
  | 'tookMs'
  | 'kind'
  | 'name'
  | 'resource'
  | 'model'
  | 'status'
  | 'toolCallId'
  | 'redacted'
> & { bodies: readonly { role: BodyRole; bytes: number; digest: string; text: string | null }[] };

const Said = { text: z.string(), chars: z.number() };
const Called = { tool: z.string().nullable(), callId: z.string().nullable(), ...Said };
export const Say = z.discriminatedUnion('as', [
  z.object({ as: z.literal('text'), ...Said }),
  z.object({ as: z.literal('reasoning'), ...Said }),
  z.object({ as: z.literal('data'), title: z.string().nullable(), ...Said }),
  z.object({ as: z.literal('error'), ...Said }),
  z.object({ as: z.literal('call'), ...Called }),
  z.object({ as: z.literal('result'), ...Called }),
  /** Only size and digest: for whoever may not read content, or where only these are kept. */
  z.object({
    as: z.literal('sealed'),
    role: z.enum(bodyRoles),
    bytes: z.number(),
    digest: z.string(),
  }),
]);
export type Say = z.infer<typeof Say>;

export const speakers = ['instructions', 'user', 'model', 'tool', 'source', 'agent'] as const;
export type Speaker = (typeof speakers)[number];

/** One turn of a session: who said, did or was read what. */
export const Turn = z.object({
  /** The entry that tells of it. */
  entry: z.string(),
  startedMs: z.number(),
  tookMs: z.number().nullable(),
  redacted: z.string().nullable(),
  speaker: z.enum(speakers),
  /** The model, the tool, or the role a message claims where it is no usual one. */
  who: z.string().nullable(),
  /** Whether its words came from outside of user, operator and model. */
  isOutside: z.boolean(),
  says: z.array(Say),
});
export type Turn = z.infer<typeof Turn>;

/** A part of a session as a conversation. `after` is where the next part begins, null at the end. */
export const ReaderPage = z.object({
  turns: z.array(Turn),
  after: z.string().nullable(),
  /** Entries that take part in the conversation, in all and up to here. */
  entries: z.number().int(),
  done: z.number().int(),
  /** The sentence why content is left out, for whoever may not read it. */
  withheld: z.string().nullable(),
});
export type ReaderPage = z.infer<typeof ReaderPage>;

/** What was read before, so that a history repeated with every call is shown once. */
export type Memory = {
  /** Conversations as the keys of their messages; sub-agents have their own. */
  threads: string[][];
  instructions: Set<string>;
  /** Results as tools told them, by call. */
  results: Map<string, string>;
};
export const createMemory = (): Memory => ({
  threads: [],
  instructions: new Set(),
  results: new Map(),
});

const threadsMax = 8;
const messagesMax = 5000;

const speakerOfKind: Partial<Record<SessionEntry['kind'], Speaker>> = {
  tool_call: 'tool',
  mcp: 'tool',
  process: 'tool',
  retrieval: 'source',
  memory: 'source',
  data_transfer: 'source',
  agent_call: 'agent',
};
const isCall = (kind: SessionEntry['kind']): boolean =>
  kind === 'tool_call' || kind === 'mcp' || kind === 'retrieval';
/** What tells of a prompt or an answer without being a call: log events, and the span Claude Code puts around one. */
const promptName = /user[._]prompt|claude_code\.interaction$/i;
const responseName = /assistant[._]response/i;

/** Whether an entry is part of the conversation. Steps repeat what their parts say; embeddings say nothing. */
export const isReadable = ({
  kind,
  name,
  uncounted,
}: Pick<SessionEntry, 'kind' | 'name' | 'uncounted'>): boolean =>
  uncounted !== 'same_call' &&
  (kind === 'inference' ||
    speakerOfKind[kind] !== undefined ||
    ((kind === 'event' || kind === 'step') && (promptName.test(name) || responseName.test(name))));

/** The turns that an entry adds to what `memory` holds, which it extends. */
export function readTurns(entry: ReadEntry, memory: Memory): Turn[] {
  if (entry.bodies.length > 0 && entry.bodies.every(({ text }) => text === null))
    return [sealedTurn(entry)];
  if (entry.kind === 'inference') return inferenceTurns(entry, memory);
  if (entry.kind === 'event' || entry.kind === 'step') return eventTurns(entry, memory);
  const turn = actionTurn(entry, memory);
  // A call without a result is told; an agent's own span, or a transfer, that says nothing is not.
  return turn.says.length > 0 || isCall(entry.kind) ? [turn] : [];
}

/** Kinds, sizes and digests, for whoever may not read content. */
export const sealedTurn = (entry: ReadEntry): Turn =>
  turnOf(
    entry,
    entry.kind === 'inference' ? 'model' : (speakerOfKind[entry.kind] ?? 'user'),
    entry.bodies.map(({ role, bytes, digest }) => ({ as: 'sealed', role, bytes, digest })),
  );

function inferenceTurns(entry: ReadEntry, memory: Memory): Turn[] {
  const turns: Turn[] = [];
  const instructions = textOf(entry, 'instructions');
  if (instructions !== null) turns.push(...instructionTurns(entry, plainOf(instructions), memory));
  const asked = messagesOf(textOf(entry, 'input'), 'user');
  const answered = messagesOf(textOf(entry, 'output'), 'assistant');
  for (const message of onlyNew(asked, answered, memory))
    turns.push(...messageTurns(entry, message, memory));
  const says = answered.flatMap(({ parts }) => parts.flatMap(sayOf));
  const error = textOf(entry, 'error');
  if (error !== null) says.push({ as: 'error', ...cut(error) });
  if (says.length > 0 || turns.length === 0) turns.push(turnOf(entry, 'model', says));
  return turns;
}

function eventTurns(entry: ReadEntry, memory: Memory): Turn[] {
  const text = textOf(entry, 'input') ?? textOf(entry, 'output');
  if (text === null) return [];
  const role = responseName.test(entry.name) ? 'assistant' : 'user';
  const messages = onlyNew(messagesOf(text, role), [], memory);
  return messages.flatMap((message) => messageTurns(entry, message, memory));
}

/** What a tool, a source or another agent was asked, and what came back: words from outside. */
function actionTurn(entry: ReadEntry, memory: Memory): Turn {
  const tool = entry.resource ?? entry.name;
  const called = { tool, callId: entry.toolCallId };
  const says: Say[] = [];
  const input = textOf(entry, 'input');
  if (input !== null) says.push({ as: 'call', ...called, ...cut(prettyJson(input) ?? input) });
  const output = textOf(entry, 'output');
  if (output !== null) {
    const text = plainOf(output);
    says.push({ as: 'result', ...called, ...cut(text) });
    memory.results.set(entry.toolCallId ?? entry.id, loose(text));
  }
  const error = textOf(entry, 'error');
  if (error !== null) says.push({ as: 'error', ...cut(error) });
  return turnOf(entry, speakerOfKind[entry.kind] ?? 'tool', says);
}

function instructionTurns(entry: ReadEntry, text: string, memory: Memory): Turn[] {
  const key = loose(text);
  if (memory.instructions.has(key)) return [];
  memory.instructions.add(key);
  return [turnOf(entry, 'instructions', [{ as: 'text', ...cut(text) }])];
}

/** A message of the history: results in it are the tool's words, whoever's message they stand in. */
function messageTurns(entry: ReadEntry, message: Message, memory: Memory): Turn[] {
  const { role, parts, callId } = message;
  if (role === 'system' || role === 'developer')
    return instructionTurns(entry, parts.map(({ text }) => text).join('\n\n'), memory);
  if (role === 'tool' || role === 'function') {
    const text = parts
      .filter(({ kind }) => kind !== 'note')
      .map(innerOf)
      .join('\n');
    const id = callId ?? parts.find((part) => part.callId !== undefined)?.callId ?? null;
    return resultTurns(entry, text, id, memory);
  }
  const turns: Turn[] = [];
  for (const part of parts.filter(({ kind }) => kind === 'tool_result'))
    turns.push(...resultTurns(entry, innerOf(part), part.callId ?? null, memory));
  const says = parts.filter(({ kind }) => kind !== 'tool_result').flatMap(sayOf);
  const speaker = role === 'assistant' || role === 'model' ? 'model' : 'user';
  if (says.length === 0) return turns;
  const turn = turnOf(entry, speaker, says);
  return [...turns, speaker === 'model' || role === 'user' ? turn : { ...turn, who: role }];
}

/** Left out where the tool itself told of the same words; shown where the model read others. */
function resultTurns(
  entry: ReadEntry,
  text: string,
  callId: string | null,
  memory: Memory,
): Turn[] {
  const key = loose(text);
  const told = callId === null ? undefined : memory.results.get(callId);
  const isTold = told?.includes(key) ?? [...memory.results.values()].includes(key);
  if (isTold && key !== '') return [];
  return [turnOf(entry, 'tool', [{ as: 'result', tool: null, callId, ...cut(text) }], null)];
}

/**
 * The messages of an input that no earlier one held: walked in order along the conversation that shares most of
 * them, so that a person who says "yes" twice said it twice. The conversation then is this input and its answer.
 */
function onlyNew(asked: Message[], answered: Message[], memory: Memory): Message[] {
  const keys = asked.map(keyOf);
  let best: boolean[] = keys.map(() => false);
  let bestCount = 0;
  let bestAt = memory.threads.length;
  memory.threads.forEach((thread, at) => {
    const isOld = oldAlong(keys, thread);
    const count = isOld.filter(Boolean).length;
    if (count > bestCount) [best, bestCount, bestAt] = [isOld, count, at];
  });
  // A sub-agent that was told the beginning only leaves the conversation it came from as it was.
  if (bestCount * 2 >= (memory.threads[bestAt]?.length ?? 0)) memory.threads.splice(bestAt, 1);
  memory.threads.push([...keys, ...answered.map(keyOf)]);
  if (memory.threads.length > threadsMax) memory.threads.shift();
  return asked.filter((_, index) => best[index] !== true);
}

function oldAlong(keys: readonly string[], thread: readonly string[]): boolean[] {
  let from = 0;
  return keys.map((key) => {
    const at = thread.indexOf(key, from);
    if (at !== -1) from = at + 1;
    return at !== -1;
  });
}

function messagesOf(text: string | null, role: string): Message[] {
  if (text === null || text === '') return [];
  const reading = readBody(text, messagesMax);
  if (reading.as === 'conversation') return reading.messages;
  const kind = reading.as === 'json' ? 'other' : 'text';
  return [{ role, parts: [{ kind, title: null, text: reading.text }] }];
}

function sayOf(part: Part): Say[] {
  const { kind, title, callId = null } = part;
  if (kind === 'note') return [];
  if (kind === 'text' || kind === 'reasoning') return [{ as: kind, ...cut(part.text) }];
  if (kind === 'other') return [{ as: 'data', title, ...cut(part.text) }];
  const as = kind === 'tool_call' ? 'call' : 'result';
  return [{ as, tool: as === 'call' ? title : null, callId, ...cut(innerOf(part)) }];
}

const textOf = ({ bodies }: ReadEntry, role: BodyRole): string | null =>
  bodies.find((body) => body.role === role)?.text ?? null;

const outside: ReadonlySet<Speaker> = new Set(['tool', 'source', 'agent']);

const turnOf = (
  entry: ReadEntry,
  speaker: Speaker,
  says: Say[],
  who: string | null = speaker === 'model'
    ? entry.model
    : outside.has(speaker)
      ? (entry.resource ?? entry.name)
      : null,
): Turn => ({
  entry: entry.id,
  startedMs: entry.startedMs,
  tookMs: speaker === 'user' || speaker === 'instructions' ? null : entry.tookMs,
  redacted: entry.redacted,
  speaker,
  who,
  isOutside: outside.has(speaker),
  says,
});
