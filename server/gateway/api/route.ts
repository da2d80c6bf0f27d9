import { z } from 'zod';
import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import type { Pool } from '@/lib/db/pool';
import type { ApiKeyHolder } from '@/lib/people/api-keys/queries';
import type { ApiScope } from '@/lib/people/api-keys/schema';

/** What a route is given besides its parameters. */
export type ApiCtx = {
  readonly db: Pool;
  readonly key: ApiKeyHolder;
  readonly scope: ReadScope;
  readonly now: Date;
};

type Described = {
  /** As OpenAPI writes it, after `/api/v1`. */
  readonly path: `/${string}`;
  readonly id: string;
  readonly summary: string;
  /** Null for what any key may ask. */
  readonly needs: ApiScope | null;
};

/** One `GET` of `/api/v1`: what it takes and answers is what the OpenAPI description says, since both are these schemas. */
export type ApiRoute = Described & {
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly answer: z.ZodType;
  readonly run: (ctx: ApiCtx, params: unknown, query: unknown) => Promise<unknown>;
};

export function route<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Answer extends z.ZodType,
>(
  described: Described & {
    params: Params;
    query: Query;
    answer: Answer;
    handle: (ctx: ApiCtx, asked: z.output<Params> & z.output<Query>) => Promise<z.input<Answer>>;
  },
): ApiRoute {
  const { handle, ...rest } = described;
  return {
    ...rest,
    async run(ctx, params, query) {
      const asked = { ...parse(rest.params, params), ...parse(rest.query, query) };
      // What is not in the schema of the answer does not leave.
      return rest.answer.parse(await handle(ctx, asked));
    },
  };
}

export const none = z.strictObject({});

function parse<Schema extends z.ZodObject>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const known = Object.keys(schema.shape).join(', ');
  const sentences = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `There is no parameter ${issue.keys.map(shorten).join(', ')} here. ${known === '' ? 'This takes none.' : `Known are: ${known}.`}`
      : `${issue.path.map(String).map(shorten).join('.')}: ${issue.message}.`.replace(/\.\.$/, '.'),
  );
  throw new AppError('invalid_input', [...new Set(sentences)].slice(0, 5).join(' '));
}

const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** A parameter that may repeat; any of its values matches. */
export const repeated = <Value extends z.ZodType>(value: Value) =>
  z.preprocess(
    (given) => (given === undefined || Array.isArray(given) ? given : [given]),
    z.array(value).max(20, 'Twenty values at most').default([]),
  );
