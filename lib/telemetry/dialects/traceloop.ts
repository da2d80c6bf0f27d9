import type { Claims } from '../claims';
import type { InteractionKind } from '../schema';
import { databaseNames, dataSourceOf } from './database';
import { type DialectRules, kindByPresence } from './dialect';
import {
  isFailedTask,
  kindOfGenaiRecord,
  kindOfMethod,
  kindOfOperation,
  messageBody,
} from './genai';

const kindByEntity = new Map<string, InteractionKind>([
  ['workflow', 'step'],
  ['task', 'step'],
  ['session', 'step'],
  ['agent', 'agent_call'],
  ['tool', 'tool_call'],
]);

const kindByRequest = new Map<string, InteractionKind>([
  ['completion', 'inference'],
  ['chat', 'inference'],
  ['rerank', 'inference'],
  ['embedding', 'embedding'],
]);

/** A request other than of a tool, which its instrumentation of MCP tells by name only: `tools/list.mcp`. */
const MCP_REQUEST = /^[a-z]+(?:\/[a-zA-Z_]+)*\.mcp$/;

/** A query by vector retrieves; what else is done to a vector database moves data. */
function kindOfData(claims: Claims): InteractionKind | null {
  if (claims.has('vectorTopK')) return 'retrieval';
  return claims.has('system') ? 'data_transfer' : null;
}

/** OpenLLMetry: its own kind of span first, then what it takes over from GenAI, then its older names. */
export const traceloop: DialectRules = {
  name: 'traceloop',
  detect: (signs) => signs.has('traceloop'),
  kindOf: (claims, { span, record }) => {
    if (record !== null) return kindOfGenaiRecord(claims, span.name);
    const kind = kindByEntity.get(claims.peek('ownKind') ?? '') ?? kindOfOperation(claims);
    if (kind !== null) return kind;
    if (claims.has('guardrail')) return 'step';
    if (MCP_REQUEST.test(span.name) && !claims.has('ownKind')) return 'mcp';
    return (
      kindByRequest.get(claims.peek('requestType') ?? '') ??
      kindOfData(claims) ??
      kindOfMethod(claims) ??
      kindByPresence(claims)
    );
  },
  names: {
    ...databaseNames,
    ownKind: ['traceloop.span.kind'],
    requestType: ['llm.request.type'],
    entity: ['traceloop.entity.name'],
    guardrail: ['gen_ai.guardrail.name'],
    vectorTopK: ['db.vector.query.top_k'],
    rpcRequest: ['mcp.request.id'],
    input: ['traceloop.entity.input', 'gen_ai.guardrail.input', ...databaseNames.input],
    output: [
      'traceloop.entity.output',
      'gen_ai.guardrail.output',
      'mcp.response.value',
      'db.query.result.*',
      'db.query.result',
    ],
    errorType: ['gen_ai.guardrail.error.type'],
    errorMessage: ['gen_ai.guardrail.error.message'],
    tools: ['llm.request.functions.*'],
  },
  isError: isFailedTask,
  resourceOf: (claims, named, kind) =>
    kind === 'retrieval' || kind === 'data_transfer' ? dataSourceOf(claims, named) : null,
  bodyOf: messageBody,
};
