import type { SentAttributes, SentResource } from '../sending/attributes';
import type { PlannedItem } from '../sending/planned-item';
import { type PlannedSpan, spanKinds } from '../sending/planned-span';
import type { Random } from '../sending/random';
import { definitionsOf } from './definitions';
import { type Actor, actorNamed, type Model, models } from './organisation';
import {
  type Call,
  type Message,
  tellChat,
  tellChatOpenInference,
  tellTool,
  tellToolOpenInference,
} from './tell';

type Failure = { type: string; message: string };

/** Which version of an actor ran, and since which week its newest ability is there. */
export type Release = { version: string; model: Model | null; week: number };

export type SessionSetup = {
  actor: Actor;
  random: Random;
  startUs: number;
  /** First characters of every trace id, which say which seed made it. */
  seedMark: string;
  releaseOf: (actor: Actor) => Release;
  resourceOf: (actor: Actor, version: string) => SentResource;
  /** How likely a call of a model fails just then. */
  failureChance: (model: Model, atUs: number) => number;
};

const charactersPerToken = 4;

/**
 * One session while it is made up: what an actor does, one thing after the other, each a span (or, of
 * coding agents, log records). A scenario is a function that is given one and makes it do things.
 */
export class Session {
  readonly items: PlannedItem[] = [];
  readonly random: Random;
  readonly actor: Actor;
  readonly release: Release;
  nowUs: number;
  /** SentAttributes with every span of the actor: conversation, user. */
  shared: SentAttributes = {};
  instructions = '';
  private trace = '';
  private readonly open: string[] = [];
  private messages: Message[] = [];
  private readonly setup: SessionSetup;

  constructor(setup: SessionSetup) {
    this.setup = setup;
    this.actor = setup.actor;
    this.random = setup.random;
    this.release = setup.releaseOf(setup.actor);
    this.nowUs = setup.startUs;
    this.newTrace();
  }

  get seedMark(): string {
    return this.setup.seedMark;
  }

  get resource(): SentResource {
    return this.setup.resourceOf(this.actor, this.release.version);
  }

  /** What follows belongs to another trace of the same session. */
  newTrace(): void {
    this.trace = this.seedMark + this.random.hex(32 - this.seedMark.length);
  }

  /** Every span from here on is part of a conversation, for a user if there is one. */
  converse(user: string | null): void {
    const isOpenInference = this.actor.dialect === 'openinference';
    const id = `conv-${this.random.hex(16)}`;
    this.shared = {
      [isOpenInference ? 'session.id' : 'gen_ai.conversation.id']: id,
      'user.id': user,
    };
  }

  wait(seconds: number): void {
    this.nowUs += Math.max(1, Math.round(seconds * 1_000_000));
  }

  hear(text: string): void {
    this.messages.push({ role: 'user', text });
  }

  /** What was said before is not sent along any more. */
  forget(): void {
    this.messages = [];
  }

  /** A span around what `work` does, or of some seconds. */
  span(
    name: string,
    attributes: SentAttributes,
    work: number | (() => void),
    {
      kind = spanKinds.internal,
      failure = null,
      by = this.actor,
    }: { kind?: PlannedSpan['kind']; failure?: Failure | null; by?: Actor } = {},
  ): void {
    const span = this.random.hex(16);
    const parent = this.open.at(-1) ?? null;
    const startUs = this.nowUs;
    this.open.push(span);
    if (typeof work === 'number') this.wait(work);
    else {
      this.wait(0.002);
      work();
      this.wait(0.001);
    }
    this.open.pop();
    const release = by === this.actor ? this.release : this.setup.releaseOf(by);
    this.items.push({
      signal: 'trace',
      ...{ trace: this.trace, span, parent, name, kind, startUs, endUs: this.nowUs },
      attributes: {
        ...attributes,
        ...(by === this.actor ? this.shared : {}),
        'error.type': failure?.type ?? attributes['error.type'] ?? null,
      },
      failure: failure?.message ?? null,
      resource: this.setup.resourceOf(by, release.version),
      reporter: by.reporter,
    });
  }

  /** The agent works on what it heard. */
  invoke(work: () => void): void {
    const { name } = this.actor;
    if (this.actor.dialect === 'openinference') {
      this.span(name, { 'openinference.span.kind': 'AGENT', 'agent.name': name }, work);
      return;
    }
    this.span(
      `invoke_agent ${name}`,
      { 'gen_ai.operation.name': 'invoke_agent', ...this.agent() },
      work,
    );
  }

  /** The model answers, at the second or third try if need be. */
  chat(text: string, ...calls: Call[]): void {
    const { model } = this.release;
    if (model === null) throw new Error(`${this.actor.name} has no model.`);
    for (let tries = 0; tries < 2 && this.fails(model); tries += 1) {
      const failure = this.random.pick(chatFailures);
      const seconds = failure.type === 'timeout' ? 30 : this.random.logNormal(0.4, 0.4);
      this.tellChat(model, null, seconds, failure);
      this.wait(this.random.logNormal(2.5 * (tries + 1), 0.3));
    }
    const output: Extract<Message, { role: 'assistant' }> = { role: 'assistant', text, calls };
    this.tellChat(model, output, null, null);
    this.messages.push(output);
  }

  /** A tool of its own runs. Returns whether it could. */
  tool(
    call: Call,
    result: object | string,
    { seconds = 0.25, failureChance = 0.02, inside }: ToolOptions = {},
  ): boolean {
    const failure = this.random.chance(failureChance) ? this.random.pick(toolFailures) : null;
    const text = textOf(result);
    const tell = this.actor.dialect === 'openinference' ? tellToolOpenInference : tellTool;
    const attributes = { ...tell(call, failure === null ? text : null), ...this.agent() };
    const took = this.random.logNormal(failure?.type === 'timeout' ? 10 : seconds, 0.6);
    this.span(`execute_tool ${call.name}`, attributes, inside ?? took, { failure });
    this.messages.push({ role: 'tool', id: call.id, result: failure?.message ?? text });
    return failure === null;
  }

  /** A tool of an MCP server runs: both ends tell of it. */
  mcpTool(server: string, call: Call, result: object | string, seconds = 0.3): void {
    const other = actorNamed(server);
    const text = textOf(result);
    const shared = {
      'mcp.method.name': 'tools/call',
      'mcp.protocol.version': '2025-06-18',
      'mcp.session.id': `mcp-${this.trace.slice(-12)}`,
      'jsonrpc.request.id': String(this.random.int(2, 900)),
      'network.transport': 'tcp',
    };
    const own = { ...tellTool(call, text), ...this.agent(), ...shared };
    const host = { 'server.address': `${server}.halden.internal`, 'server.port': 8080 };
    this.span(
      `tools/call ${call.name}`,
      { ...own, ...host },
      () => {
        this.wait(this.random.logNormal(0.006, 0.5));
        this.span(
          `tools/call ${call.name}`,
          { ...tellTool(call, text), ...shared, 'client.address': this.actor.address },
          this.random.logNormal(seconds, 0.6),
          { kind: spanKinds.server, by: other },
        );
        this.wait(this.random.logNormal(0.004, 0.5));
      },
      { kind: spanKinds.client },
    );
    this.messages.push({ role: 'tool', id: call.id, result: text });
  }

  /** Another agent is asked over the network, and answers with what `work` does as that agent. */
  ask(name: string, work: (other: Session) => void): void {
    const other = actorNamed(name);
    this.span(
      `invoke_agent ${name}`,
      {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': name,
        'server.address': `${name}.halden.internal`,
        'server.port': 443,
      },
      () => {
        const session = new Session({ ...this.setup, actor: other, startUs: this.nowUs });
        session.trace = this.trace;
        session.open.push(this.open.at(-1) ?? '');
        session.span(
          `invoke_agent ${name}`,
          {
            'gen_ai.operation.name': 'invoke_agent',
            'gen_ai.agent.name': name,
            'client.address': this.actor.address,
          },
          () => work(session),
          { kind: spanKinds.server },
        );
        this.items.push(...session.items);
        this.nowUs = session.nowUs;
      },
      { kind: spanKinds.client },
    );
  }

  /** What is like the query is looked up in a vector store: once to embed it, once to search. */
  retrieve(store: string, query: string, documents: readonly object[]): void {
    this.embed([query]);
    const found = JSON.stringify(documents);
    const isOpenInference = this.actor.dialect === 'openinference';
    this.span(
      `retrieval ${store}`,
      isOpenInference
        ? {
            'openinference.span.kind': 'RETRIEVER',
            'input.value': query,
            'gen_ai.data_source.id': store,
            'retrieval.documents': found,
          }
        : {
            'gen_ai.operation.name': 'retrieval',
            'gen_ai.data_source.id': store,
            'gen_ai.retrieval.query.text': query,
            'gen_ai.retrieval.documents': found,
            ...this.agent(),
          },
      this.random.logNormal(0.045, 0.5),
      { kind: spanKinds.client },
    );
  }

  embed(texts: readonly string[]): void {
    const { name, provider, host, inputPrice } = models.embedding;
    const tokens = texts.reduce(
      (sum, { length }) => sum + Math.ceil(length / charactersPerToken),
      0,
    );
    const failure = this.fails(models.embedding) ? this.random.pick(chatFailures) : null;
    this.span(
      `embeddings ${name}`,
      {
        'gen_ai.operation.name': 'embeddings',
        'gen_ai.provider.name': provider,
        'gen_ai.request.model': name,
        'server.address': host,
        'server.port': 443,
        'gen_ai.usage.input_tokens': failure === null ? tokens : null,
        'gen_ai.usage.cost':
          failure === null && this.actor.tellsCost
            ? Number(((tokens * inputPrice) / 1e6).toFixed(10))
            : null,
        'gen_ai.input.messages': JSON.stringify(texts),
        ...this.agent(),
      },
      this.random.logNormal(0.12, 0.4),
      { kind: spanKinds.client, failure },
    );
  }

  newCall(name: string, args: object): Call {
    return { id: `call_${this.random.hex(20)}`, name, args };
  }

  /** What names the actor on its own spans: programs that are no agents are named by their service alone. */
  agent(): SentAttributes {
    const isAgent = this.actor.kind === 'agent' || this.actor.kind === 'unregistered';
    if (!isAgent || this.actor.dialect === 'openinference') return {};
    return {
      'gen_ai.agent.name': this.actor.name,
      'gen_ai.agent.version': this.release.version,
    };
  }

  /** Whether a call of the model fails now. */
  fails(model: Model): boolean {
    return this.random.chance(this.setup.failureChance(model, this.nowUs));
  }

  private tellChat(
    model: Model,
    output: Extract<Message, { role: 'assistant' }> | null,
    failedAfter: number | null,
    failure: Failure | null,
  ): void {
    const said = this.messages.reduce((sum, message) => sum + charactersOf(message), 0);
    const inputTokens =
      this.actor.contextTokens + Math.round((said + this.instructions.length) / charactersPerToken);
    const outputTokens =
      output === null ? 0 : Math.ceil((charactersOf(output) / charactersPerToken) * 1.15) + 6;
    const cachedTokens =
      inputTokens > 2_000 && this.messages.length > 1
        ? Math.floor((inputTokens * 0.8) / 128) * 128
        : 0;
    const chat = {
      model,
      instructions: this.instructions,
      input: this.messages,
      output,
      ...{ inputTokens, cachedTokens, outputTokens },
      cost: this.actor.tellsCost ? costOf(model, inputTokens, cachedTokens, outputTokens) : null,
      responseId: `resp_${this.random.hex(20)}`,
    };
    const attributes =
      this.actor.dialect === 'openinference' ? tellChatOpenInference(chat) : tellChat(chat);
    const seconds = failedAfter ?? this.random.logNormal(0.5 + outputTokens / 85, 0.35);
    const definitions = definitionsOf(this.actor, this.release.version);
    const told = { ...attributes, ...this.agent(), 'gen_ai.tool.definitions': definitions };
    this.span(`chat ${model.name}`, told, seconds, { kind: spanKinds.client, failure });
  }
}

type ToolOptions = { seconds?: number; failureChance?: number; inside?: () => void };

const chatFailures: readonly Failure[] = [
  { type: 'rate_limit_exceeded', message: '429 Too many requests for this model' },
  { type: 'overloaded', message: '529 The model is overloaded' },
  { type: 'timeout', message: 'No answer within 30 s' },
  { type: '503', message: '503 Service unavailable' },
];
const toolFailures: readonly Failure[] = [
  { type: 'timeout', message: 'The tool did not answer within 10 s' },
  { type: 'not_found', message: 'No such record' },
  { type: 'invalid_arguments', message: 'An argument is missing or of the wrong form' },
  { type: 'upstream_error', message: 'The system behind the tool answered 502' },
];

function charactersOf(message: Message): number {
  if (message.role === 'tool') return message.result.length;
  if (message.role === 'user') return message.text.length;
  return message.text.length + JSON.stringify(message.calls).length;
}

/** Cached input costs a tenth. Ten digits, so that sums of doubles look the same everywhere. */
function costOf(model: Model, input: number, cached: number, output: number): number {
  const dollars =
    ((input - cached) * model.inputPrice +
      cached * model.inputPrice * 0.1 +
      output * model.outputPrice) /
    1e6;
  return Number(dollars.toFixed(10));
}

const textOf = (result: object | string): string =>
  typeof result === 'string' ? result : JSON.stringify(result);
