import type { Claims } from '../claims';
import type { InteractionKind, Origin, Span } from '../schema';
import { type DialectRules, kindByPresence, type Told } from './dialect';
import { hasUsage, kindOfGenaiRecord, kindOfOperation, messageBody } from './genai';

/** `ai.generateText` and its like hold the whole; the calls of a model within are `….doGenerate`, `….doStream`. */
function kindOfOperationId(id: string): InteractionKind {
  if (id === 'ai.toolCall') return 'tool_call';
  const call = /\.do[A-Z]\w*$/.exec(id);
  if (call === null) return 'step';
  return call[0] === '.doEmbed' ? 'embedding' : 'inference';
}

/**
 * The spans of a batch within which a call was found. A call ends before what holds it and is sent before it:
 * version 7 gives both one name, and where the call has no usage, as a ranking or a failure, nothing else
 * tells them apart.
 */
const holders = new WeakMap<Origin, Set<string>>();

function isKnownHolder({ trace, span, parent }: Span, operation: string, origin: Origin): boolean {
  const known = holders.get(origin) ?? new Set();
  const keyOf = (id: Uint8Array) => `${operation} ${hexOf(trace)} ${hexOf(id)}`;
  const isHolder = known.has(keyOf(span));
  if (!isHolder && parent.length > 0) holders.set(origin, known.add(keyOf(parent)));
  return isHolder;
}

const hexOf = (id: Uint8Array) => Buffer.from(id).toString('hex');

/**
 * Whether a span of version 7 only holds the call of the model. The call lies inside of something, and has
 * usage, a response or a ranking, or has failed. A value by itself is only told of the whole.
 */
function isOnlyHolder(claims: Claims, { span }: Told, origin: Origin): boolean {
  const operation = claims.peek('operation');
  if (operation !== 'rerank' && operation !== 'embeddings' && operation !== 'decide') return false;
  if (isKnownHolder(span, operation, origin)) return true;
  if (hasUsage(claims) || claims.has('responseId')) return false;
  if (operation === 'rerank' && claims.has('output')) return false;
  if (span.parent.length === 0 || span.attributes.some(([key]) => key === 'ai.value')) return true;
  return operation !== 'rerank' && span.statusCode !== 2 && !claims.has('errorType');
}

/** The Vercel AI SDK: `ai.*` up to version 6, GenAI's names from version 7 on. */
export const vercel: DialectRules = {
  name: 'vercel',
  detect: (signs) => signs.has('vercel'),
  kindOf: (claims, told, origin) => {
    if (told.record !== null) return kindOfGenaiRecord(claims, told.span.name);
    const id = claims.peek('ownKind');
    const kind = id === null ? kindOfOperation(claims) : kindOfOperationId(id);
    if (kind === null) return kindByPresence(claims);
    return id === null && isOnlyHolder(claims, told, origin) ? 'step' : kind;
  },
  names: {
    ownKind: ['ai.operationId'],
    provider: ['ai.model.provider'],
    responseModel: ['ai.response.model'],
    requestModel: ['ai.model.id'],
    responseId: ['ai.response.id'],
    tool: ['ai.toolCall.name'],
    toolCall: ['ai.toolCall.id'],
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
