import { z } from 'zod';
import manifest from '@/package.json' with { type: 'json' };
import type { ApiRoute, BodyRule } from './route';

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
        'What people do in the console, for machines, except for what asks a person for a fresh second factor. A key proposes and stops; it never accepts, approves or enforces anything.',
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
        identityToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token that proves a registered identity; no shared secret.',
        },
        identityCertificate: {
          type: 'mutualTLS',
          description: 'A certificate of a registered identity, on the TLS port.',
        },
      },
      schemas: { Problem: schemaOf(Problem, 'output') },
    },
    paths: pathsOf(routes),
  };
}

function pathsOf(routes: readonly ApiRoute[]) {
  const paths: Record<string, Record<string, ReturnType<typeof operationOf>>> = {};
  for (const route of routes)
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(route),
    };
  return paths;
}

function operationOf({ id, summary, by, needs, params, query, body, status, answer }: ApiRoute) {
  return {
    operationId: id,
    summary,
    ...(needs === null ? {} : { description: `Needs the scope \`${needs}\`.` }),
    security:
      by === 'key'
        ? [{ apiKey: needs === null ? [] : [needs] }]
        : [{ identityToken: [] }, { identityCertificate: [] }],
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    ...(body === null ? {} : { requestBody: bodyOf(body) }),
    responses: {
      [status]: {
        description: status === 201 ? 'Made' : 'Answered',
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

const bodyOf = ({ mediaTypes, schema }: BodyRule) => ({
  required: true,
  content: Object.fromEntries(
    mediaTypes.map((type) => [type, { schema: schemaOf(schema, 'input') }]),
  ),
});

function parametersOf(schema: z.ZodObject, place: 'path' | 'query') {
  const { properties = {}, required = [] } = schemaOf(schema, 'input');
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}
