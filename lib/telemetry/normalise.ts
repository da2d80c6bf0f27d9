import { endpointOf, isRemoteAgentCall, resourceKindOf, resourceOf } from './acted-on';
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
import {
  type Body,
  type BodyRole,
  type Interaction,
  marks,
  type Origin,
  type Span,
  type Status,
} from './schema';
import { unknown } from './unknown';

/** The first that recognises a span reads it; `unknown` recognises what none of them does. */
const dialects: readonly DialectRules[] = [openInference, genai];

const spanTable = aliasTable(spanAliases);

/** What no agent sent, as the commands that send it say on the resource. */
export const marksOfMaker = new Map<string, number>([
  ['replay', marks.replayed],
  ['simulate', marks.simulated],
]);

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

  const operation =
    claims.text('operation') ?? claims.text('mcpMethod') ?? claims.text('openInferenceKind');
  const answered = claims.text('responseModel');
  const asked = claims.text('requestModel');
  const model = answered ?? asked;
  const serverAddress = claims.text('serverAddress');
  const serverPort = claims.number('serverPort');
  const clientAddress = claims.text('clientAddress');
  const resource = resourceOf(kind, span.kind, claims, {
    model,
    server: endpointOf(serverAddress, serverPort),
    client: clientAddress,
  });
  // A remote call names the agent that is called; who calls is then only what the resource says.
  const declaredIn = isRemoteAgentCall(kind, span.kind) ? 'resource' : 'any';
  const cost = claims.number('cost');
  const errorType = claims.text('errorType') ?? events.exceptionType;
  const name = cut(span.name, NAME_CHARACTERS_MAX);
  const parent = parentOf(span.parent);
  const interaction: Interaction = {
    signal: 'trace',
    dialect: dialect.name,
    kind,
    operation,
    name,
    provider: claims.text('provider'),
    model,
    requestModel: asked === model ? null : asked,
    resourceKind: resource === null ? null : resourceKindOf[kind],
    resource,
    declaredName: claims.text('agentName', declaredIn),
    declaredId: claims.text('agentId', declaredIn),
    declaredVersion: claims.text('agentVersion', declaredIn),
    service: claims.text('service'),
    environment: claims.text('environment'),
    onBehalfOf: claims.text('user'),
    conversation: claims.text('conversation'),
    promptId: claims.text('promptId'),
    requestId: claims.text('requestId'),
    responseId: claims.text('responseId'),
    toolCallId: claims.text('toolCall'),
    trace: span.trace,
    span: span.span,
    parent,
    startedNs: span.startedNs,
    endedNs: span.endedNs,
    status,
    errorType: errorType === null ? null : cut(errorType, TEXT_CHARACTERS_MAX),
    inputTokens: claims.number('inputTokens'),
    outputTokens: claims.number('outputTokens'),
    cacheReadTokens: claims.number('cacheReadTokens'),
    cacheWriteTokens: claims.number('cacheWriteTokens'),
    reasoningTokens: claims.number('reasoningTokens'),
    cost,
    costSource: cost === null ? null : 'sent',
    clientAddress,
    clientPort: claims.number('clientPort'),
    serverAddress,
    serverPort,
    marks: 0,
    redacted: null,
    bodies: readBodies(claims, events, operation),
  };
  const madeBy = marksOfMaker.get(claims.text('madeBy') ?? '') ?? 0;
  const statusMessage = status === 'error' ? span.statusMessage : '';
  push(interaction.bodies, 'error', errorText(claims, events, statusMessage));
  // INVARIANT: the remains are read last, when everything that can be claimed has been.
  push(
    interaction.bodies,
    'attributes',
    remainsOf(
      span,
      { span: claims.taken, repeated: reading.repeated, events: events.taken },
      {
        name: name.length < span.name.length,
        parent: parent === null,
        statusMessage: status !== 'error',
      },
      shared.remains(claims),
    ),
  );
  interaction.marks = claims.marks | madeBy | oddities(span, interaction, errorType, nowMs);
  return interaction;
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

function statusOf(code: number, hasErrorType: boolean): Status {
  if (code === 2 || hasErrorType) return 'error';
  return code === 1 ? 'ok' : 'unset';
}

/** Eight zeros are how some senders write that there is none. */
const parentOf = (parent: Uint8Array) => (parent.length === 8 && !isZero(parent) ? parent : null);

function oddities(
  span: Span,
  { name }: Interaction,
  errorType: string | null,
  nowMs: number,
): number {
  const isCut =
    name.length < span.name.length ||
    (errorType !== null && errorType.length > TEXT_CHARACTERS_MAX);
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
