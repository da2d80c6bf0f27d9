import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyName } from '@/tests/support/alias-names';
import { decodedOrigin, decodedSpan } from '@/tests/support/spans';
import { slots, spanAliases } from './aliases';
import { normaliseSpan } from './normalise';
import { type AnyValue, type Attributes, interactionKinds, type Span } from './schema';

const NOW_MS = 1_795_000_002_000;

const normalised = (
  attributes: Attributes,
  change: Partial<Span> = {},
  resource: Attributes = [],
) => normaliseSpan(decodedSpan(attributes, change), decodedOrigin({ resource }), NOW_MS);

const hostile: AnyValue[] = [
  0,
  1,
  -1,
  1.5,
  -0,
  1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  65_536,
  2n ** 63n - 1n,
  -(2n ** 63n),
  true,
  false,
  null,
  '',
  ' ',
  '-1',
  '1e5',
  '0x10',
  'NaN',
  '9'.repeat(400),
  'x'.repeat(100_000),
  '\u202e\u0007<script>',
  [],
  [[]],
  ['a', 1],
  {},
  { a: { b: [1] } },
  new Uint8Array(0),
  Uint8Array.of(255),
];

describe('whatever a sender writes', () => {
  it.each(Object.keys(slots))(
    'any value of %s is either used or kept, and never throws',
    (slot) => {
      const names = spanAliases[slot as keyof typeof slots] ?? []; // Object.keys forgets the slots
      for (const name of names)
        for (const value of hostile) {
          const sent = name.replace('.*', '.0.x');
          const interaction = normalised([
            ['gen_ai.operation.name', 'chat'],
            [sent, value],
          ]);
          expect(interactionKinds).toContain(interaction.kind);
          for (const { text, role } of interaction.bodies)
            if (role === 'attributes') expect(() => JSON.parse(text)).not.toThrow();
          for (const fact of [
            'inputTokens',
            'outputTokens',
            'cacheReadTokens',
            'reasoningTokens',
          ] as const)
            expect(interaction[fact] === null || Number.isSafeInteger(interaction[fact])).toBe(
              true,
            );
          expect(interaction.cost === null || Number.isFinite(interaction.cost)).toBe(true);
          expect(Object.is(interaction.cost, -0)).toBe(false);
          for (const port of [interaction.serverPort, interaction.clientPort])
            expect(port === null || (port >= 0 && port <= 65_535)).toBe(true);
          for (const text of [interaction.model, interaction.operation, interaction.conversation])
            expect((text ?? '').length).toBeLessThanOrEqual(256);
        }
    },
  );

  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 8 }),
  );
  const value = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    fc.dictionary(fc.string(), leaf, { maxKeys: 3 }),
  );
  const names = everyName();
  const key = fc.oneof(
    fc.constantFrom(...names.map((name) => name.replace('.*', '.0.message.role'))),
    fc.constantFrom(...names.map((name) => name.replace('.*', '.1.x'))),
    fc.constantFrom('llm.prompts.0.x', 'llm.prompts.0.x.y', 'llm.prompts.0.message.x'),
    fc.string(),
  );

  it('no attribute is lost: every key and value sent is in a fact or in a body', () => {
    let serial = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, value), { maxLength: 12 }),
        fc.array(fc.tuple(key, value), { maxLength: 4 }),
        fc.array(fc.tuple(key, value), { maxLength: 4 }),
        fc.constantFrom('exception', 'gen_ai.user.message', 'gen_ai.content.prompt', 'other'),
        (own, shared, ofEvent, eventName) => {
          // Every value is made to hold a text of its own, so that it can be found again.
          const told: string[] = [];
          const distinct = (pairs: [string, AnyValue][]): Attributes =>
            pairs.map(([name, sent]) => {
              serial += 1;
              const text = `v${serial}v`;
              told.push(text);
              if (typeof sent === 'string') return [name, sent + text];
              return [name, typeof sent === 'number' || sent === null ? text : [sent, text]];
            });
          const interaction = normalised(
            distinct(own),
            {
              kind: own.length % 6,
              events: [{ name: eventName, timeNs: 1n, attributes: distinct(ofEvent) }],
            },
            distinct(shared),
          );
          const { bodies, ...facts } = interaction;
          const kept = `${Object.values(facts).join('\n')}\n${bodies.map(({ text }) => text).join('\n')}`;
          for (const text of told) expect(kept).toContain(text);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a flattened list', () => {
  it('leaves among the attributes what contradicts an earlier part of it', () => {
    const { bodies } = normalised([
      ['llm.input_messages.0.message.role', 'user'],
      ['llm.input_messages.0.message.role.deeper', 'contradicts'],
    ]);
    expect(bodies).toEqual([
      { role: 'input', text: '[{"role":"user"}]' },
      {
        role: 'attributes',
        text: '{"span":{"llm.input_messages.0.message.role.deeper":"contradicts"}}',
      },
    ]);
  });

  it('of nothing that can be nested is no body', () => {
    const endless = `llm.input_messages.0${'.x'.repeat(50)}`;
    expect(normalised([[endless, 1]]).bodies).toEqual([
      { role: 'attributes', text: `{"span":{"${endless}":1}}` },
    ]);
  });
});
