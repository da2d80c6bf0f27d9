import { isRemoteAgentCall, resourceOf } from './acted-on';
import { push, readBodies } from './bodies';
import { conversationOf, requestOf } from './call-ids';
import { Claims, readAttributes } from './claims';
import type { DialectRules, Told } from './dialects/dialect';
import { kindOfUsed } from './dialects/genai';
import { dialectOf, tableOf } from './dialects/order';
import { signsOf } from './dialects/signs';
import { readEnds } from './ends';
import { readEvents } from './event-content';
import { readInputTokens, startOf } from './figures';
import { cut, NAME_CHARACTERS_MAX, TEXT_CHARACTERS_MAX } from './forms';
import { isZero } from './judge';
import { marksOfMaker, odditiesOf } from './oddities';
import { readOrigin } from './origin';
import { remainsOf } from './remains';
import {
  type Interaction,
  type InteractionKind,
  type Origin,
  type Span,
  type Status,
  spanKinds,
} from './schema';

/** One judged span as an interaction, in whatever dialect it was sent; see `normalise`. */
export function normaliseSpan(span: Span, origin: Origin, nowMs: number): Interaction {
  return normalise({ span, record: null }, origin, nowMs);
}

/**
 * A span or record as an interaction. What no fact and no body holds in full is in the body `attributes`, so that
 * of what a decoder reads nothing is lost. It does not read flags, schema URLs and what events and links say they
 * left out; of keys that come twice in one map it keeps the last. Never throws; linear in the item's size.
 */
export function normalise(told: Told, origin: Origin, nowMs: number): Interaction {
  const { span, record } = told;
  const shared = readOrigin(origin);
  const rules = dialectOf(signsOf(span, shared.signs));
  const reading = readAttributes(span.attributes, tableOf(rules, span.name));
  const claims = new Claims(reading, shared.reading);
  const kind = kindOf(rules, claims, told, origin);
  const events = readEvents(span, (slot) => claims.has(slot));
  const status = statusOf(rules, claims, told);

  const operation =
    claims.text('operation') ??
    claims.text('mcpMethod') ??
    claims.text('a2aMethod') ??
    claims.text('openInferenceKind') ??
    claims.text('ownKind');
  const answered = claims.text('responseModel');
  const asked = claims.text('requestModel');
  const model = answered ?? asked;
  const service = claims.text('service');
  const ends = readEnds(claims, span.kind);
  const { server, peer, serverAddress, serverPort, clientAddress, clientPort } = ends;
  const resource = resourceOf({ rules, kind, spanKind: span.kind }, claims, {
    model,
    server,
    peer,
    service,
  });
  // A remote call names the agent that is called; who calls is then only what the resource says.
  const declaredIn = isRemoteAgentCall(kind, span.kind) ? 'resource' : 'any';
  const entity = kind === 'agent_call' ? claims.text('entity') : null;
  const cost = claims.number('cost');
  const errorType =
    claims.text('errorType') ??
    events.exceptionType ??
    (status === 'error' ? (claims.text('statusCode') ?? claims.text('taskState')) : null);
  const shown = rules.nameOf?.(span.name) ?? span.name;
  const name = cut(shown, NAME_CHARACTERS_MAX);
  const parent = parentOf(span.parent);
  const { bodies, isRecordBodyHeld } = readBodies(told, rules, claims, { events, status });
  const interaction: Interaction = {
    signal: record === null ? 'trace' : 'log',
    dialect: rules.name,
    kind,
    operation,
    name,
    provider: claims.text('provider') ?? claims.text('system'),
    model,
    requestModel: asked === model ? null : asked,
    resourceKind: resource?.kind ?? null,
    resource: resource?.name ?? null,
    declaredName: claims.text('agentName', declaredIn) ?? entity,
    declaredId: claims.text('agentId', declaredIn),
    declaredVersion: claims.text('agentVersion', declaredIn),
    service,
    environment: claims.text('environment'),
    onBehalfOf: claims.text('user'),
    conversation: conversationOf(claims, span.kind),
    promptId: claims.text('promptId'),
    requestId: requestOf(claims),
    responseId: claims.text('responseId'),
    toolCallId: claims.text('toolCall'),
    trace: record !== null && isZero(span.trace) ? null : span.trace,
    span: record === null ? span.span : null,
    spanKind: spanKinds[span.kind - 1] ?? null,
    parent,
    startedNs: startOf(told, claims),
    endedNs: span.endedNs,
    status,
    errorType: errorType === null ? null : cut(errorType, TEXT_CHARACTERS_MAX),
    inputTokens: readInputTokens(claims),
    outputTokens: claims.number('outputTokens'),
    cacheReadTokens: claims.number('cacheReadTokens'),
    cacheWriteTokens: claims.number('cacheWriteTokens'),
    reasoningTokens: claims.number('reasoningTokens'),
    cost,
    costSource: cost === null ? null : 'sent',
    clientAddress,
    clientPort,
    serverAddress,
    serverPort,
    marks: 0,
    redacted: null,
    bodies,
  };
  const madeBy = marksOfMaker.get(claims.text('madeBy') ?? '') ?? 0;
  if (claims.has('eventName')) claimEventName(claims, span.name);
  // INVARIANT: the remains are read last, when everything that can be claimed has been.
  push(
    bodies,
    'attributes',
    remainsOf(
      told,
      { span: claims.taken, repeated: reading.repeated, events: events.taken },
      {
        name: name !== span.name,
        parent: parent === null,
        statusMessage: status !== 'error',
        body: !isRecordBodyHeld,
      },
      shared.remains(claims),
    ),
  );
  const isCut = name.length < shown.length;
  interaction.marks = claims.marks | madeBy | odditiesOf(span, isCut, errorType, nowMs);
  return interaction;
}

/**
 * As its dialect says, except that no name beside it takes out of the counts what GenAI's own names say was
 * called and used; and that what only announces a span, which is sent again when it ends, is none yet.
 */
function kindOf(rules: DialectRules, claims: Claims, told: Told, origin: Origin): InteractionKind {
  const { span, record } = told;
  const used = record === null ? kindOfUsed(claims) : null;
  if (used === null && isAnnouncement(claims, span)) return 'event';
  const kind = rules.kindOf(claims, told, origin);
  return used !== null && (kind === 'step' || kind === 'event') ? used : kind;
}

/** Logfire ends a pending span as it begins, so that it took no time and has brought nothing about. */
const isAnnouncement = (claims: Claims, span: Span): boolean =>
  claims.peek('placeholder') === 'pending_span' &&
  span.startedNs === span.endedNs &&
  !claims.has('output');

/** From here on a log's severity is an error. */
const ERROR_SEVERITY = 17;

function statusOf(rules: DialectRules, claims: Claims, told: Told): Status {
  const { span, record } = told;
  const isSuccess = claims.flag('isSuccess');
  if (
    span.statusCode === 2 ||
    claims.has('errorType') ||
    isSuccess === false ||
    (record !== null && record.severity >= ERROR_SEVERITY) ||
    rules.isError?.(claims, told) === true
  )
    return 'error';
  return span.statusCode === 1 || isSuccess === true ? 'ok' : 'unset';
}

/** Eight zeros are how some senders write that there is none. */
const parentOf = (parent: Uint8Array) => (parent.length === 8 && !isZero(parent) ? parent : null);

/** A name that says the event's in full leaves nothing of it to keep. */
function claimEventName(claims: Claims, name: string): void {
  const told = claims.peek('eventName') ?? '';
  if (name === told || name.endsWith(`.${told}`)) claims.text('eventName');
}
