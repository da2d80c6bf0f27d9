import { z } from 'zod';
import { ApiScope } from '@/lib/people/api-keys/schema';
import { none, route } from './route';

export const self = route({
  path: '/self',
  id: 'getSelf',
  summary: 'The key that asks: its name, scopes and when it expires',
  needs: null,
  params: none,
  query: none,
  answer: z.object({
    id: z.guid(),
    name: z.string(),
    scopes: z.array(ApiScope),
    expiresAt: z.iso.datetime(),
    networks: z.array(z.string()).nullable().describe('Blocks it may come from; null for anywhere'),
  }),
  handle: async ({ key: { id, name, scopes, expiresAt, cidrs } }) => ({
    id,
    name,
    scopes: [...scopes],
    expiresAt: expiresAt.toISOString(),
    networks: cidrs === null ? null : [...cidrs],
  }),
});
