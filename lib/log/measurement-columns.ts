import { type FactColumn, type FactValue, factTable } from './columns';
import type { AttributedMeasurement } from './schema';

type Key = Exclude<keyof AttributedMeasurement, 'bodies'>;

const fact = (column: string, key: Key, type: FactColumn['type']): FactColumn<Key> => ({
  column,
  key,
  type,
});

/** The facts of a measurement, as `factColumns` are those of an interaction: in the order of their names. */
export const measurementColumns: readonly FactColumn<Key>[] = [
  fact('conversation', 'conversation', 'text'),
  fact('count', 'count', 'count'),
  fact('declared_id', 'declaredId', 'text'),
  fact('declared_name', 'declaredName', 'text'),
  fact('declared_version', 'declaredVersion', 'text'),
  fact('ended_ns', 'endedNs', 'ns'),
  fact('environment', 'environment', 'text'),
  fact('error_type', 'errorType', 'text'),
  fact('fingerprint', 'fingerprint', 'bytea'),
  fact('form', 'form', 'text'),
  fact('identity', 'identity', 'uuid'),
  fact('marks', 'marks', 'int4'),
  fact('max', 'max', 'float8'),
  fact('min', 'min', 'float8'),
  fact('model', 'model', 'text'),
  fact('monotonic', 'monotonic', 'boolean'),
  fact('name', 'name', 'text'),
  fact('on_behalf_of', 'onBehalfOf', 'text'),
  fact('operation', 'operation', 'text'),
  fact('provider', 'provider', 'text'),
  fact('redacted', 'redacted', 'text'),
  fact('reporter', 'reporter', 'uuid'),
  fact('series', 'series', 'bytea'),
  fact('service', 'service', 'text'),
  fact('session', 'session', 'uuid'),
  fact('started_ns', 'startedNs', 'ns'),
  fact('sum', 'sum', 'float8'),
  fact('temporality', 'temporality', 'text'),
  fact('token_type', 'tokenType', 'text'),
  fact('tool', 'tool', 'text'),
  fact('unit', 'unit', 'text'),
  fact('value', 'value', 'float8'),
  fact('vantage', 'vantage', 'text'),
];

export const measurementFacts = factTable(measurementColumns);

/** The values of `measurementColumns`, in their order; a test holds the two together. */
export function measurementValues(measurement: AttributedMeasurement): FactValue[] {
  return [
    measurement.conversation,
    measurement.count,
    measurement.declaredId,
    measurement.declaredName,
    measurement.declaredVersion,
    measurement.endedNs,
    measurement.environment,
    measurement.errorType,
    measurement.fingerprint,
    measurement.form,
    measurement.identity,
    measurement.marks,
    measurement.max,
    measurement.min,
    measurement.model,
    measurement.monotonic,
    measurement.name,
    measurement.onBehalfOf,
    measurement.operation,
    measurement.provider,
    measurement.redacted,
    measurement.reporter,
    measurement.series,
    measurement.service,
    measurement.session,
    measurement.startedNs,
    measurement.sum,
    measurement.temporality,
    measurement.tokenType,
    measurement.tool,
    measurement.unit,
    measurement.value,
    measurement.vantage,
  ];
}
