import type { Told } from './dialects/dialect';
import { bytesText, renderJson } from './render';
import type { Attributes, Dropped, LogRecord, Origin, Span } from './schema';

const spanKinds = ['', 'internal', 'server', 'client', 'producer', 'consumer'];

/** Which attributes were claimed: those of the span by position, those of an event by event and position. */
export type Taken = {
  span: readonly boolean[];
  repeated: readonly number[];
  events: ReadonlyMap<number, readonly boolean[]>;
};

/** Which of the item's own fields no fact or body holds in full. */
export type Unheld = { name: boolean; parent: boolean; statusMessage: boolean; body: boolean };

/**
 * JSON of everything sent that nothing claimed, so that nothing sent is lost; '' when nothing remains.
 * `ofOrigin` is the part that all spans of one origin share, see `remainsOfOrigin`.
 */
export function remainsOf(
  { span, record }: Told,
  taken: Taken,
  unheld: Unheld,
  ofOrigin: string,
): string {
  const parts: string[] = [];
  if (unheld.name) parts.push(`"name":${JSON.stringify(span.name)}`);
  if (unheld.parent && span.parent.length > 0)
    parts.push(`"parentSpanId":"${bytesText(span.parent, 'hex')}"`);
  if (span.statusCode < 0 || span.statusCode > 2)
    parts.push(`"statusCode":${renderJson(span.statusCode)}`);
  if (unheld.statusMessage && span.statusMessage !== '')
    parts.push(`"statusMessage":${JSON.stringify(span.statusMessage)}`);
  if (span.kind !== 0) parts.push(`"spanKind":${renderJson(spanKinds[span.kind] ?? span.kind)}`);
  if (span.dropped !== undefined) parts.push(droppedJson(span.dropped));
  if (span.traceState !== '') parts.push(`"traceState":${JSON.stringify(span.traceState)}`);
  if (record !== null) pushRecord(parts, record, span.name, unheld.body);
  push(
    parts,
    renderAttributes(
      record === null ? 'span' : 'record',
      span.attributes,
      taken.span,
      taken.repeated,
    ),
  );
  if (span.events.length > 0) parts.push(`"events":[${renderEvents(span, taken)}]`);
  if (span.links.length > 0) parts.push(`"links":[${renderLinks(span)}]`);
  push(parts, ofOrigin);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

/** In one order, whatever order an encoding told it in: a repeat is known by it. */
function droppedJson({ attributes, events, links }: Dropped): string {
  return `"dropped":${JSON.stringify({ attributes, events, links })}`;
}

/** What only a record has. The time it was observed is told where it is not the time it happened. */
function pushRecord(
  parts: string[],
  { eventName, severity, severityText, timeNs, observedNs, body }: LogRecord,
  name: string,
  isBodyUnheld: boolean,
): void {
  if (eventName !== '' && eventName !== name)
    parts.push(`"eventName":${JSON.stringify(eventName)}`);
  if (severity !== 0) parts.push(`"severity":${renderJson(severity)}`);
  if (severityText !== '') parts.push(`"severityText":${JSON.stringify(severityText)}`);
  if (timeNs !== 0n && observedNs !== 0n) parts.push(`"observedNs":${observedNs}`);
  if (isBodyUnheld && body !== null) parts.push(`"body":${renderJson(body)}`);
}

/** The members `scope` and `resource` of the remains. */
export function remainsOfOrigin(
  origin: Origin,
  taken: readonly boolean[],
  repeated: readonly number[],
): string {
  const scope: string[] = [];
  if (origin.scopeName !== '') scope.push(`"name":${JSON.stringify(origin.scopeName)}`);
  if (origin.scopeVersion !== '') scope.push(`"version":${JSON.stringify(origin.scopeVersion)}`);
  push(scope, renderAttributes('attributes', origin.scope));
  const parts = scope.length === 0 ? [] : [`"scope":{${scope.join(',')}}`];
  push(parts, renderAttributes('resource', origin.resource, taken, repeated));
  return parts.join(',');
}

function renderEvents({ events }: Span, taken: Taken): string {
  return events
    .map(({ name, timeNs, attributes }, at) => {
      const parts = [`"name":${JSON.stringify(name)}`, `"timeNs":${timeNs}`];
      push(parts, renderAttributes('attributes', attributes, taken.events.get(at)));
      return `{${parts.join(',')}}`;
    })
    .join(',');
}

function renderLinks({ links }: Span): string {
  return links
    .map(({ trace, span, attributes }) => {
      const ids = [`"trace":"${bytesText(trace, 'hex')}"`, `"span":"${bytesText(span, 'hex')}"`];
      push(ids, renderAttributes('attributes', attributes));
      return `{${ids.join(',')}}`;
    })
    .join(',');
}

const nothingTaken: readonly boolean[] = [];
const none: ReadonlySet<number> = new Set();

/**
 * The member `name` with each key once, and a member `repeated_name` with the later values of keys
 * that came again: a second key in one object would hide the first from most readers of JSON.
 */
export function renderAttributes(
  name: string,
  attributes: Attributes,
  taken: readonly boolean[] = nothingTaken,
  repeated: readonly number[] = repeatedOf(attributes),
): string {
  const later = repeated.length === 0 ? none : new Set(repeated);
  let once = '';
  let at = -1;
  for (const [key, value] of attributes) {
    at += 1;
    if (taken[at] === true || later.has(at)) continue;
    once += `${once === '' ? '' : ','}${JSON.stringify(key)}:${renderJson(value)}`;
  }
  const parts = once === '' ? [] : [`"${name}":{${once}}`];
  if (repeated.length > 0) parts.push(`"repeated_${name}":${renderRepeated(attributes, repeated)}`);
  return parts.join(',');
}

function renderRepeated(attributes: Attributes, repeated: readonly number[]): string {
  const later = new Map<string, string[]>();
  for (const at of repeated) {
    const [key, value] = attributes[at] ?? ['', null];
    const values = later.get(key) ?? [];
    values.push(renderJson(value));
    later.set(key, values);
  }
  const members = Array.from(
    later,
    ([key, values]) => `${JSON.stringify(key)}:[${values.join(',')}]`,
  );
  return `{${members.join(',')}}`;
}

function repeatedOf(attributes: Attributes): number[] {
  const keys = new Set<string>();
  const repeated: number[] = [];
  attributes.forEach(([key], at) => {
    if (keys.size === keys.add(key).size) repeated.push(at);
  });
  return repeated;
}

function push(parts: string[], part: string): void {
  if (part !== '') parts.push(part);
}
