import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  facets,
  parseView,
  readTerms,
  toggled,
  viewSearch,
  withBothEnds,
  withoutText,
} from './address';

const now = new Date('2026-11-12T14:36:31.500Z');
const read = (search: string) => {
  const params: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(search)) {
    params[name] = [...(params[name] ?? []), value];
  }
  return parseView(params, now);
};

describe('the address of the inventory', () => {
  it('says the last 24 hours in whole minutes when it says nothing', () => {
    expect(read('')).toMatchObject({
      range: { preset: '24h', from: new Date('2026-11-11T14:36:00Z'), to: null },
      cursor: null,
      problems: [],
    });
  });

  it.each([
    'kind=inference&kind=tool_call&status=error',
    'identity=unregistered&resource=send_money&model=gpt-4o',
    'kind=mcp&text=invoice&text=two+seats',
    'session=0af76519-16cd-43dd-8448-eb211c80319c&from=7d',
    'from=2026-11-12T10%3A00%3A00.000Z&to=2026-11-12T11%3A00%3A00.000Z',
    'resource=a%26b%3D%22c%22',
  ])('%s reads back as it was written', (search) => {
    const view = read(search);
    expect(view.problems).toEqual([]);
    expect(viewSearch(view.range.preset === null ? view : { ...view, range: view.range })).toBe(
      `?${search}`,
    );
  });

  it.each([
    ['kind=inferense', /kind:inferense is not a kind.*inference/],
    ['status=held', /status:held is not a status.*ok, error, unset/],
    ['session=1', /is not a session/],
    ['resource=a%00b', /is not a resource/],
    ['colour=red', /“colour”, which the inventory does not know/],
    ['from=yesterday', /from=yesterday is not a time/],
    ['from=2026-11-12T10:00Z&to=2026-11-12T09:00Z', /ends before it starts/],
    ['to=never', /to=never is not a time/],
    ['before=mi1x-1-1&after=mi1x-1-2', /before and after at once/],
    ['before=newest', /newest is not the id of an entry/],
    ['interaction=1', /interaction=1 is not the id of an entry/],
    ['from=1h&from=6h', /from is given 2 times/],
    ['q=%22refund', /quotation mark is missing/],
    ['text=%E2%80%A6', /neither a letter nor a digit/],
    [`text=${'t'.repeat(201)}`, /at most 200 characters/],
    ['q=agent:x', /“agent” is not a field.*identity/],
    ['q=kind:', /kind: needs a value/],
    [`resource=${'r'.repeat(513)}`, /is not a resource/],
  ])('%s gives a sentence', (search, sentence) => {
    expect(read(search).problems.join('\n')).toMatch(sentence);
  });

  it('takes terms from the query bar, quoted or not', () => {
    expect(readTerms('kind:tool_call resource:"send money"').terms).toEqual([
      { facet: 'kind', value: 'tool_call' },
      { facet: 'resource', value: 'send money' },
    ]);
    const view = read('q=kind:mcp&status=ok');
    expect(view).toMatchObject({
      hasNewTerms: true,
      typed: '',
      filter: { kind: ['mcp'], status: ['ok'] },
    });
  });

  it('keeps what was typed when a term is wrong', () => {
    expect(read('q=kind:mcp+colour:red')).toMatchObject({
      hasNewTerms: false,
      typed: 'kind:mcp colour:red',
    });
  });

  it('takes words and phrases beside terms as what content must hold', () => {
    const view = read('q=kind:tool_call+invoice+"two seats"+-refund&text=invoice');
    expect(view).toMatchObject({
      hasNewTerms: true,
      problems: [],
      filter: { kind: ['tool_call'], text: ['invoice', 'two seats', '-refund'] },
    });
    expect(viewSearch(view)).toBe('?kind=tool_call&text=invoice&text=two+seats&text=-refund');
    expect(withoutText(view.filter, 'two seats').text).toEqual(['invoice', '-refund']);
  });

  it('takes at most 16 words', () => {
    const many = Array.from({ length: 20 }, (_, index) => `text=w${index}`).join('&');
    expect(read(many).filter.text).toHaveLength(16);
    expect(read(many).problems.join()).toMatch(/at most 16 words/);
  });

  it('a value twice is a value once, and a facet holds 20', () => {
    expect(read('kind=mcp&kind=mcp').filter.kind).toEqual(['mcp']);
    const many = Array.from({ length: 25 }, (_, index) => `model=m${index}`).join('&');
    expect(read(many).filter.model).toHaveLength(20);
    expect(read(many).problems.join()).toMatch(/at most 20/);
  });

  it('asks for what figures count, says so again in its address, and understands nothing else', () => {
    const view = read('counted=once&kind=mcp');
    expect(view.filter.isCounted).toBe(true);
    expect(viewSearch(view)).toBe('?kind=mcp&counted=once');
    expect(viewSearch({ ...view, filter: withBothEnds(view.filter) })).toBe('?kind=mcp');
    expect(read('counted=twice').filter.isCounted).toBeUndefined();
    expect(read('counted=twice').problems.join()).toMatch(/it says once/);
  });

  it('toggles a value in and out', () => {
    const { filter } = read('kind=mcp');
    expect(toggled(filter, 'kind', 'mcp').kind).toEqual([]);
    expect(toggled(filter, 'kind', 'memory').kind).toEqual(['mcp', 'memory']);
    const exchanges = { ...filter, kind: ['exchange' as const] };
    expect(toggled(exchanges, 'kind', 'memory').kind).toEqual(['memory']);
    expect(toggled(exchanges, 'kind', 'exchange').kind).toEqual([]);
  });

  it('never throws and never lets a value through that is not allowed', () => {
    const name = fc.constantFrom(
      'q',
      'text',
      'counted',
      'from',
      'to',
      'before',
      'after',
      'interaction',
      ...facets,
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(name, fc.string()), fc.oneof(fc.string(), fc.array(fc.string()))),
        (params) => {
          const view = parseView(params, now);
          for (const values of Object.values(view.filter).filter(Array.isArray))
            for (const value of values) expect(value).not.toContain('\0');
          expect(
            parseView(Object.fromEntries(new URLSearchParams(viewSearch(view))), now).range,
          ).toBeDefined();
        },
      ),
    );
  });
});
