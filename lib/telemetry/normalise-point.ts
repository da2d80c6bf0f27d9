import { Claims, readAttributes } from './claims';
import { cut, NAME_CHARACTERS_MAX } from './forms';
import { knownTokenType, pointTableOf } from './metric-aliases';
import { isImplausible, marksOfMaker } from './oddities';
import { readOrigin } from './origin';
import { renderAttributes } from './remains';
import { renderJson } from './render';
import {
  type Measurement,
  type MetricPoint,
  marks,
  type Origin,
  type Temporality,
  temporalities,
} from './schema';

/**
 * One judged data point as a measurement. What no fact holds exactly, buckets and exemplars too, is in the body
 * `attributes`. Never throws; linear in the point's size.
 */
export function normalisePoint(point: MetricPoint, origin: Origin, nowMs: number): Measurement {
  const shared = readOrigin(origin);
  const reading = readAttributes(point.attributes, pointTableOf(point.name));
  const claims = new Claims(reading, shared.reading);
  const name = cut(point.name, NAME_CHARACTERS_MAX);
  const unit = cut(point.unit, NAME_CHARACTERS_MAX);
  // A point without a time is of when it arrived.
  const endedNs = point.timeNs === 0n ? BigInt(nowMs) * 1_000_000n : point.timeNs;
  const startedNs = point.startedNs === 0n ? null : point.startedNs;
  const measurement: Measurement = {
    name,
    unit: unit === '' ? null : unit,
    form: point.form,
    temporality: temporalityOf(point.temporality),
    monotonic: point.form === 'sum' ? point.isMonotonic : null,
    startedNs,
    endedNs,
    value: finite(point.value),
    count: countOf(point.count),
    sum: finite(point.sum),
    min: finite(point.min),
    max: finite(point.max),
    operation: claims.text('operation'),
    provider: claims.text('provider'),
    model: claims.text('responseModel') ?? claims.text('requestModel'),
    tokenType: knownTokenType(point.name, claims.peek('tokenType')) ?? claims.text('tokenType'),
    tool: claims.text('tool'),
    errorType: claims.text('errorType'),
    declaredName: claims.text('agentName'),
    declaredId: claims.text('agentId'),
    declaredVersion: claims.text('agentVersion'),
    service: claims.text('service'),
    environment: claims.text('environment'),
    onBehalfOf: claims.text('user'),
    conversation: claims.text('conversation'),
    marks: 0,
    redacted: null,
    bodies: [],
  };
  const madeBy = marksOfMaker.get(claims.text('madeBy') ?? '') ?? 0;
  const isCut = name.length < point.name.length || unit.length < point.unit.length;
  // INVARIANT: the remains are read last, when everything that can be claimed has been.
  const remains = [
    ...unheldOf(point, measurement),
    renderAttributes('point', point.attributes, claims.taken, reading.repeated),
    shared.remains(claims),
  ].filter((part) => part !== '');
  if (remains.length > 0)
    measurement.bodies.push({ role: 'attributes', text: `{${remains.join(',')}}` });
  measurement.marks =
    claims.marks |
    madeBy |
    point.marks |
    (isCut ? marks.truncated : 0) |
    (isImplausible(endedNs, nowMs) || (startedNs !== null && isImplausible(startedNs, nowMs))
      ? marks.implausible_time
      : 0) |
    (startedNs !== null && endedNs < startedNs ? marks.ends_before_start : 0);
  return measurement;
}

/** Members of what the facts do not hold, or do not hold exactly. */
function unheldOf(point: MetricPoint, measurement: Measurement): string[] {
  const parts: string[] = [];
  const keep = (member: string, json: string) => parts.push(`"${member}":${json}`);
  if (measurement.name !== point.name) keep('name', JSON.stringify(point.name));
  if ((measurement.unit ?? '') !== point.unit) keep('unit', JSON.stringify(point.unit));
  if (point.description !== '') keep('description', JSON.stringify(point.description));
  if (measurement.temporality === null && point.temporality !== 0)
    keep('temporality', renderJson(point.temporality));
  for (const member of ['value', 'count', 'sum', 'min', 'max'] as const) {
    const sent = point[member];
    const exact =
      typeof sent === 'bigint' && Number.isSafeInteger(Number(sent)) ? Number(sent) : sent;
    if (exact !== measurement[member]) keep(member, renderJson(exact));
  }
  for (const [member, held] of Object.entries(point.distribution)) keep(member, renderJson(held));
  return parts;
}

const temporalityOf = (sent: number): Temporality | null => temporalities[sent - 1] ?? null;

/** A number that PostgreSQL and JSON both hold; -0 is 0. */
function finite(sent: number | bigint | null): number | null {
  const value = Number(sent ?? Number.NaN);
  return Number.isFinite(value) ? value + 0 : null;
}

function countOf(sent: bigint | null): number | null {
  const count = Number(sent ?? Number.NaN);
  return Number.isSafeInteger(count) ? count : null;
}
