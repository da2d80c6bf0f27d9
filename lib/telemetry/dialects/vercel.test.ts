import { describe, expect, it } from 'vitest';
import { decodedOrigin, decodedSpan } from '@/tests/support/spans';
import { normaliseSpan } from '../normalise';
import type { AnyValue } from '../schema';

const NOW_MS = 1_795_000_002_000;
const nested = { parent: new Uint8Array(8).fill(5) };

const read = (attributes: Record<string, AnyValue>, change = {}, scopeName = 'ai') =>
  normaliseSpan(
    decodedSpan(Object.entries(attributes), change),
    decodedOrigin({ scopeName }),
    NOW_MS,
  );

describe('the Vercel AI SDK up to version 6', () => {
  it.each([
    ['ai.generateText', 'step'],
    ['ai.streamText', 'step'],
    ['ai.generateObject', 'step'],
    ['ai.streamObject', 'step'],
    ['ai.embed', 'step'],
    ['ai.embedMany', 'step'],
    ['ai.rerank', 'step'],
    ['ai.generateText.doGenerate', 'inference'],
    ['ai.streamText.doStream', 'inference'],
    ['ai.generateObject.doGenerate', 'inference'],
    ['ai.streamObject.doStream', 'inference'],
    ['ai.rerank.doRerank', 'inference'],
    ['ai.embed.doEmbed', 'embedding'],
    ['ai.embedMany.doEmbed', 'embedding'],
    ['ai.toolCall', 'tool_call'],
    ['ai.somethingNew', 'step'],
    ['constructor', 'step'],
  ])('%s is a kind %s', (operationId, kind) => {
    expect(read({ 'ai.operationId': operationId, 'ai.model.id': 'm' }).kind).toBe(kind);
  });

  it('what holds the calls keeps their sum as reported, which nothing counts', () => {
    const whole = read({ 'ai.operationId': 'ai.generateText', 'ai.usage.inputTokens': 80 });
    expect(whole).toMatchObject({ kind: 'step', inputTokens: 80, resource: null });
  });

  it('reads GenAI’s names before its own, and keeps what says the same again', () => {
    const call = read({
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.model.provider': 'openai.chat',
      'gen_ai.system': 'openai',
    });
    expect(call.provider).toBe('openai');
    expect(call.bodies[0]?.text).toContain('openai.chat');
  });

  it('does not take the name of a function for that of an agent', () => {
    const call = read({
      'ai.operationId': 'ai.generateText',
      'ai.telemetry.functionId': 'summarise',
    });
    expect(call.declaredName).toBeNull();
  });
});

describe('the Vercel AI SDK from version 7 on', () => {
  const named = (operation: string, more: Record<string, AnyValue> = {}, change = {}) =>
    read(
      { 'gen_ai.operation.name': operation, 'gen_ai.request.model': 'm', ...more },
      change,
      'gen_ai',
    );

  it.each([
    ['invoke_agent', {}, {}, 'agent_call'],
    ['agent_step', {}, nested, 'step'],
    ['chat', {}, nested, 'inference'],
    ['execute_tool', {}, nested, 'tool_call'],
    ['embeddings', {}, {}, 'step'],
    ['embeddings', {}, nested, 'step'],
    ['embeddings', { 'error.type': 'Timeout' }, nested, 'embedding'],
    ['embeddings', { 'error.type': 'Timeout', 'ai.value': '"a"' }, nested, 'step'],
    ['decide', {}, { ...nested, statusCode: 2 }, 'inference'],
    ['embeddings', { 'gen_ai.usage.input_tokens': 5 }, nested, 'embedding'],
    ['decide', {}, {}, 'step'],
    ['decide', { 'gen_ai.response.id': 'r' }, nested, 'inference'],
    ['rerank', {}, {}, 'step'],
    ['rerank', {}, nested, 'inference'],
    ['rerank', { 'ai.ranking': ['{}'] }, {}, 'inference'],
  ])('%s with %o is a kind %s', (operation, more, change, kind) => {
    expect(named(operation, more, change).kind).toBe(kind);
  });

  it.each([
    ['rerank', 0, 'inference'],
    ['embeddings', 2, 'embedding'],
    ['decide', 2, 'inference'],
  ])('%s under a span of the application counts its call once', (operation, statusCode, kind) => {
    const origin = decodedOrigin({ scopeName: 'gen_ai' });
    const id = (fill: number) => new Uint8Array(8).fill(fill);
    const kindOf = (span: number, parent: number, trace = 1) =>
      normaliseSpan(
        decodedSpan([['gen_ai.operation.name', operation]], {
          trace: new Uint8Array(16).fill(trace),
          span: id(span),
          parent: id(parent),
          statusCode,
        }),
        origin,
        NOW_MS,
      ).kind;
    // The call ends first; what holds it is under the application's own span 1, as is another that holds none.
    expect([kindOf(3, 2), kindOf(2, 1), kindOf(4, 1)]).toEqual([kind, 'step', kind]);
    expect(kindOf(2, 9, 7)).toBe(kind);
  });

  it('reads the tokens it wrote to a cache', () => {
    const call = named('chat', { 'gen_ai.usage.cache_creation.input_tokens': 4 });
    expect(call.cacheWriteTokens).toBe(4);
  });
});
