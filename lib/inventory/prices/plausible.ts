/** In dollars. What a sender says a call cost above this is no plausible amount, and counts as unknown. */
export const costMax = 1_000_000;
