import { describe, expect, it } from 'vitest';
import { decodedOrigin, decodedSpan } from '@/tests/support/spans';
import { applyContentPolicy } from './content-policy';
import { normaliseSpan } from './normalise';
import { type Attributes, type ContentPolicy, marks } from './schema';

const key = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');
const applied = (policy: ContentPolicy, attributes: Attributes, name = 'a span') =>
  applyContentPolicy(
    normaliseSpan(decodedSpan(attributes, { name }), decodedOrigin(), 1_795_000_002_000),
    policy,
  );
const sent: Attributes = [
  ['gen_ai.input.messages', `[{"content":"my key is ${key}"}]`],
  ['gen_ai.conversation.id', `chat-${key}`],
  ['http.request.header.authorization', ['Basic x']],
  ['db.password', 'hunter2'],
];

describe('the content policy', () => {
  it('keep changes nothing', () => {
    const interaction = applied('keep', sent);
    expect(interaction.redacted).toBeNull();
    expect(JSON.stringify(interaction.bodies)).toContain('hunter2');
    expect(interaction.conversation).toBe(`chat-${key}`);
  });

  it('redact replaces secrets in bodies, attributes and facts, and counts them by kind', () => {
    const interaction = applied('redact', sent, `call with ${key}`);
    expect(interaction.redacted).toBe('authorization=1 aws_key=3 password=1');
    expect(interaction.conversation).toBe('chat-[redacted:aws_key]');
    expect(interaction.name).toBe('call with [redacted:aws_key]');
    const texts = interaction.bodies.map(({ text }) => text).join('\n');
    expect(texts).not.toMatch(/hunter2|Basic x|AKIA/);
    for (const { text } of interaction.bodies) expect(() => JSON.parse(text)).not.toThrow();
    expect(interaction.marks & marks.digest_only).toBe(0);
  });

  it('digest marks the interaction, leaves the bodies for their digests and redacts the facts', () => {
    const interaction = applied('digest', sent);
    expect(interaction.marks & marks.digest_only).not.toBe(0);
    expect(interaction.conversation).toBe('chat-[redacted:aws_key]');
    expect(interaction.redacted).toBe('aws_key=1');
    expect(interaction.bodies.find(({ role }) => role === 'input')?.text).toContain(key);
  });

  it('what holds no secret tells that nothing was replaced', () => {
    expect(applied('redact', [['gen_ai.request.model', 'm']]).redacted).toBeNull();
  });

  it.each([
    'name',
    'operation',
    'provider',
    'model',
    'resource',
    'declaredName',
    'declaredId',
    'declaredVersion',
    'onBehalfOf',
    'conversation',
    'promptId',
    'requestId',
    'responseId',
    'toolCallId',
    'errorType',
    'serverAddress',
    'clientAddress',
  ] as const)('a secret in the fact %s is replaced', (fact) => {
    const interaction = applied(
      'redact',
      [
        ['gen_ai.operation.name', key],
        ['gen_ai.provider.name', key],
        ['gen_ai.response.model', key],
        ['gen_ai.request.model', `${key}X`],
        ['gen_ai.agent.name', key],
        ['gen_ai.agent.id', key],
        ['gen_ai.agent.version', key],
        ['user.id', key],
        ['gen_ai.conversation.id', key],
        ['prompt.id', key],
        ['a2a.message.id', key],
        ['gen_ai.response.id', key],
        ['gen_ai.tool.name', key],
        ['gen_ai.tool.call.id', key],
        ['error.type', key],
        ['server.address', key],
        ['client.address', key],
      ],
      key,
    );
    expect(interaction[fact]).toBe('[redacted:aws_key]');
    expect(
      JSON.stringify(Object.values(interaction), (_key, value) =>
        typeof value === 'bigint' ? `${value}` : value,
      ),
    ).not.toContain('AKIA');
  });

  it('a secret that was cut with its fact does not stay in part', () => {
    const token = ['ghp', '_', 'aB3dE5gH7jK9mN1pQ2sT4vW6xY8zA1bC3dE5'].join('');
    for (const [lead, secret] of [
      ['x '.repeat(120), token],
      [`${'x '.repeat(115)}https://me:`, 'hunter2hunter2hunter2hunter2@host'],
    ] as const) {
      const { name, redacted } = applied('redact', [], lead + secret);
      expect(name).not.toMatch(/ghp_|hunter2/);
      expect(redacted).not.toBeNull();
    }
  });
});
