import type { Claims } from '../claims';
import type { InteractionKind } from '../schema';
import { type DialectRules, kindByPresence, type Told } from './dialect';
import { kindOfGenaiRecord, kindOfOperation, messageBody } from './genai';

/** `ai.generateText` and its like hold the whole; the calls of a model within are `….doGenerate`, `….doStream`. */
function kindOfOperationId(id: string): InteractionKind {
  if (id === 'ai.toolCall') return 'tool_call';
  const call = /\.do[A-Z]\w*$/.exec(id);
  if (call === null) return 'step';
  return call[0] === '.doEmbed' ? 'embedding' : 'inference';
}

/**
 * Version 7 gives an operation's span and the call of the model within it one name. The call has usage or a
 * response and lies inside; what has neither, or nothing around it, only holds it.
 */
function isOnlyHolder(claims: Claims, { span }: Told): boolean {
  const operation = claims.peek('operation');
  if (operation === 'rerank') return span.parent.length === 0;
  if (operation !== 'embeddings' && operation !== 'decide') return false;
  return !claims.has('inputTokens') && !claims.has('responseId');
}

/** The Vercel AI SDK: `ai.*` up to version 6, GenAI's names from version 7 on. */
export const vercel: DialectRules = {
  name: 'vercel',
  detect: (signs) => signs.has('vercel'),
  kindOf: (claims, told) => {
    if (told.record !== null) return kindOfGenaiRecord(claims, told.span.name);
    const id = claims.peek('ownKind');
    const kind = id === null ? kindOfOperation(claims) : kindOfOperationId(id);
    if (kind === null) return kindByPresence(claims);
    return id === null && isOnlyHolder(claims, told) ? 'step' : kind;
  },
  names: {
    ownKind: ['ai.operationId'],
    provider: ['ai.model.provider'],
    responseModel: ['ai.response.model'],
    requestModel: ['ai.model.id'],
    responseId: ['ai.response.id'],
    tool: ['ai.toolCall.name'],
    toolCall: ['ai.toolCall.id'],
    user: ['ai.telemetry.metadata.userId'],
    conversation: ['ai.telemetry.metadata.sessionId', 'ai.telemetry.metadata.conversationId'],
    inputTokens: ['ai.usage.inputTokens', 'ai.usage.promptTokens', 'ai.usage.tokens'],
    outputTokens: ['ai.usage.outputTokens', 'ai.usage.completionTokens'],
    cacheReadTokens: ['ai.usage.cachedInputTokens', 'ai.usage.inputTokenDetails.cacheReadTokens'],
    cacheWriteTokens: ['ai.usage.inputTokenDetails.cacheWriteTokens'],
    reasoningTokens: ['ai.usage.reasoningTokens', 'ai.usage.outputTokenDetails.reasoningTokens'],
    input: [
      'ai.toolCall.args',
      'ai.prompt.messages',
      'ai.prompt',
      'ai.value',
      'ai.values',
      'ai.documents',
      'ai.decision.questions',
    ],
    output: [
      'ai.toolCall.result',
      'ai.response.text',
      'ai.response.object',
      'ai.response.toolCalls',
      'ai.ranking',
      'ai.decision.answers',
    ],
    tools: ['ai.prompt.tools'],
  },
  bodyOf: messageBody,
};
