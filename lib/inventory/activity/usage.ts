/** SQL: whether the row of `i.` is a call whose tokens and cost count. */
export const isUsage = (i: string) => `${i}kind IN ('inference', 'embedding')`;

/** SQL: whether its cost is known. Senders are not trusted: what is no plausible amount of dollars is unknown. */
export const isCosted = (i: string) => `${isUsage(i)} AND ${i}cost BETWEEN 0 AND 1e6`;
