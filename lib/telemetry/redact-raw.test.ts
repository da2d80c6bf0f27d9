import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadOtlpOracle } from '@/tests/support/otlp-oracle';
import { attributes, text } from '@/tests/support/otlp-requests';
import { decodeOtlp } from './otlp-request';
import { redactRaw } from './redact-raw';
import type { Attributes, Signal, Span } from './schema';

type Pair = { key: string; value: object };

const traces = await loadOtlpOracle('trace');
const awsKey = `AKIA${'Q7RZ'.repeat(4)}`;
/** Refused for its ids, and otherwise as good as any. */
const requestOf = (pairs: object[], more: object = {}) => ({
  resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'chat', attributes: pairs, ...more }] }] }],
});
const protobufOf = (pairs: object[], more?: object) => traces.encodeRequest(requestOf(pairs, more));
const jsonOf = (pairs: object[], more?: object) =>
  Buffer.from(JSON.stringify(requestOf(pairs, more)));

function spanOf(raw: Buffer | null): Span {
  const decoded = decodeOtlp(
    'trace',
    raw?.[0] === 0x7b ? 'json' : 'protobuf',
    raw ?? Buffer.of(255),
  );
  const item = decoded.ok ? decoded.value[0] : undefined;
  if (item === undefined || !('span' in item)) throw new Error('no span');
  return item.span;
}
const kept = (raw: Buffer, signal: Signal = 'trace') => redactRaw(signal, raw);
const attributesOf = (raw: Buffer | null): Attributes => spanOf(raw).attributes;

const secret = 'correct-horse-battery';
const underCredentials: [string, Pair][] = [
  ['a string', { key: 'db.password', value: { stringValue: secret } }],
  [
    'a list of strings',
    {
      key: 'http.request.header.x-api-key',
      value: { arrayValue: { values: [{ stringValue: secret }] } },
    },
  ],
  [
    'bytes',
    { key: 'client_secret', value: { bytesValue: Buffer.from(secret).toString('base64') } },
  ],
  ['a number', { key: 'user.password', value: { intValue: '918273645' } }],
  [
    'a map',
    {
      key: 'secret',
      value: { kvlistValue: { values: [{ key: 'inner', value: { stringValue: secret } }] } },
    },
  ],
  ['a name of many bytes', { key: `${'x'.repeat(300)}.api_key`, value: { stringValue: secret } }],
  [
    'a map in a list',
    {
      key: 'note',
      value: {
        arrayValue: {
          values: [
            {
              kvlistValue: { values: [{ key: 'passphrase', value: { stringValue: secret } }] },
            },
          ],
        },
      },
    },
  ],
];
const leaks = new RegExp(`${secret}|${Buffer.from(secret).toString('base64')}|918273645`);

describe('a refused item is kept without its secrets', () => {
  test.each(underCredentials)('in JSON: %s under the name of a credential', (_what, pair) => {
    const raw = kept(jsonOf([{ value: pair.value, key: pair.key }]));
    expect(raw?.toString()).not.toMatch(leaks);
    expect(raw?.toString()).toContain('[redacted:');
  });

  test.each(underCredentials)('in protobuf: %s under the name of a credential', (_what, pair) => {
    const raw = kept(protobufOf([asBytes(pair)]));
    expect(raw?.toString('latin1')).not.toMatch(leaks);
    expect(raw?.toString('latin1')).toContain('[redacted:');
  });

  test('whichever comes first, the name or the value, and however the name is written', () => {
    const json = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"value":{"stringValue":"${secret}"},"key":"pass\\u0077ord"}]}]}]}]}`;
    expect(kept(Buffer.from(json))?.toString()).not.toMatch(leaks);
    const key = Buffer.concat([Buffer.of(0x0a, 8), Buffer.from('password')]);
    const value = Buffer.concat([
      Buffer.of(0x12, secret.length + 2, 0x0a, secret.length),
      Buffer.from(secret),
    ]);
    const wrap = (field: number, content: Buffer) =>
      Buffer.concat([Buffer.of(field * 8 + 2, content.length), content]);
    for (const pair of [Buffer.concat([key, value]), Buffer.concat([value, key])]) {
      const raw = kept(wrap(1, wrap(2, wrap(2, wrap(9, pair)))));
      expect(attributesOf(raw)).toEqual([['password', '[redacted:password]']]);
    }
  });

  test('known shapes go from any text of it', () => {
    const more = { name: `GET ${awsKey}`, status: { message: awsKey }, traceState: awsKey };
    for (const raw of [
      jsonOf([{ key: awsKey, value: {} }], more),
      protobufOf([{ key: awsKey, value: {} }], more),
    ])
      expect(kept(raw)?.toString('latin1')).not.toContain(awsKey);
  });

  test('of a metric and of a log record too', async () => {
    const pair = { key: 'db.password', value: { stringValue: secret } };
    const metrics = {
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'm',
                  sum: {
                    dataPoints: [
                      { attributes: [pair], exemplars: [{ filteredAttributes: [pair] }] },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    };
    const logs = {
      resourceLogs: [
        {
          resource: { attributes: [pair] },
          scopeLogs: [
            {
              scope: { attributes: [pair] },
              logRecords: [{ body: { kvlistValue: { values: [pair] } }, attributes: [pair] }],
            },
          ],
        },
      ],
    };
    for (const [signal, request] of [
      ['metric', metrics],
      ['log', logs],
    ] as const) {
      const oracle = await loadOtlpOracle(signal);
      for (const raw of [Buffer.from(JSON.stringify(request)), oracle.encodeRequest(request)])
        expect(kept(raw, signal)?.toString('latin1')).not.toMatch(leaks);
    }
  });

  test('flags, and numbers under a name that only may be one, stay', () => {
    const pairs = [
      { key: 'use_password', value: { boolValue: true } },
      { key: 'gen_ai.token', value: { intValue: '17' } },
      { key: 'note', value: { stringValue: 'the token of love' } },
    ];
    for (const raw of [jsonOf(pairs), protobufOf(pairs)])
      expect(attributesOf(kept(raw))).toEqual([
        ['use_password', true],
        ['gen_ai.token', 17],
        ['note', 'the token of love'],
      ]);
  });
});

describe('a refused item is kept so that a replay is of what was sent', () => {
  test('a secret at the end of one attribute leaves the next one as it was', () => {
    const pairs = [
      { key: 'a', value: { stringValue: 'Bearer abcdefgh12345678' } },
      { key: 'b', value: { stringValue: 'kept' } },
      { key: 'c', value: { stringValue: 'password=hunter22' } },
      { key: 'd', value: { stringValue: 'kept too' } },
    ];
    for (const raw of [jsonOf(pairs), protobufOf(pairs)])
      expect(attributesOf(kept(raw))).toEqual([
        ['a', 'Bearer [redacted:bearer]'],
        ['b', 'kept'],
        ['c', 'password=[redacted:password]'],
        ['d', 'kept too'],
      ]);
  });

  test('without secrets it decodes to the same', () => {
    const plain = attributes.filter(
      (pairs) => !/key|secret|pass|token/i.test(JSON.stringify(pairs)),
    );
    fc.assert(
      fc.property(plain, text, (pairs, name) => {
        const raw = protobufOf(pairs, { name });
        expect(spanOf(kept(raw))).toEqual(spanOf(raw));
      }),
    );
  });

  test('what cannot be read to its end is not kept at all', () => {
    const whole = protobufOf([{ key: 'client_secret', value: { stringValue: 'abcdefgh' } }]);
    for (let end = 1; end < whole.length; end += 1) expect(kept(whole.subarray(0, end))).toBeNull();
    expect(
      kept(Buffer.from('{"resourceSpans":[{"scopeSpans":[{"spans":[{"a" "b"}]}]}]}')),
    ).toBeNull();
    expect(kept(Buffer.from(`{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`))).toBeNull();
  });

  test('whatever its bytes are, it does not throw', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2048 }),
        fc.constantFrom('trace', 'log', 'metric'),
        (bytes, signal) => {
          expect(() => redactRaw(signal as Signal, Buffer.from(bytes))).not.toThrow();
        },
      ),
    );
  });

  test('in time that grows with its size', () => {
    const pairs = Array.from({ length: 40_000 }, (_, at) => ({
      key: at % 2 === 0 ? 'api_key' : 'token',
      value: { stringValue: `${at}` },
    }));
    const began = performance.now();
    kept(protobufOf(pairs));
    kept(jsonOf(pairs));
    // Some tens of milliseconds; quadratic, it would be minutes.
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

/** protobufjs takes bytes as base64, as JSON has them, only where it is told so. */
function asBytes(pair: Pair): Pair {
  const { bytesValue } = pair.value as { bytesValue?: string };
  return bytesValue === undefined
    ? pair
    : { ...pair, value: { bytesValue: Buffer.from(bytesValue, 'base64') } };
}
