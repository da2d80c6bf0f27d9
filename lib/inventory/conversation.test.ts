import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBody } from './conversation';

const text = (said: string) => ({ kind: 'text', title: null, text: said });

describe('a body as a reader sees it', () => {
  it.each([
    ['GenAI parts', [{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }]],
    ['OpenAI text', [{ role: 'user', content: 'Hi' }]],
    ['OpenAI parts', [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]],
    ['OpenInference', [{ message: { role: 'user', content: 'Hi' } }]],
    ['a wrapper', { messages: [{ role: 'user', content: 'Hi' }] }],
    ['one message alone', { role: 'user', content: 'Hi' }],
  ])('%s becomes a conversation', (_shape, body) => {
    expect(readBody(JSON.stringify(body))).toEqual({
      as: 'conversation',
      messages: [{ role: 'user', parts: [text('Hi')] }],
    });
  });

  it('a tool call keeps its name and all its arguments', () => {
    const body = [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', function: { name: 'send_money', arguments: '{"to":"AT68"}' } }],
      },
    ];
    const reading = readBody(JSON.stringify(body));
    expect(reading.as === 'conversation' && reading.messages[0]?.parts[0]).toMatchObject({
      kind: 'tool_call',
      title: 'send_money',
      text: expect.stringContaining('AT68'),
    });
  });

  it('what a shape does not know is shown, not dropped', () => {
    const body = [
      {
        role: 'user',
        content: [{ type: 'text', text: 'Hi', hint: 'marker-a' }],
        finish: 'marker-b',
      },
    ];
    expect(JSON.stringify(readBody(JSON.stringify(body)))).toMatch(/marker-a.*marker-b/);
  });

  it.each([
    ['JSON that is no message', '{"temperature":0.2}', 'json'],
    ['a list with one stranger in it', '[{"role":"user","content":"a"},{"x":1}]', 'json'],
    ['plain words', 'Sent 20.0 to AT68.', 'text'],
    ['broken JSON', '[{"role":"user"', 'text'],
  ])('%s is shown as it is', (_what, body, as) => {
    expect(readBody(body).as).toBe(as);
  });

  it('no string of a body is ever lost, whatever its shape', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.uuid(), (value, marker) => {
        const body = JSON.stringify([
          { role: 'user', content: [value, { type: 'text', text: marker }], x: [value] },
        ]);
        expect(JSON.stringify(readBody(body))).toContain(marker);
      }),
    );
  });
});
