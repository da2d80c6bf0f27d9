import { z } from 'zod';
import { prettyJson } from './pretty-json';

export type Part = {
  /** A `note` is what a message says of itself in single values, such as why it ended. */
  kind: 'text' | 'reasoning' | 'tool_call' | 'tool_result' | 'note' | 'other';
  /** The tool's name or what kind of part it is. */
  title: string | null;
  text: string;
  /** Of a tool call or its result, where one is told. */
  callId?: string;
};
export type Message = {
  role: string;
  parts: Part[];
  /** Of a message that is a tool's result. */
  callId?: string;
};

/** How a body is best read. Whatever a shape does not know stays in it as JSON: nothing sent is hidden. */
export type Reading =
  | { as: 'conversation'; messages: Message[] }
  | { as: 'json'; text: string }
  | { as: 'text'; text: string };

const messagesMax = 500;

const Loose = z.record(z.string(), z.unknown());
type Loose = z.infer<typeof Loose>;

/**
 * Messages of the GenAI conventions, OpenAI, Anthropic, OpenInference and the Vercel AI SDK; else JSON; else text.
 */
export function readBody(text: string, most = messagesMax): Reading {
  const pretty = prettyJson(text);
  if (pretty === null) return { as: 'text', text };
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed === 'string') return { as: 'text', text: parsed };
  const messages = readMessages(parsed, most);
  return messages === null ? { as: 'json', text: pretty } : { as: 'conversation', messages };
}

function readMessages(value: unknown, most: number): Message[] | null {
  const outer = objectOf(value);
  const wrapped = outer !== null && Object.keys(outer).length === 1 ? outer.messages : undefined;
  const list = Array.isArray(value)
    ? value
    : Array.isArray(wrapped)
      ? wrapped
      : outer === null
        ? null
        : [outer];
  if (list === null || list.length === 0 || list.length > most) return null;
  const messages = list.map(readMessage);
  // One element that is no message makes the whole no conversation: it is shown as the JSON it is.
  return messages.every((message) => message !== null) ? messages : null;
}

function readMessage(value: unknown): Message | null {
  const outer = objectOf(value);
  if (outer === null) return null;
  const inner = objectOf(outer.message);
  const message = inner !== null && Object.keys(outer).length === 1 ? inner : outer;
  const { role, parts, content, contents, tool_calls: calls, ...rest } = message;
  if (typeof role !== 'string' || role.length > 60) return null;
  if ([parts, content, contents, calls].every((each) => each === undefined)) return null;
  const read = [...[parts, content, contents].flatMap(readParts), ...listOf(calls).map(readCall)];
  const extra = Object.keys(rest).length === 0 ? [] : [noteOrOther(rest)];
  return { role, parts: [...read, ...extra], ...callOf(message.tool_call_id) };
}

function readParts(value: unknown): Part[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return [{ kind: 'text', title: null, text: value }];
  return Array.isArray(value) ? value.map(readPart) : [other(null, value)];
}

function readPart(value: unknown): Part {
  if (typeof value === 'string') return { kind: 'text', title: null, text: value };
  const outer = objectOf(value);
  if (outer === null) return other(null, value);
  const inner = objectOf(outer.message_content);
  const part = inner !== null && Object.keys(outer).length === 1 ? inner : outer;
  const { type, ...rest } = part;
  const only = (key: string) => {
    const keys = Object.keys(rest);
    const found = rest[key];
    return keys.length === 1 && typeof found === 'string' ? found : null;
  };
  if (type === 'text' || type === undefined) {
    const text = only('content') ?? only('text');
    if (text !== null) return { kind: 'text', title: null, text };
  }
  if (type === 'reasoning' || type === 'thinking') {
    const text = only('content') ?? only('thinking') ?? only('text');
    if (text !== null) return { kind: 'reasoning', title: 'reasoning', text };
  }
  if (type === 'tool_call' || type === 'tool_use' || type === 'tool-call') {
    const title = titleOf(rest.name ?? rest.toolName);
    return { kind: 'tool_call', title, text: json(rest), ...callOf(rest.id ?? rest.toolCallId) };
  }
  if (type === 'tool_call_response' || type === 'tool_result' || type === 'tool-result') {
    const id = rest.id ?? rest.tool_use_id ?? rest.toolCallId;
    return { kind: 'tool_result', title: titleOf(id), text: json(rest), ...callOf(id) };
  }
  return other(titleOf(type), part);
}

function readCall(value: unknown): Part {
  const outer = objectOf(value);
  const call = objectOf(outer?.tool_call) ?? outer;
  const name = objectOf(call?.function)?.name ?? call?.name;
  return { kind: 'tool_call', title: titleOf(name), text: json(value), ...callOf(call?.id) };
}

function noteOrOther(rest: Loose): Part {
  const entries = Object.entries(rest);
  const isShort = entries.every(
    ([, value]) => typeof value !== 'object' && String(value).length <= 100,
  );
  if (!isShort) return other(null, rest);
  const text = entries.map(([key, value]) => `${key} ${value}`).join(', ');
  return { kind: 'note', title: null, text };
}

const other = (title: string | null, value: unknown): Part => ({
  kind: 'other',
  title,
  text: json(value),
});
const titleOf = (value: unknown): string | null =>
  typeof value === 'string' ? value.slice(0, 200) : null;
const callOf = (id: unknown): { callId?: string } =>
  typeof id === 'string' && id !== '' ? { callId: id } : {};
const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value == null ? [] : [value];
const objectOf = (value: unknown): Loose | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (Loose.safeParse(value).data ?? null)
    : null;

function json(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return prettyJson(text) ?? text;
}
