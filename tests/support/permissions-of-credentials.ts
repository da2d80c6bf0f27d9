import type { Permission } from '@/lib/people/permissions';

/** Rows of the permission matrix: what the pages of credentials and their actions ask for. */
export const credentialActions: Record<string, Permission> = {
  'app/(console)/credentials/actions.ts#addCredential': 'registry.write',
  'app/(console)/credentials/actions.ts#revoke': 'registry.stop',
  'app/(console)/credentials/actions.ts#rotate': 'registry.write',
  'app/(console)/credentials/authorities/actions.ts#believeAuthority': 'registry.write',
  'app/(console)/credentials/authorities/actions.ts#believeIssuer': 'registry.write',
  'app/(console)/credentials/authorities/actions.ts#changeIssuerKeys': 'registry.write',
  'app/(console)/credentials/authorities/actions.ts#readAuthority': 'registry.write',
  'app/(console)/credentials/authorities/actions.ts#revokeAuthority': 'registry.write',
  'app/(console)/credentials/authorities/actions.ts#revokeTokenIssuer': 'registry.write',
  'app/(console)/credentials/authorities/actions.ts#rotateAuthority': 'registry.write',
  'app/(console)/credentials/authorities/actions.ts#trimAuthority': 'registry.write',
  'app/(console)/credentials/elsewhere/actions.ts#changeSecret': 'registry.write',
  'app/(console)/credentials/elsewhere/actions.ts#noteRotated': 'registry.write',
  'app/(console)/credentials/elsewhere/actions.ts#noteSecret': 'registry.write',
  'app/(console)/credentials/elsewhere/actions.ts#removeSecret': 'registry.write',
};

export const credentialPages: Record<string, Permission> = {
  '/credentials': 'console.read',
  '/credentials/authorities': 'console.read',
  '/credentials/elsewhere': 'console.read',
};
