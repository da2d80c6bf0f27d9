import { expect, it } from 'vitest';
import { allOf, sql } from './sql';

it('a value never becomes part of the statement', () => {
  const statement = sql`SELECT 1 WHERE ${allOf([sql`a = ${"'; --"}`, sql`b = ${2}`])} LIMIT ${3}`;
  expect(statement.text).toBe('SELECT 1 WHERE a = $1 AND b = $2 LIMIT $3');
  expect(statement.values).toEqual(["'; --", 2, 3]);
});

it('no condition is a true one', () => {
  expect(allOf([]).text).toBe('true');
});
