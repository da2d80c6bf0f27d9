import { z } from 'zod';
import { attestPosture } from '@/lib/identities/posture/attest';
import { getPosture } from '@/lib/identities/posture/queries';
import { AttestPosture } from '@/lib/identities/posture/schema';
import { none, proven, route } from './route';

const byId = z.strictObject({ id: z.guid() });
const Value = z
  .union([z.boolean(), z.number(), z.string()])
  .describe('As its type is registered; a decimal as its digits');
const fields = {
  name: z.string(),
  value: Value,
  measured_at: z.iso.datetime(),
  until: z.iso.datetime().describe('From then on it counts as absent'),
};

export const postureOfIdentity = route({
  path: '/identities/{id}/posture',
  id: 'getPosture',
  summary: 'What attesters say of the state an identity is in, as far as it holds now',
  needs: 'registry:read',
  params: byId,
  query: none,
  answer: z.object({
    facts: z.array(
      z.object({ ...fields, attester: z.guid().describe('The id of the identity that says so') }),
    ),
  }),
  handle: async ({ scope, db, now }, { id }) => ({
    facts: (await getPosture(scope, id, now, db)).map(
      ({ name, value, measuredAt, until, source }) => ({
        name,
        value,
        measured_at: measuredAt.toISOString(),
        until: until.toISOString(),
        attester: source,
      }),
    ),
  }),
});

export const postureAttestation = proven({
  method: 'PUT',
  path: '/identities/{id}/posture',
  id: 'attestPosture',
  summary:
    'Sets down what a registered attester measured of another identity: all of it, or nothing. Asked by a certificate, registered key or federated token of that attester',
  params: byId,
  body: AttestPosture,
  bytesMax: 64 * 1024,
  answer: z.object({
    facts: z.array(
      z.object({
        ...fields,
        is_new: z.boolean().describe('Whether another value, or none, held until now'),
      }),
    ),
  }),
  handle: async (ctx, { id }, body) => ({
    facts: (await attestPosture(ctx, id, body)).facts.map(
      ({ name, value, measuredAt, until, isNew }) => ({
        name,
        value,
        measured_at: measuredAt.toISOString(),
        until: until.toISOString(),
        is_new: isNew,
      }),
    ),
  }),
});
