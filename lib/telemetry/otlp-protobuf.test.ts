import { describe, expect, test } from 'vitest';
import { limits } from './limits';
import { decodeTracesProtobuf } from './otlp-protobuf';
import { tagOf, writeDelimited, writeNumber, writeVarint } from './protobuf-write';
import { type Item, marks, type Span, type SpanContent } from './schema';

const text = (field: number, content: string | Uint8Array) =>
  writeDelimited(field, Buffer.from(content));
const message = (field: number, ...fields: Uint8Array[]) =>
  writeDelimited(field, Buffer.concat(fields));
const attribute = (field: number, key: string | Uint8Array, ...value: Uint8Array[]) =>
  message(field, text(1, key), message(2, ...value));
const fixed64 = (field: number, value: bigint) => {
  const bytes = Buffer.alloc(9);
  bytes[0] = field * 8 + 1;
  bytes.writeBigUInt64LE(value, 1);
  return bytes;
};
const ids = Buffer.concat([text(1, Buffer.alloc(16, 1)), text(2, Buffer.alloc(8, 2))]);
const resource = message(1, attribute(1, 'service.name', text(1, 'shop')));
const scope = message(1, text(1, 'tracer'), text(2, '1.0'));
const requestOf = (...spans: Uint8Array[]) =>
  message(1, resource, message(2, scope, ...spans.map((span) => writeDelimited(2, span))));

function itemsOf(body: Buffer): Item<SpanContent>[] {
  const decoded = decodeTracesProtobuf(body);
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded.value;
}

function spanOf(...fields: Uint8Array[]): Span {
  const [item] = itemsOf(requestOf(Buffer.concat(fields)));
  if (item === undefined || !('span' in item)) throw new Error(`dropped: ${item?.detail}`);
  return item.span;
}

/** The second of three spans is what is given; the others have to survive it. */
function dropOf(span: Uint8Array): { reason: string; detail: string } {
  const [before, item, after, ...more] = itemsOf(requestOf(ids, span, ids));
  expect(before).toHaveProperty('span');
  expect(after).toHaveProperty('span');
  expect(more).toEqual([]);
  if (item === undefined || !('drop' in item)) throw new Error('not dropped');
  return { reason: item.drop, detail: item.detail };
}

describe('what a sender may do', () => {
  test('resource and scope apply to their spans wherever they stand', () => {
    const span = writeDelimited(2, ids);
    const [item] = itemsOf(message(1, message(2, span, scope), resource));
    expect(item?.origin).toEqual({
      resource: [['service.name', 'shop']],
      scopeName: 'tracer',
      scopeVersion: '1.0',
      scope: [],
    });
  });

  test('of a field that repeats the last counts, and unknown fields are passed over', () => {
    const unknown = Buffer.concat([
      writeNumber(100, 2 ** 52),
      fixed64(101, 7n),
      text(102, 'x'),
      Buffer.from([...writeVarint(103 * 8 + 5), 1, 2, 3, 4]),
    ]);
    const span = spanOf(unknown, text(5, 'first'), fixed64(8, 2n), unknown, text(5, 'last'), ids);
    expect(span.name).toBe('last');
    expect(span.endedNs).toBe(2n);
    expect(span.trace).toHaveLength(16);
  });

  test('a known field of another wire type counts as unknown', () => {
    expect(spanOf(writeNumber(5, 3), text(6, 'x'), ids)).toMatchObject({ name: '', kind: 0 });
  });

  test.each([
    [Buffer.from('ffffffffffffffffff01', 'hex'), -1],
    [Buffer.from('80808080808080808001', 'hex'), -(2n ** 63n)],
    [Buffer.from('ffffffffffffffff7f', 'hex'), 2n ** 63n - 1n],
    [Buffer.from('ffffffffffffff0f', 'hex'), Number.MAX_SAFE_INTEGER],
    [Buffer.from('8080808080808010', 'hex'), 2n ** 53n],
    [Buffer.from('8180808080808010', 'hex'), 2n ** 53n + 1n],
    [Buffer.from('8180808080808070', 'hex'), 2n ** 53n * 7n + 1n],
    [Buffer.from('00', 'hex'), 0],
    [Buffer.from('8080808010', 'hex'), 2 ** 32],
  ])('int64 %# is exact', (varint, expected) => {
    const span = spanOf(attribute(9, 'n', Buffer.from([0x18]), varint));
    expect(span.attributes).toEqual([['n', expected]]);
  });

  test('times are exact up to the last nanosecond', () => {
    const span = spanOf(fixed64(7, 1_764_000_000_001_163_544n), fixed64(8, 2n ** 64n - 1n));
    expect(span.startedNs).toBe(1_764_000_000_001_163_544n);
    expect(span.endedNs).toBe(2n ** 64n - 1n);
  });

  test('a key named __proto__ is a key like any other', () => {
    const pair = message(1, text(1, '__proto__'), message(2, text(1, 'mine')));
    const [[, map] = []] = spanOf(attribute(9, 'map', message(6, pair))).attributes;
    expect(Object.entries(map ?? {})).toEqual([['__proto__', 'mine']]);
    expect(Object.getPrototypeOf(map)).toBeNull();
  });

  test('ids are views of the body, of whatever length was sent', () => {
    const body = requestOf(text(1, Buffer.alloc(3, 9)));
    const [item] = itemsOf(body);
    const trace = item !== undefined && 'span' in item ? item.span.trace : null;
    expect(trace).toHaveLength(3);
    expect(trace?.buffer).toBe(body.buffer);
  });
});

describe('text that PostgreSQL would refuse is replaced and marked', () => {
  test.each([
    ['a NUL', Buffer.from('a\0b'), 'a\ufffdb', marks.invalid_text],
    [
      'a NUL in long text',
      Buffer.from(`a\0${'b'.repeat(60)}`),
      `a\ufffd${'b'.repeat(60)}`,
      marks.invalid_text,
    ],
    ['a lone byte', Buffer.from([0x61, 0xff, 0x62]), 'a\ufffdb', marks.invalid_text],
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80]), '\ufffd\ufffd\ufffd', marks.invalid_text],
    ['an overlong slash', Buffer.from([0xc0, 0xaf]), '\ufffd\ufffd', marks.invalid_text],
    ['nothing, where U+FFFD was sent', Buffer.from('a\ufffd'), 'a\ufffd', 0],
    ['nothing, where a BOM was sent', Buffer.from('\ufeffa'), '\ufeffa', 0],
  ])('%s', (_what, bytes, expected, expectedMarks) => {
    const inName = spanOf(text(5, bytes));
    expect([inName.name, inName.marks]).toEqual([expected, expectedMarks]);
    const inKey = spanOf(attribute(9, bytes, text(1, bytes)));
    expect([inKey.attributes, inKey.marks]).toEqual([[[expected, expected]], expectedMarks]);
  });

  test('of a resource or scope it marks each of their spans, and no other', () => {
    const two = [writeDelimited(2, ids), writeDelimited(2, ids)];
    const body = Buffer.concat([
      message(1, message(1, attribute(1, 'bad', text(1, '\0'))), message(2, ...two)),
      message(1, message(2, message(1, text(1, '\0')), ...two), message(2, ...two)),
    ]);
    const found = itemsOf(body).map((item) => 'span' in item && item.span.marks);
    const marked = marks.invalid_text;
    expect(found).toEqual([marked, marked, marked, marked, 0, 0]);
  });
});

describe('a span that cannot be read costs its neighbours nothing', () => {
  test.each([
    ['a field longer than the span', Buffer.from([0x2a, 0x7f, 0x61])],
    ['a length that never ends', Buffer.from([0x2a, ...Array(11).fill(0xff)])],
    ['a length beyond 2^53', Buffer.from([0x2a, ...Array(9).fill(0xff), 1])],
    ['half a time', Buffer.from([0x39, 1, 2])],
    ['a number cut short', Buffer.from([0x30, 0x80])],
    ['a group', Buffer.from([0x2b, 0x2c])],
    ['wire type 6', Buffer.from([0x2e])],
    ['field number 0', Buffer.from([0x02, 0x00])],
    ['an attribute longer than its span', Buffer.from([0x4a, 0x02, 0x0a, 0x05])],
  ])('%s', (_what, span) => {
    const { reason, detail } = dropOf(span);
    expect(reason).toBe('malformed_item');
    expect(detail).toMatch(/, at byte \d+\.$/);
  });

  test('a resource that cannot be read drops its spans only', () => {
    const span = message(2, writeDelimited(2, ids));
    const items = itemsOf(
      Buffer.concat([message(1, message(1, Buffer.from([0x0a, 0x09])), span), message(1, span)]),
    );
    expect(items).toMatchObject([
      { drop: 'malformed_item', origin: { resource: [] } },
      { span: {} },
    ]);
  });
});

describe('limits', () => {
  const many = (count: number, field: Uint8Array) => Buffer.concat(Array(count).fill(field));
  const nested = (depth: number) => {
    let value: Buffer = text(1, 'deep');
    for (let level = 1; level < depth; level++)
      value = message(
        level % 2 === 0 ? 5 : 6,
        level % 2 === 0 ? message(1, value) : message(1, message(2, value)),
      );
    return value;
  };

  test.each([
    ['attributes', 'too_many_attributes', limits.attributesMax - 1, attribute(9, 'k')],
    ['events', 'too_many_events', limits.eventsMax, message(11)],
    ['links', 'too_many_events', limits.linksMax, message(13)],
  ])('%s up to the limit are kept, one more is refused', (_what, reason, most, field) => {
    expect(itemsOf(requestOf(many(most, field)))).toMatchObject([{ span: {} }]);
    expect(dropOf(many(most + 1, field)).reason).toBe(reason);
  });

  test('attributes of events and links count with the span’s own', () => {
    const half = limits.attributesMax / 2;
    const event = message(11, many(half, attribute(3, 'k')));
    expect(dropOf(Buffer.concat([event, many(half, attribute(9, 'k'))])).reason).toBe(
      'too_many_attributes',
    );
  });

  test('the elements of one attribute are bounded', () => {
    const list = attribute(9, 'list', message(5, many(limits.valuesMax, message(1))));
    expect(dropOf(list).reason).toBe('too_many_attributes');
  });

  test('values up to the depth are kept, one deeper is refused', () => {
    const [item] = itemsOf(requestOf(attribute(9, 'k', nested(limits.valueDepthMax))));
    expect(item).toHaveProperty('span');
    expect(dropOf(attribute(9, 'k', nested(limits.valueDepthMax + 1))).reason).toBe('too_deep');
  });

  test('a value 100,000 deep is refused without overflowing the stack', () => {
    // From the inside, by lengths alone: to nest buffers would copy each of them 100,000 times.
    const parts: Buffer[] = [];
    let length = 0;
    for (let level = 0; level < 100_000; level++)
      for (const field of [1, 5]) {
        const head = Buffer.concat([writeVarint(tagOf(field)), writeVarint(length)]);
        parts.push(head);
        length += head.length;
      }
    const deep = Buffer.concat(parts.reverse());
    expect(dropOf(message(9, text(1, 'k'), writeDelimited(2, deep))).reason).toBe('too_deep');
  });

  test('a span of more bytes than allowed is refused, and named with its size', () => {
    const { reason, detail } = dropOf(attribute(9, 'k', text(1, 'x'.repeat(10_000_000))));
    expect(reason).toBe('too_large');
    expect(detail).toMatch(/10000\d+ bytes; 4194304 are allowed/);
  });

  test('a resource of more bytes than allowed refuses its spans', () => {
    const large = message(1, attribute(1, 'k', text(1, 'x'.repeat(limits.originBytesMax))));
    const [item] = itemsOf(message(1, large, message(2, writeDelimited(2, ids))));
    expect(item).toMatchObject({ drop: 'too_large' });
  });

  test.each([
    ['spans', message(1, message(2, many(limits.requestItemsMax + 1, message(2))))],
    ['resources', many(limits.requestItemsMax + 1, message(1))],
    ['scopes', message(1, many(limits.requestItemsMax + 1, message(2)))],
    [
      'repetitions of a large resource',
      message(
        1,
        message(1, attribute(1, 'k', text(1, 'x'.repeat(60_000)))),
        message(2, many(5_000, message(2))),
      ),
    ],
    ['values', requestOf(...Array(1_100).fill(many(2_000, attribute(9, ''))))],
  ])('a request of too many %s is refused as a whole', (_what, body) => {
    expect(decodeTracesProtobuf(body)).toMatchObject({ ok: false, reason: 'too_many_items' });
  });
});

describe('broken framing refuses the request and says where', () => {
  test.each([
    ['a ResourceSpans longer than the request', Buffer.from([0x0a, 0x05, 0x0a]), 1],
    ['a ScopeSpans longer than what holds it', message(1, Buffer.from([0x12, 0x05])), 3],
    ['a span longer than what holds it', message(1, message(2, Buffer.from([0x12, 0x05]))), 5],
    ['text', Buffer.from('hello, world'), 3],
    ['a group', Buffer.from([0x0b]), 1],
  ])('%s', (_what, body, byte) => {
    const decoded = decodeTracesProtobuf(body);
    expect(decoded).toMatchObject({ ok: false, reason: 'malformed' });
    expect(!decoded.ok && decoded.message).toMatch(
      new RegExp(`^The request .+ at byte ${byte}\\.$`),
    );
  });

  test('an empty body is a request without spans', () => {
    expect(itemsOf(Buffer.alloc(0))).toEqual([]);
  });
});

test('the raw form of a dropped span still holds it with its resource and scope', () => {
  const broken = Buffer.from([0x2a, 0x7f, 0x61]);
  const [, dropped] = itemsOf(requestOf(ids, broken));
  expect(dropped?.raw().equals(requestOf(broken))).toBe(true);
  expect(dropped?.bytes).toBe(broken.length);
});
