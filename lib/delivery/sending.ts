/** How one try went. `isFinal`: another one makes no sense. */
export type Sending = { ok: true } | { ok: false; error: string; isFinal?: true };
