import type { z } from 'zod';
import { AppError } from './errors';

const sentencesMax = 5;

/** Parses what a mutation is given. Throws `invalid_input` with a sentence for each thing that is wrong, five at most. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const sentences = new Set(parsed.error.issues.map(({ message }) => message));
  throw new AppError('invalid_input', [...sentences].slice(0, sentencesMax).join(' '));
}

/** What is wrong, by the field that it is wrong of: the first sentence of a field stands. */
export const sentencesByField = ({ issues }: z.ZodError): Record<string, string> =>
  Object.fromEntries(
    issues.map(({ path, message }) => [String(path[0]), message] as const).toReversed(),
  );
