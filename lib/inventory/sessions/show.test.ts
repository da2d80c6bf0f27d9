import { expect, it } from 'vitest';
import type { SessionEntry } from './schema';
import { isOdd, modelsOf, packSession, showSession, unpackSession } from './show';

const entry = (change: Partial<SessionEntry>): SessionEntry => ({
  id: 'mhw0qy2p-1-0',
  startedMs: 1_795_000_000_000,
  tookMs: 5,
  isLate: false,
  kind: 'tool_call',
  name: 'execute_tool',
  resource: null,
  model: null,
  status: 'ok',
  marks: 0,
  redacted: null,
  tokens: null,
  cost: null,
  uncounted: null,
  promptId: null,
  toolCallId: null,
  trace: 't',
  span: null,
  parent: null,
  ...change,
});

it('shows when each entry happened after the first, by its resource, with all that is odd', () => {
  const shown = showSession([
    entry({ resource: 'look_up', marks: 2 }),
    entry({ startedMs: 1_795_000_000_250, parent: 'lost', isLate: true, uncounted: 'same_call' }),
  ]);
  expect(shown.entries.map(({ atMs, what, flags }) => ({ atMs, what, flags }))).toEqual([
    { atMs: 0, what: 'look_up', flags: ['implausible'] },
    { atMs: 250, what: 'execute_tool', flags: ['late', 'same_call', 'orphan'] },
  ]);
  expect(shown.nodes.map(({ holds }) => holds.as)).toEqual(['entry', 'missing', 'entry']);
});

it('sends no more of a name than a row can show', () => {
  const [shown] = showSession([entry({ name: 'x'.repeat(500) })]).entries;
  expect(shown?.what).toHaveLength(121);
});

it('takes for odd what failed or is out of place, not what is only told twice', () => {
  const of = (change: Partial<SessionEntry>) => {
    const [shown] = showSession([entry(change)]).entries;
    return shown !== undefined && isOdd(shown);
  };
  expect(of({})).toBe(false);
  expect(of({ uncounted: 'counterpart' })).toBe(false);
  expect(of({ status: 'error' })).toBe(true);
  expect(of({ isLate: true })).toBe(true);
});

it('names each model once, in order of first use', () => {
  expect(modelsOf([{ model: 'b' }, { model: null }, { model: 'a' }, { model: 'b' }])).toEqual([
    'b',
    'a',
  ]);
});

it('is the same after being packed for the page and unpacked on it', () => {
  const session = showSession([
    entry({ span: 'a', tokens: 7, cost: 0.0025, redacted: 'password=1' }),
    entry({ span: 'b', parent: 'a', startedMs: 1_795_000_000_000.25, tookMs: null, isLate: true }),
    entry({ parent: 'lost', status: 'error', kind: 'inference', tokens: 2 }),
    entry({ promptId: 'p' }),
    entry({ promptId: 'p', uncounted: 'counterpart' }),
  ]);
  expect(unpackSession(packSession(session))).toEqual(session);
});
