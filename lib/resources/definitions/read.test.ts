import { describe, expect, it } from 'vitest';
import { readServer, readTools } from './read';
import { definitionLimits } from './schema';

const names = (text: string, fallback: string | null = null) =>
  readTools(text, fallback).definitions.map(({ name }) => name);

describe('definitions are read as senders write them', () => {
  it.each<[string, unknown]>([
    ['as OpenAI', [{ type: 'function', function: { name: 'find', parameters: {} } }]],
    ['flat, as the responses API', [{ type: 'function', name: 'find', parameters: {} }]],
    ['as Anthropic', [{ name: 'find', input_schema: { type: 'object' } }]],
    ['as MCP', [{ name: 'find', inputSchema: { type: 'object' }, annotations: {} }]],
    ['as Google', [{ functionDeclarations: [{ name: 'find' }] }]],
    ['as OpenInference', [{ tool: { json_schema: '{"name":"find"}' } }]],
    [
      'as OpenInference, nested once',
      [{ json_schema: '{"type":"function","function":{"name":"find"}}' }],
    ],
    ['as the Vercel AI SDK', ['{"type":"function","name":"find"}']],
    ['as OpenLLMetry', [{ name: 'find', parameters: '{"type":"object"}' }]],
    ["a provider's own", [{ type: 'find' }]],
  ])('%s', (_, sent) => {
    expect(names(JSON.stringify(sent))).toEqual(['find']);
  });

  it('a single one is called by what it was called as, where it says no name', () => {
    expect(names('{"type":"object","properties":{}}', 'find')).toEqual(['find']);
    expect(names('{"type":"object"}')).toEqual([]);
  });
});

describe('the digest', () => {
  const digestOf = (sent: unknown) => readTools(JSON.stringify(sent)).definitions[0]?.digest;
  it('is the same whatever the order of keys and the blanks, and another where one character differs', () => {
    const one = digestOf([{ name: 'find', description: 'Finds.', parameters: { a: 1, b: 2 } }]);
    expect(digestOf([{ parameters: { b: 2, a: 1 }, description: 'Finds.', name: 'find' }])).toBe(
      one,
    );
    expect(digestOf([{ name: 'find', description: 'Finds', parameters: { a: 1, b: 2 } }])).not.toBe(
      one,
    );
    expect(
      digestOf([{ name: 'find', description: 'Finds.\u200b', parameters: { a: 1, b: 2 } }]),
    ).not.toBe(one);
  });

  it('reads a schema that was sent as text like the same one sent as such', () => {
    expect(digestOf([{ name: 'find', parameters: '{"a":1}' }])).toBe(
      digestOf([{ name: 'find', parameters: { a: 1 } }]),
    );
  });
});

describe('hostile messages', () => {
  it.each([
    ['no JSON', '[{"name":'],
    ['no names', '[{"a":1},7,null,[]]'],
    ['a lone surrogate', '[{"name":"a","description":"\\ud800"}]'],
    ['a name of many characters', JSON.stringify([{ name: 'x'.repeat(300) }])],
    ['deep nesting', `[{"name":"a","parameters":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}]`],
  ])('%s are counted and not read', (_, text) => {
    const { definitions, unread } = readTools(text);
    expect(definitions).toEqual([]);
    expect(unread).toBeGreaterThan(0);
  });

  it('of one that is too long only the digest is kept', () => {
    const description = 'x'.repeat(definitionLimits.bytesMax);
    const [definition] = readTools(JSON.stringify([{ name: 'long', description }])).definitions;
    expect(definition).toMatchObject({ name: 'long', text: null });
  });

  it('of a message no more than a thousand are read', () => {
    const many = Array.from({ length: 1_500 }, (_, n) => ({ name: `t${n}` }));
    const { definitions, unread } = readTools(JSON.stringify(many));
    expect([definitions.length, unread]).toEqual([1_000, 500]);
    expect(readTools(JSON.stringify([{ functionDeclarations: many }])).definitions).toHaveLength(
      1_000,
    );
  });
});

describe('an MCP server', () => {
  const tools = [{ name: 'b' }, { name: 'a', description: 'A.' }];
  it('is defined by all its tools, in whatever order it lists them', () => {
    const one = readServer(JSON.stringify({ tools }), 'files');
    expect(one).toMatchObject({
      name: 'files',
      text: '{"tools":[{"description":"A.","name":"a"},{"name":"b"}]}',
    });
    expect(
      readServer(
        JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools: tools.toReversed() } }),
        'files',
      ),
    ).toEqual(one);
  });

  it('is not defined by one page of several, or by another answer', () => {
    expect(readServer(JSON.stringify({ tools, nextCursor: 'x' }), 'files')).toBeNull();
    expect(readServer('{"resources":[]}', 'files')).toBeNull();
    expect(readServer('no', 'files')).toBeNull();
  });
});
