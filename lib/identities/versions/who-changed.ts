const prefixes: Readonly<Record<string, string>> = {
  person: '',
  operator: 'the command line of ',
  api_key: 'the API key ',
};

/** Who changed an identity, as people read it; `names` by id. */
export function whoChanged(by: string, names: ReadonlyMap<string, string>): string {
  if (by === 'rule') return 'the rules of trust';
  const at = by.indexOf(':');
  const [kind, id] = [by.slice(0, at), by.slice(at + 1)];
  const prefix = at < 0 ? undefined : prefixes[kind];
  return prefix === undefined ? by : `${prefix}${names.get(id) ?? id}`;
}
