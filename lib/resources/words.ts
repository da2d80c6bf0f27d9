/** What can be said of a resource. Of each the last is the worst, and what nobody said counts as that or worse. */
export const classifications = [
  'public',
  'internal',
  'confidential',
  'personal',
  'secret',
] as const;
export type Classification = (typeof classifications)[number];

/** Of what comes out of it. */
export const trusts = ['trusted', 'untrusted', 'sandbox'] as const;
export type Trust = (typeof trusts)[number];

export const sideEffects = ['none', 'write', 'send', 'money', 'execute', 'delete'] as const;
export type SideEffect = (typeof sideEffects)[number];

export const resourceStates = ['observed', 'proposed', 'registered', 'retired'] as const;
export type ResourceState = (typeof resourceStates)[number];
