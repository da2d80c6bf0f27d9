import path from 'node:path';
import type { z } from 'zod';
import { digestOf } from '../sending/random';
import { type Call, DojoRun, isRunLike, type Message, SweRun, TauRun } from './schema';

export type ToolCall = { id: string; name: string; args: string };
export type Turn =
  | { role: 'system' | 'user'; text: string }
  | { role: 'assistant'; text: string; calls: ToolCall[] }
  | { role: 'tool'; text: string; callIds: string[]; error: string | null; seconds: number | null };

/** What an agent did once, whatever benchmark wrote it down. */
export type Run = {
  /** Follows from what was read, so that the same run has the same ids wherever it is replayed. */
  key: string;
  /** Name of the identity: suite and pipeline. */
  persona: string;
  model: string | null;
  /** How long it took, where that was noted. */
  seconds: number | null;
  turns: Turn[];
};

/** Why a whole file, or one run of it, cannot be replayed. */
export type Unreadable = { reason: string; isWholeFile?: true };

export function readRun(file: string, text: string, value: unknown): Run | Unreadable {
  if (!isRunLike(value))
    return { reason: 'Not a run: it has none of messages, traj, trajectory, history.' };
  if ('messages_display' in value)
    return {
      isWholeFile: true,
      reason:
        'A plain transcript: it tells who spoke and not which tool was called with what, so it cannot be replayed.',
    };
  const key = digestOf('run', text);
  if ('traj' in value) return readTau(file, key, value);
  if ('messages' in value) return readDojo(key, value);
  return readSwe(key, value);
}

function readDojo(key: string, value: unknown): Run | Unreadable {
  const parsed = DojoRun.safeParse(value);
  if (!parsed.success) return unreadable(parsed.error);
  const { suite_name: suite, pipeline_name: pipeline, messages, duration } = parsed.data;
  return {
    key,
    persona: nameOf(suite, pipeline),
    model: pipeline,
    seconds: duration ?? null,
    turns: turnsOf(messages),
  };
}

/** The runs say neither suite nor model: the file's name does, as in `gpt-4o-airline.json`. */
function readTau(file: string, key: string, value: unknown): Run | Unreadable {
  const parsed = TauRun.safeParse(value);
  if (!parsed.success) return unreadable(parsed.error);
  const name = path.basename(file).replace(/\.(gz|jsonl?)\b/g, '');
  const [, pipeline, suite] = /^(.+)-(airline|retail|telecom)$/.exec(name) ?? [];
  return {
    key,
    persona: suite === undefined ? nameOf('tau', name) : nameOf(suite, pipeline ?? ''),
    model: pipeline ?? null,
    seconds: null,
    turns: turnsOf(parsed.data.traj),
  };
}

function readSwe(key: string, value: unknown): Run | Unreadable {
  const parsed = SweRun.safeParse(value);
  if (!parsed.success) return unreadable(parsed.error);
  const { history, trajectory } = parsed.data;
  // Demonstrations that stand before the task are not what this agent did.
  const own = (history ?? []).filter(({ is_demo: isDemo }) => isDemo !== true);
  const firstAnswer = own.findIndex(({ role }) => role === 'assistant');
  const task = firstAnswer < 0 ? own : own.slice(0, firstAnswer);
  const turns = trajectory ? [...turnsOf(task), ...stepsOf(trajectory)] : turnsOf(own);
  if (turns.length === 0) return { reason: 'A run without a step or a message.' };
  return { key, persona: 'swe-agent', model: null, seconds: null, turns };
}

/** A step is what the model said and the one command that it had run. */
const stepsOf = (trajectory: NonNullable<SweRun['trajectory']>): Turn[] =>
  trajectory.flatMap((step, at): Turn[] => {
    const command = step.action?.trim() ?? '';
    const id = `step-${at + 1}`;
    const said: Turn = {
      role: 'assistant',
      text: step.response ?? step.thought ?? '',
      calls:
        command === '' ? [] : [{ id, name: toolOf(command), args: JSON.stringify({ command }) }],
    };
    if (command === '' || typeof step.observation !== 'string') return [said];
    const seconds = step.execution_time ?? null;
    return [said, { role: 'tool', text: step.observation, callIds: [id], error: null, seconds }];
  });

const sweTools = new Set(
  'bash open goto create edit insert scroll_up scroll_down search_dir search_file find_file submit str_replace_editor'.split(
    ' ',
  ),
);

/** Its own tools are the first word of a command; anything else is the shell's. */
function toolOf(command: string): string {
  const word = /^[a-z_]+/.exec(command)?.[0] ?? '';
  return sweTools.has(word) ? word : 'bash';
}

const turnsOf = (messages: Message[]): Turn[] =>
  messages.map((message, at): Turn => {
    const text = textOf(message.content);
    if (message.role === 'assistant')
      return { role: 'assistant', text, calls: callsOf(message.tool_calls ?? [], at) };
    if (message.role === 'tool') {
      const one = message.tool_call_id ? [message.tool_call_id] : [];
      const callIds = message.tool_call_ids ?? one;
      return { role: 'tool', text, callIds, error: message.error ?? null, seconds: null };
    }
    return { role: message.role === 'user' ? 'user' : 'system', text };
  });

const callsOf = (calls: Call[], at: number): ToolCall[] =>
  calls.map((call, nth) => {
    const id = call.id || `call-${at}-${nth}`;
    if (typeof call.function === 'string')
      return { id, name: call.function, args: JSON.stringify(call.args ?? {}) };
    const { name, arguments: sent } = call.function;
    return { id, name, args: typeof sent === 'string' ? sent : JSON.stringify(sent ?? {}) };
  });

function textOf(content: Message['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map(partText).join('\n');
}

function partText(part: NonNullable<Exclude<Message['content'], string>>[number]): string {
  if (typeof part === 'string') return part;
  const text = part.content ?? part.text;
  return typeof text === 'string' ? text : JSON.stringify(part);
}

/** As the registry wants names, from words that a file's author chose. */
function nameOf(suite: string, pipeline: string): string {
  const name = `${suite}-${pipeline}`
    .replace(/[^a-zA-Z0-9._-]+/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '');
  return name.slice(0, 63) || 'replayed-agent';
}

function unreadable({ issues }: z.ZodError): Unreadable {
  const [issue] = issues;
  const where = issue?.path.map(String).join('.') ?? '';
  const told = `${where}: ${issue?.message ?? 'not as expected'}`;
  return { reason: told.replace(/[^\x20-\x7e]/g, '?').slice(0, 200) };
}
