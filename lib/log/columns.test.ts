import { describe, expect, it } from 'vitest';
import { factColumns, factValues } from './columns';
import type { AttributedInteraction } from './schema';

describe('the facts of an interaction', () => {
  it('are read in the order of their columns, or a leaf would commit to other facts than are stored', () => {
    const named = Object.fromEntries(factColumns.map(({ key }) => [key, key]));
    // Each member holds its own name.
    expect(factValues(named as unknown as AttributedInteraction)).toEqual(
      factColumns.map(({ key }) => key),
    );
  });

  it('stand in the order of RFC 8785, which is the order of the hashed members', () => {
    const names = factColumns.map(({ column }) => column);
    expect(names).toEqual([...names].sort());
  });
});
