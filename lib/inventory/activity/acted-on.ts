/** SQL: what the row of `i` acts on by name: of an inference or embedding, its model. */
export const nameOf = (i: string) =>
  `CASE WHEN ${i}.resource_kind = 'model' THEN ${i}.model WHEN ${i}.resource_kind IS NOT NULL THEN ${i}.resource END`;
