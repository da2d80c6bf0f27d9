/** The command line was not understood: its sentence is followed by the usage. */
export class UsageError extends Error {}
