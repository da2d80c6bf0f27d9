/** Stands for nothing acted on, or nothing named. */
export const noTerm = '00000000-0000-0000-0000-000000000000';
/** Stands for the names that were too many for their hour. */
export const otherTerm = '00000000-0000-0000-0000-000000000001';
/** Stands for names of which every entry was erased. */
export const erasedTerm = '00000000-0000-0000-0000-000000000002';
