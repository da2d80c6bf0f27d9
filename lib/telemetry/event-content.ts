import { type AliasTable, aliasTable, eventAliases, messageEvents, type Slot } from './aliases';
import { readAttributes } from './claims';
import { renderJson, renderText } from './render';
import type { AnyValue, Attributes, Span, SpanEvent } from './schema';

/** What span events tell: content by slot, and the first exception. */
export type EventContent = {
  content: Map<Slot, string>;
  exceptionType: string | null;
  /** Message and stack trace. */
  exception: string[];
  /** Claimed positions by event. */
  taken: Map<number, boolean[]>;
};

const tables = new Map<string, AliasTable>(
  Object.entries(eventAliases).map(([name, names]) => [name, aliasTable(names)]),
);

const nothing: EventContent = {
  content: new Map(),
  exceptionType: null,
  exception: [],
  taken: new Map(),
};

/** `isTold` says which slots the span's own attributes already fill: there the event is left as it is. */
export function readEvents({ events }: Span, isTold: (slot: Slot) => boolean): EventContent {
  if (events.length === 0) return nothing;
  const found: EventContent = { ...nothing, content: new Map(), exception: [], taken: new Map() };
  let exceptionAt = -1;
  events.forEach(({ name, attributes }, at) => {
    const table = tables.get(name);
    if (table !== undefined) readContent(found, table, attributes, at, isTold);
    else if (name === 'exception' && exceptionAt === -1) {
      exceptionAt = at;
      readException(found, attributes, at);
    }
  });
  for (const slot of ['input', 'output'] as const)
    if (!isTold(slot) && !found.content.has(slot)) readMessages(found, events, slot);
  return found;
}

function readContent(
  found: EventContent,
  table: AliasTable,
  attributes: Attributes,
  at: number,
  isTold: (slot: Slot) => boolean,
): void {
  const taken: boolean[] = [];
  for (const { alias, value, at: position } of readAttributes(attributes, table).claims.all())
    if (!isTold(alias.slot) && !found.content.has(alias.slot)) {
      found.content.set(alias.slot, renderText(value));
      taken[position] = true;
    }
  found.taken.set(at, taken);
}

function readException(found: EventContent, attributes: Attributes, at: number): void {
  const taken: boolean[] = [];
  const seen = new Set<string>();
  attributes.forEach(([key, value], position) => {
    if (typeof value !== 'string' || value === '' || seen.has(key)) return;
    seen.add(key);
    if (key === 'exception.type') found.exceptionType = value;
    if (key !== 'exception.message' && key !== 'exception.stacktrace') return;
    found.exception.push(value);
    taken[position] = true;
  });
  found.taken.set(at, taken);
}

function readMessages(found: EventContent, events: SpanEvent[], slot: 'input' | 'output'): void {
  const messages: string[] = [];
  events.forEach(({ name, attributes }, at) => {
    const kind = Object.hasOwn(messageEvents, name) ? messageEvents[name] : undefined;
    if (kind?.slot !== slot) return;
    const taken: boolean[] = [];
    messages.push(renderMessage(attributes, kind.role, taken));
    found.taken.set(at, taken);
  });
  if (messages.length > 0) found.content.set(slot, `[${messages.join(',')}]`);
}

/** A list of one message, from the body of a record that is one. */
export function messageText(body: AnyValue, role: string | null): string {
  const isMap = typeof body === 'object' && body !== null && !Array.isArray(body);
  const members: Attributes =
    isMap && !(body instanceof Uint8Array) ? Object.entries(body) : [['content', body]];
  return `[${renderMessage(members, role, [])}]`;
}

/** One message: what was sent with the event, and its role where the event's name alone says it. */
function renderMessage(attributes: Attributes, role: string | null, taken: boolean[]): string {
  const members = new Map<string, string>();
  attributes.forEach(([key, value], at) => {
    if (members.has(key)) return;
    members.set(key, renderJson(value));
    taken[at] = true;
  });
  if (role !== null && !members.has('role')) members.set('role', JSON.stringify(role));
  const parts = Array.from(members, ([key, value]) => `${JSON.stringify(key)}:${value}`);
  return `{${parts.join(',')}}`;
}
