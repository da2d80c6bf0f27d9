import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OpenTelemetry } from '@ai-sdk/otel';
import { OpenAIInstrumentation as OpenInference } from '@arizeai/openinference-instrumentation-openai';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { McpInstrumentation } from '@traceloop/instrumentation-mcp';
import { OpenAIInstrumentation as OpenLLMetry } from '@traceloop/instrumentation-openai';
import * as ai7 from 'ai';
import { MockEmbeddingModelV4, MockLanguageModelV4 } from 'ai/test';
import * as ai6 from 'ai-6';
import { MockEmbeddingModelV3, MockLanguageModelV3 } from 'ai-6/test';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { registerReporter, startGateway, type TestGateway } from '../support/gateway';

let database: TestDatabase;
let pool: Pool;
let gateway: TestGateway;
let models: Server;
let modelsUrl: string;

/** Answers as OpenAI's API does. */
const chatAnswer = {
  id: 'chatcmpl-71',
  object: 'chat.completion',
  created: 1,
  model: 'orchid-2-0714',
  choices: [
    {
      index: 0,
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: 'Let me look.',
        tool_calls: [
          {
            id: 'call_parcel',
            type: 'function',
            function: { name: 'find_parcel', arguments: '{"id":17}' },
          },
        ],
      },
    },
  ],
  usage: {
    prompt_tokens: 120,
    completion_tokens: 9,
    total_tokens: 129,
    prompt_tokens_details: { cached_tokens: 64 },
    completion_tokens_details: { reasoning_tokens: 4 },
  },
};

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  database = await createTestDatabase();
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  gateway = await startGateway(database);
  models = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(chatAnswer));
    });
  });
  await new Promise<void>((resolve) => models.listen(0, '127.0.0.1', resolve));
  // Listening on TCP, so there is an address and a port.
  modelsUrl = `http://127.0.0.1:${(models.address() as AddressInfo).port}/v1`;
});
afterAll(async () => {
  context.disable();
  trace.disable();
  await gateway?.close();
  await new Promise((resolve) => (models === undefined ? resolve(null) : models.close(resolve)));
  await pool?.end();
  await database?.drop();
});

/** Runs what emits, sends it all as its reporter, and gives back what the log holds of it. */
async function told(name: string, emit: (provider: TracerProvider) => Promise<unknown>) {
  const { id, key } = await registerReporter(pool, { name });
  const exporter = new OTLPTraceExporter({
    url: `${gateway.url}/v1/traces`,
    headers: { authorization: `Bearer ${key}` },
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': name }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  await emit(provider);
  await provider.forceFlush();
  await provider.shutdown();
  const { rows } = await pool.query(
    `SELECT dialect, kind, name, operation, model, resource_kind, resource, status, identity, on_behalf_of, conversation,
            input_tokens::int, output_tokens::int, cache_read_tokens::int, reasoning_tokens::int, response_id, tool_call_id
       FROM interaction WHERE reporter = $1 ORDER BY started_ns, position`,
    [id],
  );
  return {
    rows,
    id,
    of: (kind: string) => rows.filter((row) => row.kind === kind),
    counted: () =>
      rows
        .filter(({ kind }) => kind === 'inference' || kind === 'embedding')
        .reduce((sum, row) => sum + (row.input_tokens ?? 0), 0),
  };
}

const weather = { inputSchema: z.object({ city: z.string() }) };
const usage = {
  inputTokens: { total: 40, noCache: 24, cacheRead: 16, cacheWrite: 0 },
  outputTokens: { total: 8, text: 8, reasoning: 0 },
};
const answers = [
  {
    finishReason: { unified: 'tool-calls' as const, raw: 'tool_calls' },
    content: [
      {
        type: 'tool-call' as const,
        toolCallId: 'call_oslo',
        toolName: 'weather',
        input: '{"city":"Oslo"}',
      },
    ],
    response: { id: 'resp-1', modelId: 'orchid-2-0714' },
  },
  {
    finishReason: { unified: 'stop' as const, raw: 'stop' },
    content: [{ type: 'text' as const, text: 'Minus three.' }],
    response: { id: 'resp-2', modelId: 'orchid-2-0714' },
  },
].map((answer) => ({ ...answer, usage, warnings: [] }));
const embedded = { embeddings: [[1, 2]], usage: { tokens: 5 }, warnings: [] };
const nextAnswer = () => {
  let at = -1;
  return async () => {
    at += 1;
    const answer = answers[at];
    if (answer === undefined) throw new Error('It was asked too often.');
    return answer;
  };
};

const run = {
  prompt: 'How cold is it in Oslo?',
  execute: async ({ city }: { city: string }) => ({ city, degrees: -3 }),
};

test('the Vercel AI SDK 6: two calls of the model and one of a tool, each counted once', async () => {
  const { rows, id, of, counted } = await told('weather-6', async (provider) => {
    const tracer = provider.getTracer('ai') as never; // of another minor version of the same API
    const telemetry = {
      isEnabled: true,
      tracer,
      functionId: 'weather',
      metadata: { userId: 'ada', sessionId: 'chat-9' },
    };
    await ai6.generateText({
      model: new MockLanguageModelV3({ modelId: 'orchid-2', doGenerate: nextAnswer() }),
      prompt: run.prompt,
      tools: { weather: ai6.tool({ ...weather, execute: run.execute }) },
      stopWhen: ai6.stepCountIs(3),
      experimental_telemetry: telemetry,
    });
    await ai6.embed({
      model: new MockEmbeddingModelV3({ doEmbed: async () => embedded }),
      value: 'Oslo',
      experimental_telemetry: telemetry,
    });
  });
  for (const row of rows)
    expect(row).toMatchObject({
      dialect: 'vercel',
      identity: id,
      on_behalf_of: 'ada',
      conversation: 'chat-9',
    });
  expect(rows.map(({ kind, name }) => [kind, name])).toEqual(
    expect.arrayContaining([
      ['step', 'ai.generateText'],
      ['step', 'ai.embed'],
    ]),
  );
  expect(of('inference')).toMatchObject([
    { model: 'orchid-2-0714', resource: 'orchid-2-0714', input_tokens: 40, response_id: 'resp-1' },
    { output_tokens: 8, cache_read_tokens: 16, response_id: 'resp-2' },
  ]);
  expect(of('tool_call')).toMatchObject([{ resource: 'weather', tool_call_id: 'call_oslo' }]);
  expect(of('embedding')).toMatchObject([{ input_tokens: 5 }]);
  expect(counted()).toBe(40 + 40 + 5);
  expect(rows).toHaveLength(6);
});

test('the Vercel AI SDK 7 by its OpenTelemetry package: the same calls, each counted once', async () => {
  const { rows, of, counted } = await told('weather-7', async (provider) => {
    const tracer = provider.getTracer('gen_ai') as never; // of another minor version of the same API
    ai7.registerTelemetry(new OpenTelemetry({ tracer }));
    await ai7.generateText({
      model: new MockLanguageModelV4({ modelId: 'orchid-2', doGenerate: nextAnswer() }),
      prompt: run.prompt,
      tools: { weather: ai7.tool({ ...weather, execute: run.execute }) },
      stopWhen: ai7.stepCountIs(3),
      telemetry: { functionId: 'weather-7' },
    });
    await ai7.embed({
      model: new MockEmbeddingModelV4({ doEmbed: async () => embedded }),
      value: 'Oslo',
    });
  });
  for (const row of rows) expect(row.dialect).toBe('vercel');
  expect(of('agent_call')).toMatchObject([
    { operation: 'invoke_agent', resource: null, input_tokens: 80 },
  ]);
  expect(of('step').map(({ operation }) => operation)).toEqual(
    expect.arrayContaining(['agent_step', 'agent_step', 'embeddings']),
  );
  expect(of('inference')).toMatchObject([
    { model: 'orchid-2-0714', input_tokens: 40, cache_read_tokens: 16, response_id: 'resp-1' },
    { response_id: 'resp-2' },
  ]);
  expect(of('tool_call')).toMatchObject([{ resource: 'weather', tool_call_id: 'call_oslo' }]);
  expect(of('embedding')).toMatchObject([{ input_tokens: 5 }]);
  expect(counted()).toBe(40 + 40 + 5);
});

const ask = (client: OpenAI) =>
  client.chat.completions.create({
    model: 'orchid-2',
    messages: [
      { role: 'system', content: 'You track parcels.' },
      { role: 'user', content: 'Where is parcel 17?' },
    ],
    tools: [{ type: 'function', function: { name: 'find_parcel', parameters: {} } }],
  });
const openAi = () => new OpenAI({ apiKey: 'none', baseURL: modelsUrl, maxRetries: 0 });

test('OpenInference’s instrumentation of OpenAI', async () => {
  const { rows } = await told('parcels-openinference', async (provider) => {
    const instrumentation = new OpenInference({ tracerProvider: provider as never }); // another minor version
    instrumentation.manuallyInstrument(OpenAI);
    await ask(openAi());
    instrumentation.disable();
  });
  expect(rows).toMatchObject([
    {
      dialect: 'openinference',
      kind: 'inference',
      resource: 'orchid-2-0714',
      input_tokens: 120,
      output_tokens: 9,
      cache_read_tokens: 64,
      reasoning_tokens: 4,
    },
  ]);
});

test('OpenLLMetry’s instrumentations of OpenAI and of MCP', async () => {
  const { rows, of } = await told('parcels-openllmetry', async (provider) => {
    const ofModels = new OpenLLMetry();
    ofModels.setTracerProvider(provider as never); // another minor version
    const FreshOpenAi = class extends OpenAI {};
    ofModels.manuallyInstrument(FreshOpenAi as never); // a class like the one it expects
    await ask(new FreshOpenAi({ apiKey: 'none', baseURL: modelsUrl, maxRetries: 0 }));
    const ofTools = new McpInstrumentation();
    ofTools.setTracerProvider(provider as never); // another minor version
    ofTools.manuallyInstrument({ Client });
    const server = new McpServer({ name: 'parcels', version: '1.0.0' });
    server.registerTool('find_parcel', { inputSchema: { id: z.number() } }, async ({ id }) => ({
      content: [{ type: 'text', text: `Parcel ${id} is in Oslo.` }],
    }));
    const client = new Client({ name: 'parcels-openllmetry', version: '1.0.0' });
    const [here, there] = InMemoryTransport.createLinkedPair();
    await server.connect(there);
    await client.connect(here);
    await client.listTools();
    await client.callTool({ name: 'find_parcel', arguments: { id: 17 } });
    await client.close();
  });
  for (const row of rows) expect(row.dialect).toBe('traceloop');
  expect(of('inference')).toMatchObject([
    {
      operation: 'chat',
      resource: 'orchid-2-0714',
      input_tokens: 120,
      output_tokens: 9,
      response_id: 'chatcmpl-71',
    },
  ]);
  expect(of('tool_call')).toMatchObject([{ resource: 'find_parcel', resource_kind: 'tool' }]);
  expect(of('mcp').map(({ name }) => name)).toContain('tools/list.mcp');
  expect(of('step').map(({ name }) => name)).toContain('mcp.client.session');
});
