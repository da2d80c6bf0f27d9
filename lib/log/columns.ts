import type { AttributedInteraction } from './schema';

export type ColumnType = 'text' | 'uuid' | 'bytea' | 'int4' | 'count' | 'ns' | 'float8' | 'boolean';

export type FactColumn<Key = Exclude<keyof AttributedInteraction, 'bodies'>> = {
  readonly column: string;
  readonly key: Key;
  readonly type: ColumnType;
};

/** How one kind of facts is written: to its table, and into the hashed object. */
export type FactTable = {
  readonly types: readonly ColumnType[];
  /** `"column":` of each, as the hashed object has it. */
  readonly members: readonly string[];
};

export const factTable = (columns: readonly FactColumn<unknown>[]): FactTable => ({
  types: columns.map(({ type }) => type),
  members: columns.map(({ column }) => `"${column}":`),
});

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
  fact('prompt_id', 'promptId', 'text'),
  fact('provider', 'provider', 'text'),
  fact('reasoning_tokens', 'reasoningTokens', 'count'),
  fact('redacted', 'redacted', 'text'),
  fact('reporter', 'reporter', 'uuid'),
  fact('request_id', 'requestId', 'text'),
  fact('request_model', 'requestModel', 'text'),
  fact('resource', 'resource', 'text'),
  fact('resource_kind', 'resourceKind', 'text'),
  fact('response_id', 'responseId', 'text'),
  fact('server_address', 'serverAddress', 'text'),
  fact('server_port', 'serverPort', 'int4'),
  fact('service', 'service', 'text'),
  fact('session', 'session', 'uuid'),
  fact('signal', 'signal', 'text'),
  fact('span', 'span', 'bytea'),
  fact('span_kind', 'spanKind', 'text'),
  fact('started_ns', 'startedNs', 'ns'),
  fact('status', 'status', 'text'),
  fact('tool_call_id', 'toolCallId', 'text'),
  fact('trace', 'trace', 'bytea'),
  fact('vantage', 'vantage', 'text'),
];

export const interactionFacts = factTable(factColumns);

export type FactValue = string | number | bigint | boolean | Uint8Array | null;

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
    interaction.promptId,
    interaction.provider,
    interaction.reasoningTokens,
    interaction.redacted,
    interaction.reporter,
    interaction.requestId,
    interaction.requestModel,
    interaction.resource,
    interaction.resourceKind,
    interaction.responseId,
    interaction.serverAddress,
    interaction.serverPort,
    interaction.service,
    interaction.session,
    interaction.signal,
    interaction.span,
    interaction.spanKind,
    interaction.startedNs,
    interaction.status,
    interaction.toolCallId,
    interaction.trace,
    interaction.vantage,
  ];
}
