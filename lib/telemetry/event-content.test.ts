import { describe, expect, it } from 'vitest';
import { decodedOrigin, decodedSpan } from '@/tests/support/spans';
import { normaliseSpan } from './normalise';
import type { Attributes, Interaction, Span } from './schema';

const NOW_MS = 1_795_000_002_000;

const normalised = (
  attributes: Attributes,
  change: Partial<Span> = {},
  resource: Attributes = [],
) => normaliseSpan(decodedSpan(attributes, change), decodedOrigin({ resource }), NOW_MS);
const bodyOf = ({ bodies }: Interaction, role: string) =>
  bodies.find((body) => body.role === role)?.text;
const remainsOf = (interaction: Interaction) =>
  JSON.parse(bodyOf(interaction, 'attributes') ?? '{}');

describe('content in span events', () => {
  const events = (...names: [string, Attributes][]) => ({
    events: names.map(([name, attributes]) => ({ name, timeNs: 1n, attributes })),
  });

  it('one event with the prompt and one with the completion', () => {
    const interaction = normalised(
      [],
      events(
        ['gen_ai.content.prompt', [['gen_ai.prompt', 'why']]],
        ['gen_ai.content.completion', [['gen_ai.completion', 'so']]],
      ),
    );
    expect(interaction.dialect).toBe('genai');
    expect([bodyOf(interaction, 'input'), bodyOf(interaction, 'output')]).toEqual(['why', 'so']);
  });

  it.each(['output', 'content', 'diff'])('what a tool of Claude Code gave back, as %s', (word) => {
    const interaction = normalised(
      [
        ['tool_name', 'Read'],
        ['file_path', 'a.ts'],
      ],
      {
        name: 'claude_code.tool',
        ...events([
          'tool.output',
          [
            ['file_path', 'a.ts'],
            [word, 'const a = 1;'],
          ],
        ]),
      },
    );
    expect(interaction.kind).toBe('tool_call');
    expect([bodyOf(interaction, 'input'), bodyOf(interaction, 'output')]).toEqual([
      'a.ts',
      'const a = 1;',
    ]);
  });

  it('an event for each message, in their order, with the role that their name says', () => {
    const interaction = normalised(
      [],
      events(
        ['gen_ai.system.message', [['content', 'be kind']]],
        ['gen_ai.user.message', [['content', 'why']]],
        [
          'gen_ai.assistant.message',
          [
            ['role', 'model'],
            ['content', 'let me look'],
          ],
        ],
        [
          'gen_ai.tool.message',
          [
            ['id', 'call-1'],
            ['content', { rows: 2 }],
          ],
        ],
        [
          'gen_ai.choice',
          [
            ['index', 0],
            ['finish_reason', 'stop'],
            ['message', { content: 'so' }],
          ],
        ],
      ),
    );
    expect(JSON.parse(bodyOf(interaction, 'input') ?? '')).toEqual([
      { content: 'be kind', role: 'system' },
      { content: 'why', role: 'user' },
      { role: 'model', content: 'let me look' },
      { id: 'call-1', content: { rows: 2 }, role: 'tool' },
    ]);
    expect(JSON.parse(bodyOf(interaction, 'output') ?? '')).toEqual([
      { index: 0, finish_reason: 'stop', message: { content: 'so' }, role: 'assistant' },
    ]);
    expect(remainsOf(interaction).events).toHaveLength(5);
  });

  it('the details event carries all content', () => {
    const interaction = normalised(
      [],
      events([
        'gen_ai.client.inference.operation.details',
        [
          ['gen_ai.input.messages', [{ role: 'user' }]],
          ['gen_ai.system_instructions', 'be kind'],
          ['other', 1],
        ],
      ]),
    );
    expect(bodyOf(interaction, 'input')).toBe('[{"role":"user"}]');
    expect(bodyOf(interaction, 'instructions')).toBe('be kind');
    expect(remainsOf(interaction).events[0].attributes).toEqual({ other: 1 });
  });

  it('the span’s own attribute goes before an event, which stays as it was sent', () => {
    const interaction = normalised(
      [['gen_ai.input.messages', 'own']],
      events(['gen_ai.user.message', [['content', 'from the event']]]),
    );
    expect(bodyOf(interaction, 'input')).toBe('own');
    expect(remainsOf(interaction).events[0].attributes).toEqual({ content: 'from the event' });
  });
});
