import type { AttributedInteraction } from './schema';

export type ColumnType = 'text' | 'uuid' | 'bytea' | 'int4' | 'count' | 'ns' | 'float8';

export type FactColumn = {
  readonly column: string;
  readonly key: Exclude<keyof AttributedInteraction, 'bodies'>;
  readonly type: ColumnType;
};

const fact = (column: string, key: FactColumn['key'], type: ColumnType): FactColumn => ({
  column,
  key,
  type,
});

/**
 * The facts of an interaction: the columns of the table and the members of the hashed object alike.
 * A new fact is a new nullable column: what is null is left out of the object, so older leaves still hold.
 * INVARIANT: in the order of the members' names, which is the order of RFC 8785.
 */
export const factColumns: readonly FactColumn[] = [
  fact('cache_read_tokens', 'cacheReadTokens', 'count'),
  fact('cache_write_tokens', 'cacheWriteTokens', 'count'),
  fact('client_address', 'clientAddress', 'text'),
  fact('client_port', 'clientPort', 'int4'),
  fact('conversation', 'conversation', 'text'),
  fact('cost', 'cost', 'float8'),
  fact('cost_source', 'costSource', 'text'),
  fact('declared_id', 'declaredId', 'text'),
  fact('declared_name', 'declaredName', 'text'),
  fact('declared_version', 'declaredVersion', 'text'),
  fact('dialect', 'dialect', 'text'),
  fact('ended_ns', 'endedNs', 'ns'),
  fact('environment', 'environment', 'text'),
  fact('error_type', 'errorType', 'text'),
  fact('fingerprint', 'fingerprint', 'bytea'),
  fact('identity', 'identity', 'uuid'),
  fact('input_tokens', 'inputTokens', 'count'),
  fact('kind', 'kind', 'text'),
  fact('marks', 'marks', 'int4'),
  fact('model', 'model', 'text'),
  fact('name', 'name', 'text'),
  fact('on_behalf_of', 'onBehalfOf', 'text'),
  fact('operation', 'operation', 'text'),
  fact('output_tokens', 'outputTokens', 'count'),
  fact('parent', 'parent', 'bytea'),
  fact('provider', 'provider', 'text'),
  fact('reasoning_tokens', 'reasoningTokens', 'count'),
  fact('redacted', 'redacted', 'text'),
  fact('reporter', 'reporter', 'uuid'),
  fact('request_model', 'requestModel', 'text'),
  fact('resource', 'resource', 'text'),
  fact('resource_kind', 'resourceKind', 'text'),
  fact('server_address', 'serverAddress', 'text'),
  fact('server_port', 'serverPort', 'int4'),
  fact('service', 'service', 'text'),
  fact('session', 'session', 'uuid'),
  fact('span', 'span', 'bytea'),
  fact('started_ns', 'startedNs', 'ns'),
  fact('status', 'status', 'text'),
  fact('trace', 'trace', 'bytea'),
  fact('vantage', 'vantage', 'text'),
];

export type FactValue = string | number | bigint | Uint8Array | null;

/**
 * The values of `factColumns`, in their order; a test holds the two together. Written out, since reading
 * forty members by computed names is a good part of what an entry costs.
 */
export function factValues(interaction: AttributedInteraction): FactValue[] {
  return [
    interaction.cacheReadTokens,
    interaction.cacheWriteTokens,
    interaction.clientAddress,
    interaction.clientPort,
    interaction.conversation,
    interaction.cost,
    interaction.costSource,
    interaction.declaredId,
    interaction.declaredName,
    interaction.declaredVersion,
    interaction.dialect,
    interaction.endedNs,
    interaction.environment,
    interaction.errorType,
    interaction.fingerprint,
    interaction.identity,
    interaction.inputTokens,
    interaction.kind,
    interaction.marks,
    interaction.model,
    interaction.name,
    interaction.onBehalfOf,
    interaction.operation,
    interaction.outputTokens,
    interaction.parent,
    interaction.provider,
    interaction.reasoningTokens,
    interaction.redacted,
    interaction.reporter,
    interaction.requestModel,
    interaction.resource,
    interaction.resourceKind,
    interaction.serverAddress,
    interaction.serverPort,
    interaction.service,
    interaction.session,
    interaction.span,
    interaction.startedNs,
    interaction.status,
    interaction.trace,
    interaction.vantage,
  ];
}
