import { z } from 'zod';
import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import type { Pool } from '@/lib/db/pool';
import type { PrismaClient } from '@/lib/db/prisma';
import type { SignedMessage } from '@/lib/identities/external/schema';
import type { Verified } from '@/lib/identities/external/verify';
import type { Caller } from '@/lib/identities/proofs/schema';
import type { MachineActor } from '@/lib/people/actor';
import type { ApiKeyHolder } from '@/lib/people/api-keys/queries';
import type { ApiScope } from '@/lib/people/api-keys/schema';

/** What a route is given besides its parameters. */
export type ApiCtx = {
  readonly db: Pool;
  readonly key: ApiKeyHolder;
  readonly scope: ReadScope;
  readonly now: Date;
};

/** What a route that changes something is given: as any mutation, whose permissions are those of a machine. */
export type ActingCtx = ApiCtx & {
  readonly acting: {
    readonly db: PrismaClient;
    readonly actor: MachineActor;
    readonly scope: ReadScope;
    readonly now: Date;
  };
  /** Whether an external API signed a message, by keys that stay with the gateway. */
  readonly verifySigned: (id: string, message: SignedMessage) => Promise<Verified>;
};

/** What a route is given that an identity asks by a proof of its own. */
export type ProvenCtx = { readonly db: PrismaClient; readonly caller: Caller; readonly now: Date };

export const apiMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type ApiMethod = (typeof apiMethods)[number];

/** JSON of what a mutation takes. */
const jsonBytesMax = 256 * 1024;

type Described = {
  /** As OpenAPI writes it, after `/api/v1`. */
  readonly path: `/${string}`;
  readonly id: string;
  readonly summary: string;
  /** Null for what any key may ask. */
  readonly needs: ApiScope | null;
  /** How often a key may ask it, where it is a lot of work; as often as there are seats unless told. */
  readonly perMinute?: number;
};

/** A body as it was sent, for a route that reads files. */
export type SentFile = { readonly mediaType: string; readonly bytes: Buffer };

/** What of a body is read before a route is asked. */
export type BodyRule = {
  readonly mediaTypes: readonly string[];
  readonly bytesMax: number;
  /** What the description says of it. */
  readonly schema: z.ZodType;
};

/** One route of `/api/v1`: what it takes and answers is what the OpenAPI description says, since both are these schemas. */
type Shape = Described & {
  readonly method: ApiMethod;
  /** Null for what takes none. */
  readonly body: BodyRule | null;
  readonly status: 200 | 201;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly answer: z.ZodType;
};
type KeyRoute = Shape & {
  readonly by: 'key';
  readonly run: (ctx: ActingCtx, asked: Asked) => Promise<unknown>;
};
type ProvenRoute = Shape & {
  readonly by: 'identity';
  readonly run: (ctx: ProvenCtx, asked: Asked) => Promise<unknown>;
};
export type ApiRoute = KeyRoute | ProvenRoute;

/** `file`: null where the route takes no body. */
export type Asked = { params: unknown; query: unknown; file: SentFile | null };

/** A `GET`. */

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
): KeyRoute {
  const { handle, ...rest } = described;
  return {
    ...{ ...rest, by: 'key', method: 'GET', body: null, status: 200 },
    async run(ctx, { params, query }) {
      const asked = { ...parse(rest.params, params), ...parse(rest.query, query) };
      // What is not in the schema of the answer does not leave.
      return rest.answer.parse(await handle(ctx, asked));
    },
  };
}

type Command = Described & {
  readonly method: Exclude<ApiMethod, 'GET'>;
  /** 201 where it makes something; 200 unless told. */
  readonly status?: 200 | 201;
  /** Of the body, where it is more than usual. */
  readonly bytesMax?: number;
};

/** What changes something: `body` is a JSON object. The mutation it calls authorizes `ctx.acting` and writes the entry. */
export function command<
  Params extends z.ZodObject,
  Body extends z.ZodObject,
  Answer extends z.ZodType,
>(
  described: Command & {
    params: Params;
    body: Body;
    answer: Answer;
    handle: (
      ctx: ActingCtx,
      asked: z.output<Params>,
      body: z.output<Body>,
    ) => Promise<z.input<Answer>>;
  },
): KeyRoute {
  const { handle, body, status = 200, bytesMax = jsonBytesMax, ...rest } = described;
  return {
    ...{ ...rest, by: 'key', query: none, status },
    body: { mediaTypes: ['application/json'], bytesMax, schema: body },
    async run(ctx, { params, query, file }) {
      parse(none, query);
      const asked = parse(rest.params, params);
      return rest.answer.parse(await handle(ctx, asked, parse(body, jsonOf(file), 'field')));
    },
  };
}

/** What an identity does by a proof of its own, and no API key: the mutation refuses whom it does not know for it. */
export function proven<
  Params extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
>(
  described: Omit<Command, 'needs'> & {
    params: Params;
    body: Body;
    answer: Answer;
    /** The body as it was sent: the mutation parses it, and has a sentence for each part. */
    handle: (ctx: ProvenCtx, asked: z.output<Params>, body: unknown) => Promise<z.input<Answer>>;
  },
): ProvenRoute {
  const { handle, body, status = 200, bytesMax = jsonBytesMax, ...rest } = described;
  return {
    ...{ ...rest, by: 'identity', needs: null, query: none, status },
    body: { mediaTypes: ['application/json'], bytesMax, schema: body },
    async run(ctx, { params, query, file }) {
      parse(none, query);
      return rest.answer.parse(await handle(ctx, parse(rest.params, params), jsonOf(file)));
    },
  };
}

/** What takes a file as it is, of one of these media types. */
export function upload<Query extends z.ZodObject, Answer extends z.ZodType>(
  described: Command & {
    query: Query;
    answer: Answer;
    file: Omit<BodyRule, 'schema'>;
    handle: (ctx: ActingCtx, asked: z.output<Query>, file: SentFile) => Promise<z.input<Answer>>;
  },
): KeyRoute {
  const { handle, file: rule, status = 200, ...rest } = described;
  return {
    ...{ ...rest, by: 'key', params: none, status },
    body: { ...rule, schema: z.string().describe('The file') },
    async run(ctx, { query, file }) {
      if (file === null) throw new AppError('invalid_input', 'Send the file as the body.');
      return rest.answer.parse(await handle(ctx, parse(rest.query, query), file));
    },
  };
}

function jsonOf(file: SentFile | null): unknown {
  if (file === null) throw new AppError('invalid_input', 'Send a JSON object as the body.');
  try {
    return JSON.parse(utf8.decode(file.bytes));
  } catch {
    throw new AppError('invalid_input', 'The body is no JSON in UTF-8.');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export const none = z.strictObject({});

function parse<Schema extends z.ZodObject>(
  schema: Schema,
  input: unknown,
  what: 'parameter' | 'field' = 'parameter',
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const known = Object.keys(schema.shape).join(', ');
  const sentences = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `There is no ${what} ${issue.keys.map(shorten).join(', ')} here. ${known === '' ? 'This takes none.' : `Known are: ${known}.`}`
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
