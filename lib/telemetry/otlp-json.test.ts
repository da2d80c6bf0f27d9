import { describe, expect, test } from 'vitest';
import { limits } from './limits';
import { decodeTracesJson, isJsonRequest } from './otlp-json';
import { type AnyValue, type Item, marks, type Span, type SpanContent } from './schema';

const ids = { traceId: '0'.repeat(31).concat('1'), spanId: '00000000000000ab' };
const sound = JSON.stringify(ids);
const requestOf = (...spans: string[]) =>
  Buffer.from(
    `{"resourceSpans":[{"resource":{"attributes":[]},"scopeSpans":[{"spans":[${spans.join(',')}]}]}]}`,
  );

function itemsOf(body: Buffer): Item<SpanContent>[] {
  const decoded = decodeTracesJson(body);
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded.value;
}

function spanOf(fields: string): Span {
  const [item] = itemsOf(requestOf(fields));
  if (item === undefined || !('span' in item)) throw new Error(`dropped: ${item?.detail}`);
  return item.span;
}

function valueOfJson(json: string): AnyValue | undefined {
  return spanOf(`{"attributes":[{"key":"k","value":${json}}]}`).attributes[0]?.[1];
}

/** The second of three spans is what is given; the others have to survive it. */
function dropOf(span: string): { reason: string; detail: string } {
  const [before, item, after, ...more] = itemsOf(requestOf(sound, span, sound));
  expect(before).toHaveProperty('span');
  expect(after).toHaveProperty('span');
  expect(more).toEqual([]);
  if (item === undefined || !('drop' in item)) throw new Error('not dropped');
  return { reason: item.drop, detail: item.detail };
}

describe('what a sender may do', () => {
  test('resource and scope apply to their spans wherever they stand', () => {
    const [item] = itemsOf(
      Buffer.from(`{"resource_spans":[{"scope_spans":[{"spans":[${sound}],"scope":{"name":"tracer"}}],
        "schemaUrl":"x","resource":{"attributes":[{"key":"a","value":{"stringValue":"b"}}]}}]}`),
    );
    expect(item?.origin).toMatchObject({ scopeName: 'tracer', resource: [['a', 'b']] });
  });

  test('lists sent twice are both read: nothing is dropped in silence', () => {
    const list = `[{"scopeSpans":[{"spans":[${sound}]}]}]`;
    expect(itemsOf(Buffer.from(`{"resourceSpans":${list},"resourceSpans":${list}}`))).toHaveLength(
      2,
    );
  });

  test('null and absent are the default', () => {
    const nulls =
      '{"resourceSpans":[{"resource":null,"scopeSpans":[{"scope":null,"spans":[{"name":null,"status":null,"events":null,"kind":null}]},{"spans":null}]},{"scopeSpans":null}]}';
    expect(itemsOf(Buffer.from(nulls))).toMatchObject([
      { span: { name: '', kind: 0, statusCode: 0, events: [], startedNs: 0n } },
    ]);
    expect(itemsOf(Buffer.from('{}'))).toEqual([]);
    expect(itemsOf(Buffer.from(' {"resourceSpans" : null } \n'))).toEqual([]);
  });

  test('ids are hexadecimal of any case and length', () => {
    const span = spanOf('{"traceId":"ABcd","spanId":"","parentSpanId":"00ff"}');
    expect([...span.trace, -1, ...span.span, -1, ...span.parent]).toEqual([
      171, 205, -1, -1, 0, 255,
    ]);
  });

  test('enumerations are numbers or names', () => {
    const span = spanOf('{"kind":"SPAN_KIND_CLIENT","status":{"code":"STATUS_CODE_ERROR"}}');
    expect([span.kind, span.statusCode]).toEqual([3, 2]);
    expect(spanOf('{"kind":99}').kind).toBe(99);
  });

  test('times are exact as strings', () => {
    const span = spanOf(
      '{"startTimeUnixNano":"1764000000001163544","end_time_unix_nano":"18446744073709551615"}',
    );
    expect(span.startedNs).toBe(1_764_000_000_001_163_544n);
    expect(span.endedNs).toBe(2n ** 64n - 1n);
  });

  test.each([
    ['{"intValue":"-42"}', -42],
    ['{"intValue":7}', 7],
    ['{"intValue":"9223372036854775807"}', 2n ** 63n - 1n],
    ['{"intValue":"-9223372036854775808"}', -(2n ** 63n)],
    ['{"int_value":9007199254740993}', 2n ** 53n],
    ['{"doubleValue":"NaN"}', Number.NaN],
    ['{"doubleValue":"-Infinity"}', Number.NEGATIVE_INFINITY],
    ['{"doubleValue":"1.5e3"}', 1500],
    ['{"bytesValue":"AQID"}', Buffer.from([1, 2, 3])],
    ['{"boolValue":false}', false],
    ['{"stringValue":null}', null],
    ['{}', null],
    ['null', null],
    ['{"unknownValue":1}', null],
    ['{"arrayValue":{"values":[{"stringValue":"a"},{"arrayValue":{}}]}}', ['a', []]],
    ['{"arrayValue":{"values":null}}', []],
  ])('the value %s', (json, expected) => {
    expect(valueOfJson(json)).toEqual(expected);
  });

  test('keys named __proto__ are keys like any other', () => {
    const map = valueOfJson(
      '{"kvlistValue":{"values":[{"key":"__proto__","value":{"stringValue":"mine"}}]},"__proto__":{"stringValue":"x"}}',
    );
    expect(Object.entries(map ?? {})).toEqual([['__proto__', 'mine']]);
    expect(Object.getPrototypeOf(map)).toBeNull();
    expect(spanOf('{"__proto__":{"name":"inherited"}}').name).toBe('');
  });
});

describe('text that PostgreSQL would refuse is replaced and marked', () => {
  test.each([
    ['a NUL', '"a\\u0000b"', 'a\ufffdb', marks.invalid_text],
    ['a lone surrogate', '"a\\ud800b"', 'a\ufffdb', marks.invalid_text],
    ['nothing, where a pair was sent', '"\\ud83d\\ude00"', '\u{1f600}', 0],
    ['nothing, where U+FFFD was sent', '"\\ufffd"', '\ufffd', 0],
  ])('%s', (_what, json, expected, expectedMarks) => {
    const span = spanOf(`{"name":${json},"attributes":[{"key":${json},"value":{}}]}`);
    expect([span.name, span.attributes[0]?.[0], span.marks]).toEqual([
      expected,
      expected,
      expectedMarks,
    ]);
  });

  test('bytes that are not UTF-8 mark their own span only', () => {
    const body = requestOf('{"name":"@"}', sound);
    body[body.indexOf('@')] = 0xff;
    expect(itemsOf(body)).toMatchObject([
      { span: { name: '\ufffd', marks: marks.invalid_text } },
      { span: { marks: 0 } },
    ]);
  });
});

describe('a span that cannot be read costs its neighbours nothing', () => {
  test.each([
    ['null', 'Expected an object.'],
    ['[]', 'Expected an object.'],
    ['"text"', 'Expected an object.'],
    ['{"name":1}', 'Expected a string at name.'],
    ['{"traceId":"xyz"}', 'Expected an id in hexadecimal at traceId.'],
    ['{"traceId":"abc"}', 'Expected an id in hexadecimal at traceId.'],
    ['{"spanId":7}', 'Expected an id in hexadecimal at spanId.'],
    ['{"startTimeUnixNano":-1}', ' at startTimeUnixNano.'],
    ['{"startTimeUnixNano":"18446744073709551616"}', ' at startTimeUnixNano.'],
    ['{"endTimeUnixNano":1.5}', ' at endTimeUnixNano.'],
    ['{"kind":"CLIENT"}', ' at kind.'],
    ['{"kind":1.5}', ' at kind.'],
    ['{"kind":4294967296}', ' at kind.'],
    ['{"status":[]}', 'Expected an object at status.'],
    ['{"status":{"code":"ERROR"}}', ' at status.code.'],
    ['{"attributes":{}}', 'Expected an array at attributes.'],
    ['{"attributes":[{"key":"a"},null]}', 'Expected an object at attributes[1].'],
    ['{"attributes":[{"key":1}]}', 'Expected a string at attributes[0].key.'],
    ['{"attributes":[{"value":"bare"}]}', 'Expected an object at attributes[0].value.'],
    [
      '{"events":[{"attributes":[{"value":{"arrayValue":{"values":[{"intValue":"1e5"}]}}}]}]}',
      'Expected an integer of 64 bits at events[0].attributes[0].value.arrayValue.values[0].intValue.',
    ],
    ['{"attributes":[{"value":{"intValue":9.3e18}}]}', ' at attributes[0].value.intValue.'],
    ['{"attributes":[{"value":{"boolValue":"true"}}]}', ' at attributes[0].value.boolValue.'],
    ['{"attributes":[{"value":{"doubleValue":"1-2"}}]}', ' at attributes[0].value.doubleValue.'],
    ['{"attributes":[{"value":{"bytesValue":"*"}}]}', ' at attributes[0].value.bytesValue.'],
    ['{"links":[{"traceId":[]}]}', ' at links[0].traceId.'],
    ['{"name":}', 'The span is not JSON, at byte '],
    ['{"name" "x"]', 'The span is not JSON, at byte '],
    ['@', 'The span is not JSON, at byte '],
  ])('%s', (span, expected) => {
    const { reason, detail } = dropOf(span);
    expect(reason).toBe('malformed_item');
    expect(detail).toContain(expected);
  });

  test('a number of a million digits costs nothing', () => {
    expect(dropOf(`{"startTimeUnixNano":"${'9'.repeat(1_000_000)}"}`).reason).toBe(
      'malformed_item',
    );
  });
});

describe('limits', () => {
  const attributes = (count: number) =>
    `{"attributes":[${Array(count).fill('{"key":"k"}').join(',')}]}`;
  const nested = (depth: number) =>
    `{"attributes":[{"value":${'{"arrayValue":{"values":['.repeat(depth - 1)}{}${']}}'.repeat(depth - 1)}}]}`;

  test('up to the limits spans are kept, beyond they are refused with the reason', () => {
    expect(spanOf(attributes(limits.attributesMax)).attributes).toHaveLength(limits.attributesMax);
    expect(dropOf(attributes(limits.attributesMax + 1)).reason).toBe('too_many_attributes');
    expect(spanOf(nested(limits.valueDepthMax)).attributes).toHaveLength(1);
    expect(dropOf(nested(limits.valueDepthMax + 1)).reason).toBe('too_deep');
    const events = Array(limits.eventsMax + 1)
      .fill('{}')
      .join(',');
    expect(dropOf(`{"events":[${events}]}`).reason).toBe('too_many_events');
    expect(dropOf(`{"links":[${events}]}`).reason).toBe('too_many_events');
    expect(dropOf(`{"name":"${'x'.repeat(limits.itemBytesMax)}"}`).reason).toBe('too_large');
  });

  test('100,000 levels are refused without overflowing the stack, wherever they stand', () => {
    expect(dropOf(nested(100_000)).reason).toBe('too_deep');
    const brackets = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(dropOf(brackets).reason).toBe('malformed_item');
    expect(itemsOf(Buffer.from(`{"unknown":${brackets}}`))).toEqual([]);
    expect(decodeTracesJson(Buffer.from(brackets))).toMatchObject({ reason: 'malformed' });
    expect(decodeTracesJson(Buffer.from('{"resourceSpans":['.repeat(100_000)))).toMatchObject({
      reason: 'malformed',
    });
  });

  test('a request of too many spans is refused as a whole', () => {
    const body = requestOf(...Array(limits.requestItemsMax + 1).fill('{}'));
    expect(decodeTracesJson(body)).toMatchObject({ ok: false, reason: 'too_many_items' });
  });
});

describe('a request that is not OTLP/JSON is refused, with the byte', () => {
  test.each([
    '',
    'null',
    '[]',
    '"text"',
    '{',
    '{"resourceSpans"}',
    '{"resourceSpans":{}}',
    '{"resourceSpans":[7]}',
    '{"resourceSpans":[{}',
    '{"resourceSpans":[{},]}',
    '{"resourceSpans":[{"scopeSpans":[{"spans":"x"}]}]}',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"unended}]}]}]}',
    '{"resourceSpans":[]} trailing',
    '{"resourceSpans":[],}',
    '{resourceSpans:[]}',
    '{"unknown":@}',
    '{"un\\known":1}',
    '\ufeff{}',
  ])('%s', (body) => {
    const decoded = decodeTracesJson(Buffer.from(body));
    expect(decoded).toMatchObject({ ok: false, reason: 'malformed' });
    expect(!decoded.ok && decoded.message).toMatch(
      /^The request cannot be read\. .* byte \d+.*\.$/,
    );
  });
});

test('the raw form of any item is a JSON request that holds only it', () => {
  const body = Buffer.from(
    `{"resourceSpans":[{"resource":{"attributes":[]},"scopeSpans":[{"scope":{"name":"s"},"spans":[${sound},{"name":}]}]}]}`,
  );
  const [kept, dropped] = itemsOf(body).map((item) => item.raw());
  const head =
    '{"resourceSpans":[{"resource":{"attributes":[]},"scopeSpans":[{"scope":{"name":"s"},"spans":[';
  expect(kept?.toString()).toBe(`${head}${sound}]}]}]}`);
  expect(dropped?.toString()).toBe(`${head}{"name":}]}]}]}`);
  expect(isJsonRequest(dropped ?? Buffer.alloc(0))).toBe(true);
});
