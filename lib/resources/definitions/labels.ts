import type { Approval, DefinitionState } from './schema';

export const definitionStateLabels: Record<DefinitionState, string> = {
  unapproved: 'Unapproved',
  approved: 'Approved',
  rejected: 'Rejected',
};

/** What the definitions of a resource come to, and what follows from it. */
export const approvalLabels: Record<Approval, { word: string; sentence: string }> = {
  none: { word: 'None known', sentence: 'No definition of it was offered to a model yet.' },
  new: {
    word: 'Unapproved',
    sentence: 'Nobody has approved what it says it is. Until somebody does, it is in the sandbox.',
  },
  changed: {
    word: 'Changed',
    sentence:
      'It is defined otherwise than was approved. Whatever trust it had, it is in the sandbox until somebody decides.',
  },
  rejected: {
    word: 'Rejected',
    sentence: 'The definition that was offered last was rejected. It is in the sandbox.',
  },
  approved: { word: 'Approved', sentence: 'What it says it is was approved.' },
};
