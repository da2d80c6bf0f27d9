import { z } from 'zod';
import { Reason } from '@/lib/people/reason';
import { definitionStates } from '@/lib/resources/definitions/schema';
import { proposeResource } from '@/lib/resources/proposals/mutations';
import {
  type Catalogued,
  cataloguePerPage,
  getCatalogued,
  listCatalogued,
  listCataloguedDefinitions,
} from '@/lib/resources/registry/queries';
import { ResourceAttributes, ResourceName, TypeName } from '@/lib/resources/schema';
import { classifications, resourceStates, sideEffects, trusts } from '@/lib/resources/words';
import { listZones } from '@/lib/zones/queries';
import { zoneEnvironments, zoneKinds } from '@/lib/zones/schema';
import { command, none, repeated, route } from './route';

const time = z.iso.datetime().nullable();
const Named = z.object({ id: z.guid(), name: z.string() });

/** What the registry says of a resource; not who uses it. */
const Resource = z.object({
  id: z.guid(),
  kind: z.string().describe('A type: model, tool, mcp_server, … or one of your own'),
  name: z.string().describe('As telemetry has it'),
  names: z.array(z.string()).describe('Further names that mean it'),
  state: z.enum(resourceStates),
  owner: z.guid().nullable().describe('Id of the person who answers for it'),
  team: Named.nullable(),
  zone: Named.nullable(),
  purpose: z.string(),
  tags: z.array(z.string()),
  hostNames: z.array(z.string()),
  classification: z.enum(classifications).nullable().describe('Null counts as secret'),
  trust: z.enum(trusts).nullable().describe('What a person said; null counts as untrusted'),
  sideEffect: z.enum(sideEffects).nullable().describe('Null counts as any'),
  approval: z.enum(['none', 'new', 'changed', 'rejected', 'approved']),
  effectiveTrust: z.enum(trusts).describe('What trust comes to, its definitions considered'),
  hasProposal: z.boolean(),
  revision: z.number().int(),
  firstAt: time,
  lastAt: time,
});

const resourceOf = (row: Catalogued): z.input<typeof Resource> => ({
  ...row,
  firstAt: row.firstAt?.toISOString() ?? null,
  lastAt: row.lastAt?.toISOString() ?? null,
});

export const resourceList = route({
  path: '/resources',
  id: 'listResources',
  summary: `Resources, observed and registered, ${cataloguePerPage} a page`,
  needs: 'registry:read',
  params: none,
  query: z.strictObject({
    type: repeated(TypeName),
    state: repeated(z.enum(resourceStates)),
    classification: repeated(z.enum(classifications)),
    trust: repeated(z.enum(trusts)),
    side_effect: repeated(z.enum(sideEffects)),
    zone: repeated(z.guid()),
    after: z.guid().optional().describe('`next` of the page before'),
  }),
  answer: z.object({
    resources: z.array(Resource),
    next: z.guid().nullable().describe('For `after`; null on the last page'),
  }),
  async handle({ scope, db }, { after, ...filter }) {
    const { resources, next } = await listCatalogued(scope, { filter, after: after ?? null }, db);
    return { resources: resources.map(resourceOf), next };
  },
});

const byId = z.strictObject({ id: z.guid() });

export const resourceById = route({
  path: '/resources/{id}',
  id: 'getResource',
  summary: 'One resource; the id of a further name gives the resource that it means',
  needs: 'registry:read',
  params: byId,
  query: none,
  answer: Resource,
  handle: async ({ scope, db }, { id }) => resourceOf(await getCatalogued(scope, id, db)),
});

export const resourceDefinitions = route({
  path: '/resources/{id}/definitions',
  id: 'listDefinitions',
  summary: 'Digests and states of the definitions that were offered of a tool or MCP server',
  needs: 'registry:read',
  params: byId,
  query: none,
  answer: z.object({
    definitions: z.array(
      z.object({
        id: z.guid(),
        name: z.string(),
        digest: z.string().describe('SHA-256 of its canonical JSON (RFC 8785), hex'),
        bytes: z.number().int(),
        state: z.enum(definitionStates),
        firstAt: z.iso.datetime(),
        lastOn: z.iso.date().describe('The last day on which it came, UTC'),
        decidedAt: time,
      }),
    ),
  }),
  async handle({ scope, db }, { id }) {
    const rows = await listCataloguedDefinitions(scope, id, db);
    return {
      definitions: rows.map((row) => ({
        ...row,
        firstAt: row.firstAt.toISOString(),
        decidedAt: row.decidedAt?.toISOString() ?? null,
      })),
    };
  },
});

export const resourceProposal = command({
  method: 'POST',
  path: '/resources',
  id: 'proposeResource',
  summary: 'Proposes what to say of a resource; nothing of it holds until a person registers it',
  needs: 'registry:write',
  status: 201,
  params: none,
  body: z.strictObject({
    kind: TypeName,
    name: ResourceName,
    ...ResourceAttributes.shape,
    reason: Reason,
  }),
  answer: z.object({ id: z.guid() }),
  async handle({ acting }, _asked, { kind, name, reason, ...attributes }) {
    return { id: await proposeResource(acting, { kind, name, attributes, reason }) };
  },
});

export const zoneList = route({
  path: '/zones',
  id: 'listZones',
  summary: 'Zones, by name',
  needs: 'registry:read',
  params: none,
  query: none,
  answer: z.object({
    zones: z.array(
      z.object({
        id: z.guid(),
        name: z.string(),
        kind: z.enum(zoneKinds),
        environment: z.enum(zoneEnvironments),
        purpose: z.string(),
      }),
    ),
  }),
  handle: async ({ scope, db }) => ({ zones: await listZones(scope, db) }),
});
