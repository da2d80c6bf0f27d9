import { describe, expect, it } from 'vitest';
import { factColumns, factValues } from './columns';
import { measurementColumns, measurementValues } from './measurement-columns';

describe.each([
  // `as never`: an object whose members hold their own names.
  ['interaction', factColumns, (named: object) => factValues(named as never)],
  ['measurement', measurementColumns, (named: object) => measurementValues(named as never)],
])('the facts of an %s', (_kind, columns, valuesOf) => {
  it('are read in the order of their columns, or a leaf would commit to other facts than are stored', () => {
    const named = Object.fromEntries(columns.map(({ key }) => [key, key]));
    expect(valuesOf(named)).toEqual(columns.map(({ key }) => key));
  });

  it('stand in the order of RFC 8785, which is the order of the hashed members', () => {
    const names = columns.map(({ column }) => column);
    expect(names).toEqual([...names].sort());
  });
});
