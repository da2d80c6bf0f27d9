import { z } from 'zod';
import manifest from '@/package.json' with { type: 'json' };
import type { ApiRoute } from './route';

const Problem = z
  .object({
    type: z.string(),
    title: z.string().describe('What is wrong, and what to do about it'),
    status: z.number().int(),
    code: z.string(),
    request_id: z.string(),
  })
  .describe('RFC 9457');

const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return rest;
};

/** OpenAPI 3.1 of these routes, out of the schemas that they parse with. */
export function describeApi(routes: readonly ApiRoute[], baseUrl: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sallyport management API',
      version: manifest.version,
      description:
        'What people do in the console, for machines, except for what asks a person for a fresh second factor. A key never approves or enforces anything.',
    },
    servers: [{ url: `${baseUrl}/api/v1` }],
    security: [{ apiKey: [] }],
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, slp_ak_…, that an administrator makes under Settings.',
        },
      },
      schemas: { Problem: schemaOf(Problem, 'output') },
    },
    paths: Object.fromEntries(routes.map((route) => [route.path, { get: operationOf(route) }])),
  };
}

function operationOf({ id, summary, needs, params, query, answer }: ApiRoute) {
  return {
    operationId: id,
    summary,
    ...(needs === null ? {} : { description: `Needs the scope \`${needs}\`.` }),
    security: [{ apiKey: needs === null ? [] : [needs] }],
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    responses: {
      '200': {
        description: 'Answered',
        content: { 'application/json': { schema: schemaOf(answer, 'output') } },
      },
      default: {
        description: 'Refused, or failed',
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    },
  };
}

function parametersOf(schema: z.ZodObject, place: 'path' | 'query') {
  const { properties = {}, required = [] } = schemaOf(schema, 'input');
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}
