import type { Classification, ResourceState, SideEffect, Trust } from './words';

export const classificationLabels: Record<Classification, string> = {
  public: 'Public',
  internal: 'Internal',
  confidential: 'Confidential',
  personal: 'Personal',
  secret: 'Secret',
};

export const trustLabels: Record<Trust, string> = {
  trusted: 'Trusted',
  untrusted: 'Untrusted',
  sandbox: 'Sandbox',
};

export const sideEffectLabels: Record<SideEffect, string> = {
  none: 'None',
  write: 'Writes',
  send: 'Sends',
  money: 'Moves money',
  execute: 'Executes',
  delete: 'Deletes',
};

export const resourceStateLabels: Record<ResourceState, string> = {
  observed: 'Observed',
  proposed: 'Proposed',
  registered: 'Registered',
  retired: 'Retired',
};
