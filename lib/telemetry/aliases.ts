/**
 * Which attribute tells what, under every name senders give it. Data only: a name is added here, not in code.
 * Within a slot the first name that was sent with a usable value wins; the others stay among the attributes.
 * A name that ends in `.*` is a list flattened to `name.0.…`, which is nested again.
 */

export type SlotForm = 'name' | 'text' | 'count' | 'amount' | 'port' | 'flag' | 'content';

/** What is read from attributes, and in which form. */
export const slots = {
  operation: 'name',
  mcpMethod: 'name',
  openInferenceKind: 'name',
  a2aMethod: 'name',
  taskState: 'name',
  /** What a dialect of its own calls the kind of a span, and who or what the span is about. */
  ownKind: 'name',
  requestType: 'name',
  entity: 'name',
  guardrail: 'name',
  /** Says that a span only announces one that is sent again when it ends. */
  placeholder: 'name',
  eventName: 'name',
  provider: 'name',
  responseModel: 'name',
  requestModel: 'name',
  tool: 'name',
  toolCall: 'name',
  dataSource: 'name',
  memoryStore: 'name',
  mcpTarget: 'name',
  mcpResource: 'text',
  mcpSession: 'name',
  rpcRequest: 'name',
  rpcService: 'name',
  system: 'name',
  namespace: 'name',
  destination: 'name',
  vectorTopK: 'count',
  faasInvoked: 'name',
  toolParameters: 'content',
  agentName: 'name',
  agentId: 'name',
  agentVersion: 'name',
  service: 'name',
  environment: 'name',
  madeBy: 'name',
  tokenType: 'name',
  user: 'name',
  conversation: 'name',
  promptId: 'name',
  requestId: 'name',
  responseId: 'name',
  errorType: 'text',
  errorMessage: 'content',
  isSuccess: 'flag',
  /** What names the error where no type does. */
  statusCode: 'name',
  /** How long it took until a record told of it. */
  durationMs: 'amount',
  inputTokens: 'count',
  /** Of a sender who leaves out what came from the cache or went into it. */
  uncachedInputTokens: 'count',
  outputTokens: 'count',
  cacheReadTokens: 'count',
  cacheWriteTokens: 'count',
  reasoningTokens: 'count',
  cost: 'amount',
  clientAddress: 'text',
  clientPort: 'port',
  serverAddress: 'text',
  serverPort: 'port',
  /** The other end, whichever that is, and this one. */
  peerAddress: 'text',
  peerPort: 'port',
  hostAddress: 'text',
  hostPort: 'port',
  url: 'content',
  input: 'content',
  output: 'content',
  memoryRecords: 'content',
  /** What a query is to be answered from. */
  documents: 'content',
  instructions: 'content',
  tools: 'content',
} as const satisfies Record<string, SlotForm>;
export type Slot = keyof typeof slots;
export const slotNames = Object.keys(slots) as Slot[]; // Object.keys forgets what it lists

/** The names of each slot, the best first. */
export type AliasNames = Partial<Record<Slot, readonly string[]>>;

/** `*.total_tokens` has no row on purpose: a total is derived, never believed. */
export const spanAliases: AliasNames = {
  operation: ['gen_ai.operation.name'],
  mcpMethod: ['mcp.method.name'],
  openInferenceKind: ['openinference.span.kind'],
  a2aMethod: ['a2a.method.name'],
  taskState: ['a2a.task.state'],
  placeholder: ['logfire.span_type'],
  eventName: ['event.name'],
  provider: ['gen_ai.provider.name', 'gen_ai.system', 'llm.provider', 'llm.system'],
  responseModel: [
    'gen_ai.response.model',
    'llm.response.model_name',
    'llm.model_name',
    'embedding.model_name',
    'reranker.model_name',
  ],
  requestModel: ['gen_ai.request.model', 'llm.request.model_name'],
  tool: ['gen_ai.tool.name', 'mcp.tool.name', 'tool.name'],
  toolCall: ['gen_ai.tool.call.id', 'gen_ai.tool.call_id', 'tool.id'],
  dataSource: ['gen_ai.data_source.id', 'aws.bedrock.knowledge_base.id'],
  memoryStore: ['gen_ai.memory.store.id'],
  mcpTarget: ['mcp.target'],
  mcpResource: ['mcp.resource.uri'],
  mcpSession: ['mcp.session.id'],
  rpcRequest: ['jsonrpc.request.id'],
  agentName: ['gen_ai.agent.name', 'agent.name'],
  agentId: ['gen_ai.agent.id', 'agent.id'],
  agentVersion: ['gen_ai.agent.version', 'agent.version'],
  user: ['user.id', 'enduser.id'],
  conversation: ['gen_ai.conversation.id', 'session.id'],
  promptId: ['prompt.id'],
  requestId: ['a2a.message.id'],
  // An agent answers a message with the task that it makes of it.
  responseId: ['gen_ai.response.id', 'a2a.task.id'],
  errorType: ['error.type', 'exception.type'],
  errorMessage: ['error.message', 'exception.message'],
  inputTokens: [
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.prompt_tokens',
    'llm.token_count.prompt',
    'llm.usage.prompt_tokens',
  ],
  outputTokens: [
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.completion_tokens',
    'llm.token_count.completion',
    'llm.usage.completion_tokens',
  ],
  cacheReadTokens: [
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.usage.cache_read_input_tokens',
    'llm.token_count.prompt_details.cache_read',
    'llm.token_count.prompt_details.cache_input',
  ],
  cacheWriteTokens: [
    'gen_ai.usage.cache_write.input_tokens',
    'gen_ai.usage.cache_creation.input_tokens',
    'gen_ai.usage.cache_creation_input_tokens',
    'llm.token_count.prompt_details.cache_write',
  ],
  reasoningTokens: [
    'gen_ai.usage.reasoning.output_tokens',
    'gen_ai.usage.reasoning_tokens',
    'llm.token_count.completion_details.reasoning',
  ],
  cost: ['gen_ai.usage.cost', 'gen_ai.usage.total_cost', 'llm.cost.total', 'llm.usage.cost'],
  clientAddress: ['client.address', 'client.socket.address'],
  clientPort: ['client.port', 'client.socket.port'],
  serverAddress: ['server.address', 'server.socket.address'],
  serverPort: ['server.port', 'server.socket.port'],
  peerAddress: ['net.peer.name', 'network.peer.address', 'net.sock.peer.addr', 'net.peer.ip'],
  peerPort: ['net.peer.port', 'network.peer.port', 'net.sock.peer.port'],
  hostAddress: ['net.host.name', 'net.host.ip'],
  hostPort: ['net.host.port'],
  input: [
    'gen_ai.tool.call.arguments',
    'gen_ai.input.messages',
    'gen_ai.prompt.*',
    'gen_ai.prompt',
    'gen_ai.retrieval.query.text',
    'gen_ai.memory.query.text',
    'llm.input_messages.*',
    'llm.input_messages',
    'llm.prompts.*',
    'llm.prompts',
    'reranker.query',
    'input.value',
    'embedding.embeddings.*',
    'embedding.text',
  ],
  output: [
    'gen_ai.tool.call.result',
    'gen_ai.output.messages',
    'gen_ai.completion.*',
    'gen_ai.completion',
    'gen_ai.retrieval.documents',
    'llm.output_messages.*',
    'llm.output_messages',
    'retrieval.documents.*',
    'retrieval.documents',
    'reranker.output_documents.*',
    'output.value',
  ],
  memoryRecords: ['gen_ai.memory.records'],
  instructions: ['gen_ai.system_instructions'],
  tools: ['gen_ai.tool.definitions', 'llm.tools.*', 'llm.tools', 'tool.json_schema'],
};

/**
 * What SDKs write on every span of a process, so on those of its plain requests too: by whom and in which
 * conversation it is made. Read of every dialect, after its own names.
 */
export const contextAliases: AliasNames = {
  conversation: [
    'traceloop.association.properties.session_id',
    'traceloop.association.properties.conversation_id',
    'traceloop.association.properties.chat_id',
    'ai.telemetry.metadata.sessionId',
    'ai.telemetry.metadata.conversationId',
  ],
  user: ['traceloop.association.properties.user_id', 'ai.telemetry.metadata.userId'],
};

/** Each slot's names of all tables, those of the earlier ones first. */
export function merged(...tables: (AliasNames | undefined)[]): AliasNames {
  const all: AliasNames = {};
  for (const slot of slotNames) {
    const names = tables.flatMap((table) => table?.[slot] ?? []);
    if (names.length > 0) all[slot] = names;
  }
  return all;
}

/** What a resource may tell of all its spans; a span's own word goes before it. */
export const resourceAliases: AliasNames = {
  service: ['service.name'],
  environment: ['deployment.environment.name', 'deployment.environment'],
  madeBy: ['sallyport.made_by'],
  agentName: ['gen_ai.agent.name', 'agent.name'],
  agentId: ['gen_ai.agent.id', 'agent.id'],
  agentVersion: ['gen_ai.agent.version', 'agent.version'],
  user: ['user.id', 'enduser.id'],
  conversation: ['gen_ai.conversation.id', 'session.id'],
};

/** Content that a span event of this name carries in these attributes. */
export const eventAliases: Record<string, AliasNames> = {
  'gen_ai.content.prompt': { input: ['gen_ai.prompt'] },
  'gen_ai.content.completion': { output: ['gen_ai.completion'] },
  'gen_ai.client.inference.operation.details': {
    input: ['gen_ai.input.messages'],
    output: ['gen_ai.output.messages'],
    instructions: ['gen_ai.system_instructions'],
    tools: ['gen_ai.tool.definitions'],
  },
  // Of Claude Code; each of its tools has a word of its own for what came back.
  'tool.output': { output: ['output', 'content', 'diff'] },
};

/** Span events that are one message each, in the order said, or one thing found, which is nobody's message. */
export const messageEvents: Record<string, { slot: 'input' | 'output'; role: string | null }> = {
  'gen_ai.system.message': { slot: 'input', role: 'system' },
  'gen_ai.user.message': { slot: 'input', role: 'user' },
  'gen_ai.assistant.message': { slot: 'input', role: 'assistant' },
  'gen_ai.tool.message': { slot: 'input', role: 'tool' },
  'gen_ai.choice': { slot: 'output', role: 'assistant' },
  'db.query.result': { slot: 'output', role: null },
};

export type Alias = {
  slot: Slot;
  form: SlotForm;
  rank: number;
  /** What comes before the index of a flattened list; null for a plain name. */
  listPrefix: string | null;
};
export type AliasTable = { exact: Map<string, Alias>; lists: { prefix: string; alias: Alias }[] };

export function aliasTable(names: AliasNames): AliasTable {
  const table: AliasTable = { exact: new Map(), lists: [] };
  for (const slot of slotNames)
    (names[slot] ?? []).forEach((name, rank) => {
      const listPrefix = name.endsWith('.*') ? name.slice(0, -1) : null;
      const alias: Alias = { slot, form: slots[slot], rank, listPrefix };
      if (listPrefix === null) table.exact.set(name, alias);
      else table.lists.push({ prefix: listPrefix, alias });
    });
  return table;
}

/** The alias of a sent name. A list's prefix counts only before an index: `gen_ai.prompt.name` is no prompt. */
export function aliasOf({ exact, lists }: AliasTable, key: string): Alias | undefined {
  const alias = exact.get(key);
  if (alias !== undefined) return alias;
  for (const list of lists)
    if (key.startsWith(list.prefix)) {
      const digit = key.charCodeAt(list.prefix.length);
      return digit >= 48 && digit <= 57 ? list.alias : undefined;
    }
  return undefined;
}
