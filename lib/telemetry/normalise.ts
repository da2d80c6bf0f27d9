import { actedOn, isRemoteAgentCall } from './acted-on';
import { aliasTable, spanAliases } from './aliases';
import { Claims, readAttributes } from './claims';
import type { DialectRules } from './dialect';
import { type EventContent, readEvents } from './event-content';
import { cut, NAME_CHARACTERS_MAX, TEXT_CHARACTERS_MAX } from './forms';
import { genai } from './genai';
import { isZero } from './judge';
import { openInference } from './openinference';
import { readOrigin } from './origin';
import { remainsOf } from './remains';
import { bytesText } from './render';
import {
  type Body,
  type BodyRole,
  type Interaction,
  type InteractionKind,
  marks,
  type Origin,
  type Span,
  type Status,
} from './schema';
import { unknown } from './unknown';

/** The first that recognises a span reads it; `unknown` recognises what none of them does. */
const dialects: readonly DialectRules[] = [openInference, genai];

const spanTable = aliasTable(spanAliases);

const PAST_MS_MAX = 400 * 86_400_000;
const AHEAD_MS_MAX = 600_000;

/**
 * One judged span as an interaction, in whatever dialect it was sent. Nothing sent is lost: what no
 * fact and no body holds in full is in the body `attributes`. Never throws; linear in the span's size.
 */
export function normaliseSpan(span: Span, origin: Origin, nowMs: number): Interaction {
  const dialect = dialects.find(({ detect }) => detect(span, origin)) ?? unknown;
  const shared = readOrigin(origin);
  const reading = readAttributes(span.attributes, spanTable);
  const claims = new Claims(reading, shared.reading);
  const kind = dialect.kindOf(claims);
  const events = readEvents(span, (slot) => claims.has(slot));
  const status = statusOf(span.statusCode, claims.has('errorType'));

  const facts = readFacts(claims, kind, span.kind);
  const errorType = claims.text('errorType') ?? events.exceptionType;
  const bodies = readBodies(claims, events, facts.operation);
  push(bodies, 'error', errorText(claims, events, status === 'error' ? span.statusMessage : ''));

  const name = cut(span.name, NAME_CHARACTERS_MAX);
  const parent = parentOf(span.parent);
  const isNameCut = name.length < span.name.length;
  const leftover = {
    name: isNameCut ? span.name : undefined,
    parentSpanId: parent.isInvalid ? bytesText(span.parent, 'hex') : undefined,
    statusCode: statusCodes.has(span.statusCode) ? undefined : span.statusCode,
    statusMessage: status === 'error' || span.statusMessage === '' ? undefined : span.statusMessage,
  };
  const taken = { span: claims.taken, repeated: reading.repeated, events: events.taken };
  push(bodies, 'attributes', remainsOf(span, taken, leftover, shared.remains(claims)));

  return {
    dialect: dialect.name,
    kind,
    name,
    ...facts,
    trace: span.trace,
    span: span.span,
    parent: parent.id,
    startedNs: span.startedNs,
    endedNs: span.endedNs,
    status,
    errorType: errorType === null ? null : cut(errorType, TEXT_CHARACTERS_MAX),
    marks:
      span.marks |
      claims.marks |
      timeMarks(span, nowMs) |
      (parent.isInvalid ? marks.invalid_parent : 0) |
      (isNameCut || (errorType?.length ?? 0) > TEXT_CHARACTERS_MAX ? marks.truncated : 0),
    redacted: null,
    bodies,
  };
}

function readFacts(claims: Claims, kind: InteractionKind, spanKind: number) {
  const answered = claims.text('responseModel');
  const asked = claims.text('requestModel');
  const model = answered ?? asked;
  const addresses = {
    clientAddress: claims.text('clientAddress'),
    clientPort: claims.number('clientPort'),
    serverAddress: claims.text('serverAddress'),
    serverPort: claims.number('serverPort'),
  };
  const cost = claims.number('cost');
  // A remote call names the agent that is called; who calls is then only what the resource says.
  const declaredIn = isRemoteAgentCall(kind, spanKind) ? 'resource' : 'any';
  return {
    operation:
      claims.text('operation') ?? claims.text('mcpMethod') ?? claims.text('openInferenceKind'),
    provider: claims.text('provider'),
    model,
    requestModel: asked === model ? null : asked,
    ...actedOn(kind, spanKind, { claims, model, addresses }),
    declaredName: claims.text('agentName', declaredIn),
    declaredId: claims.text('agentId', declaredIn),
    declaredVersion: claims.text('agentVersion', declaredIn),
    service: claims.text('service'),
    environment: claims.text('environment'),
    onBehalfOf: claims.text('user'),
    conversation: claims.text('conversation'),
    inputTokens: claims.number('inputTokens'),
    outputTokens: claims.number('outputTokens'),
    cacheReadTokens: claims.number('cacheReadTokens'),
    cacheWriteTokens: claims.number('cacheWriteTokens'),
    reasoningTokens: claims.number('reasoningTokens'),
    cost,
    costSource: cost === null ? null : ('sent' as const),
    ...addresses,
  };
}

function readBodies(claims: Claims, events: EventContent, operation: string | null): Body[] {
  const content = (slot: 'input' | 'output' | 'instructions' | 'tools') =>
    claims.content(slot) ?? events.content.get(slot) ?? null;
  let input = content('input');
  let output = content('output');
  // Records that a search found are its answer; those of any other memory operation were handed in.
  if (operation === 'search_memory') output ??= claims.content('memoryRecords');
  else input ??= claims.content('memoryRecords');
  const bodies: Body[] = [];
  push(bodies, 'input', input);
  push(bodies, 'output', output);
  push(bodies, 'instructions', content('instructions'));
  push(bodies, 'tools', content('tools'));
  return bodies;
}

function errorText(claims: Claims, { exception }: EventContent, statusMessage: string): string {
  const told = [statusMessage, claims.content('errorMessage') ?? '', ...exception];
  return [...new Set(told)].filter((text) => text !== '').join('\n');
}

function push(bodies: Body[], role: BodyRole, text: string | null): void {
  if (text !== null && text !== '') bodies.push({ role, text });
}

const statusCodes = new Set([0, 1, 2]);

function statusOf(code: number, hasErrorType: boolean): Status {
  if (code === 2 || hasErrorType) return 'error';
  return code === 1 ? 'ok' : 'unset';
}

/** Eight zeros are how some senders write that there is none. */
function parentOf(parent: Uint8Array): { id: Uint8Array | null; isInvalid: boolean } {
  if (parent.length !== 8) return { id: null, isInvalid: parent.length > 0 };
  return { id: isZero(parent) ? null : parent, isInvalid: false };
}

function timeMarks({ startedNs, endedNs }: Span, nowMs: number): number {
  const isImplausible = (ns: bigint) => {
    const ms = Number(ns) / 1e6;
    return ms < nowMs - PAST_MS_MAX || ms > nowMs + AHEAD_MS_MAX;
  };
  return (
    (isImplausible(startedNs) || isImplausible(endedNs) ? marks.implausible_time : 0) |
    (endedNs < startedNs ? marks.ends_before_start : 0)
  );
}
