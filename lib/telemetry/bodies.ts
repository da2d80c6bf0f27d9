import type { Slot } from './aliases';
import type { Claims } from './claims';
import type { DialectRules, Told } from './dialects/dialect';
import type { EventContent } from './event-content';
import type { Body, BodyRole, Status } from './schema';

/** What some senders write where content would stand. It is none, and stays among the attributes. */
const withheld = new Set(['<REDACTED>', '[REDACTED]', '__REDACTED__']);

type Held = { bodies: Body[]; isRecordBodyHeld: boolean };

/** What was said, by role. A slot that no attribute fills takes it from events, else from a record's body. */
export function readBodies(
  { span, record }: Told,
  rules: DialectRules,
  claims: Claims,
  { events, status }: { events: EventContent; status: Status },
): Held {
  const said =
    record === null || record.body === span.name
      ? null
      : (rules.bodyOf?.(span.name, record.body) ?? null);
  let isRecordBodyHeld = record !== null && record.body === span.name;
  const content = (slot: Slot) =>
    withheld.has(claims.peek(slot) ?? '')
      ? null
      : (claims.content(slot) ?? events.content.get(slot) ?? null);
  let input = withDocuments(content('input'), claims) ?? claims.content('toolParameters');
  let output = content('output');
  // Records that a search found are its answer; those of any other memory operation were handed in.
  if (claims.peek('operation') === 'search_memory') output ??= claims.content('memoryRecords');
  else input ??= claims.content('memoryRecords');
  let error = '';
  if (said !== null) {
    isRecordBodyHeld = true;
    if (said.slot === 'output' && status === 'error') error = said.text;
    else if (said.slot === 'output' && output === null) output = said.text;
    else if (said.slot === 'input' && input === null) input = said.text;
    else isRecordBodyHeld = false;
  }
  const bodies: Body[] = [];
  push(bodies, 'input', input);
  push(bodies, 'output', output);
  push(bodies, 'instructions', content('instructions'));
  push(bodies, 'tools', content('tools'));
  const message = status === 'error' ? span.statusMessage : '';
  push(bodies, 'error', errorText(claims, events, [message, error]));
  return { bodies, isRecordBodyHeld };
}

/** What is asked of documents, with them. */
function withDocuments(query: string | null, claims: Claims): string | null {
  const documents = claims.content('documents');
  if (query === null || documents === null) return query ?? documents;
  return `{"query":${JSON.stringify(query)},"documents":${documents}}`;
}

function errorText(claims: Claims, { exception }: EventContent, said: string[]): string {
  const told = [...said, claims.content('errorMessage') ?? '', ...exception];
  return [...new Set(told)].filter((text) => text !== '').join('\n');
}

export function push(bodies: Body[], role: BodyRole, text: string | null): void {
  if (text !== null && text !== '') bodies.push({ role, text });
}
