import { describe, expect, it, test } from 'vitest';
import { pairHolders, placeKey } from './pair';
import { type Facts, type Holder, roles } from './schema';

const at = new Date('2026-11-25T10:00:00Z').getTime();
const facts = (change: Partial<Facts> = {}): Facts => ({
  kind: 'inference',
  status: 'ok',
  spanKind: 'client',
  endedNs: 0n,
  inputTokens: null,
  outputTokens: null,
  cost: null,
  requestId: null,
  responseId: null,
  toolCallId: null,
  ...change,
});
type Change = Partial<Facts> & { who?: string; afterMs?: number };
const holder = (
  position: number,
  role: number,
  { who, afterMs, ...told }: Change = {},
): Holder => ({
  key: 'k',
  role,
  who: who ?? 'a',
  place: { receivedAt: new Date(at + (afterMs ?? position)), shard: 1, position: BigInt(position) },
  facts: facts(told),
});
/** `2>1` for each that gives way to another, `2=1` for two that both count. */
const pairs = (...holders: Holder[]) => {
  const told = (all: Holder[]) =>
    pairHolders(all)
      .map(
        ({ entry, other, uncounted }) =>
          `${entry.position}${uncounted === 'none' ? '=' : '>'}${other.position}`,
      )
      .sort();
  // Whatever the order in which they are read.
  expect(told([...holders].reverse())).toEqual(told(holders));
  return told(holders);
};
const minuteMs = 60_000;

describe('under one id', () => {
  const [log, span, served] = [roles.id, roles.id + 1, roles.id + 2];
  it.each([
    ['a span gives way to a log record after it', [holder(0, span), holder(1, log)], ['0>1']],
    [
      'of two reporters the second gives way',
      [holder(0, span), holder(1, span, { who: 'b' })],
      ['1>0'],
    ],
    [
      'all give way to the one that counts',
      [holder(0, span), holder(1, span, { who: 'b' }), holder(2, log)],
      ['0>2', '1>2'],
    ],
    ['an end that was served is another span', [holder(0, span), holder(1, served)], []],
    [
      'three days apart are two calls',
      [holder(0, span), holder(1, log, { afterMs: 72 * 60 * minuteMs })],
      [],
    ],
  ])('%s', (_, holders, expected) => {
    expect(pairs(...holders)).toEqual(expected);
  });
});

describe('of one prompt', () => {
  const [log, span] = [roles.prompt, roles.prompt + 1];
  const ended = (seconds: number) => ({ endedNs: BigInt(seconds * 1e9) });
  it('a span gives way to the closest log record, ended at most 5 s apart', () => {
    const logs = [holder(0, log, ended(3)), holder(1, log, { ...ended(1), who: 'b' })];
    expect(pairs(...logs, holder(2, span, ended(0)))).toEqual(['2>1']);
    expect(pairs(holder(0, log, ended(5)), holder(1, span, ended(0)))).toEqual(['1>0']);
    expect(pairs(holder(0, log, ended(5.1)), holder(1, span, ended(0)))).toEqual([]);
  });
  it('where both tell an id of one sort, it decides', () => {
    const [one, other] = [{ requestId: 'r1' }, { requestId: 'r2' }];
    expect(pairs(holder(0, log, one), holder(1, span, other))).toEqual([]);
    expect(pairs(holder(0, log, one), holder(1, span, one))).toEqual(['1>0']);
    expect(pairs(holder(0, log, one), holder(1, span, { responseId: 'r2' }))).toEqual(['1>0']);
  });
});

describe('under one span', () => {
  const { self, written, nested } = roles;
  const response = { responseId: 'resp-1' };
  it.each([
    [
      'it gives way to the log record written in it',
      [holder(0, self), holder(1, written)],
      ['0>1'],
    ],
    [
      'not to one of another kind',
      [holder(0, self, { kind: 'tool_call' }), holder(1, written)],
      [],
    ],
    [
      'not to one of another request',
      [holder(0, self, { requestId: 'a' }), holder(1, written, { requestId: 'b' })],
      [],
    ],
    [
      'not to one 16 minutes later',
      [holder(0, self), holder(1, written, { afterMs: 16 * minuteMs })],
      [],
    ],
    [
      'instrumented twice, the one sent last gives way',
      [holder(0, nested, response), holder(1, self, response)],
      ['1>0'],
    ],
    [
      'instrumented twice and sent from outside in',
      [holder(1, nested, response), holder(0, self, response)],
      ['1>0'],
    ],
    [
      'another response below it is another call',
      [holder(0, nested, { responseId: 'resp-2' }), holder(1, self, response)],
      [],
    ],
    [
      'its own parent gives way to nobody',
      [holder(0, nested, response), holder(0, self, response)],
      [],
    ],
  ])('%s', (_, holders, expected) => {
    expect(pairs(...holders)).toEqual(expected);
  });
});

describe('the two ends of an exchange', () => {
  const caller = (position: number, change: Change = {}) =>
    holder(position, roles.called, { kind: 'mcp', who: 'a', ...change });
  const server = (position: number, change: Change & { role?: number } = {}) =>
    holder(position, change.role ?? roles.served + 6, {
      kind: 'mcp',
      who: 'b',
      spanKind: 'server',
      ...change,
    });
  const failed = { role: roles.served + 7, status: 'error' };
  it.each([
    ['the server gives way', [caller(0), server(1)], ['1>0']],
    ['whichever arrives first', [caller(1), server(0)], ['0>1']],
    ['one caller stands for one server', [caller(0), server(1), server(2, { who: 'c' })], ['1>0']],
    [
      'one server gives way to one caller',
      [caller(0), caller(1, { who: 'c' }), server(2)],
      ['2>0'],
    ],
    ['nobody is its own other end', [caller(0), server(1, { who: 'a' })], []],
    ['of another kind is another interaction', [caller(0, { kind: 'inference' }), server(1)], []],
    ['16 minutes apart are not found', [caller(0), server(1, { afterMs: 16 * minuteMs })], []],
    ['that ended differently both count', [caller(0), server(1, failed)], ['1=0']],
    ['the one that agrees goes first', [caller(0), server(1, failed), server(2)], ['2>0']],
    [
      'a caller that tells of less stands for nothing',
      [caller(0, { inputTokens: 9n }), server(1, { inputTokens: 10n })],
      ['1=0'],
    ],
    ['a caller that tells nothing tells of less', [caller(0), server(1, { cost: 0.5 })], ['1=0']],
    [
      'a caller that tells of more stands for it',
      [caller(0, { outputTokens: 10n }), server(1)],
      ['1>0'],
    ],
  ])('%s', (_, holders, expected) => {
    expect(pairs(...holders)).toEqual(expected);
  });
});

test('places are told apart by shard and position', () => {
  expect(placeKey({ receivedAt: new Date(at), shard: 1, position: 23n })).toBe('1-23');
});
