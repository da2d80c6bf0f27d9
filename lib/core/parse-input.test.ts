import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseInput, sentencesByField } from './parse-input';

test('what is wrong is said in a sentence each, once, and five at most', () => {
  const Input = z.object({
    names: z.array(z.string().min(1, 'A name is not empty.')),
    ...Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((of) => [of, z.null(`No ${of}.`)])),
  });
  const problem = {
    code: 'invalid_input',
    message: 'A name is not empty. No a. No b. No c. No d.',
  };
  expect(() => parseInput(Input, { names: ['', ''] })).toThrow(expect.objectContaining(problem));
  expect(parseInput(z.string().trim(), ' a ')).toBe('a');
});

test('of each field the first sentence stands', () => {
  const Input = z.object({
    code: z.string().min(2, 'Too short.').regex(/x/, 'No x.'),
    name: z.string('Name it.'),
  });
  const { error } = Input.safeParse({ code: 'a' });
  expect(error && sentencesByField(error)).toEqual({ code: 'Too short.', name: 'Name it.' });
});
