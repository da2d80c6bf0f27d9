import type { Claims } from '../claims';
import type { InteractionKind } from '../schema';
import { databaseNames, dataSourceOf } from './database';
import { type DialectRules, kindByPresence } from './dialect';
import { kindOfGenai, kindOfGenaiRecord, kindOfOperation, messageBody } from './genai';

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
    if (claims.has('guardrail')) return 'step';
    if (MCP_REQUEST.test(span.name) && !claims.has('ownKind')) return 'mcp';
    return (
      kindByEntity.get(claims.peek('ownKind') ?? '') ??
      kindOfOperation(claims) ??
      kindByRequest.get(claims.peek('requestType') ?? '') ??
      kindOfData(claims) ??
      (claims.has('mcpMethod') ? kindOfGenai(claims) : kindByPresence(claims))
    );
  },
  names: {
    ...databaseNames,
    ownKind: ['traceloop.span.kind'],
    requestType: ['llm.request.type'],
    entity: ['traceloop.entity.name'],
    guardrail: ['gen_ai.guardrail.name'],
    vectorTopK: ['db.vector.query.top_k'],
    conversation: [
      'traceloop.association.properties.session_id',
      'traceloop.association.properties.conversation_id',
      'traceloop.association.properties.chat_id',
    ],
    user: ['traceloop.association.properties.user_id'],
    input: ['traceloop.entity.input', 'gen_ai.guardrail.input', ...databaseNames.input],
    output: ['traceloop.entity.output', 'gen_ai.guardrail.output'],
    errorType: ['gen_ai.guardrail.error.type'],
    errorMessage: ['gen_ai.guardrail.error.message'],
    tools: ['llm.request.functions.*'],
  },
  resourceOf: (claims, named, kind) =>
    kind === 'retrieval' || kind === 'data_transfer' ? dataSourceOf(claims, named) : null,
  bodyOf: messageBody,
};
