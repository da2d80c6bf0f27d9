import { credentialKind, isLikelyToken } from './named-secrets';
import { redactText } from './redact';
import { Fault } from './tally';

/** Deeper than any value that is read; of what lies deeper nothing is kept. */
const DEPTH_MAX = 256;

/** OTLP/JSON without its secrets; a Fault where it is not JSON. */
export function redactJson(raw: Buffer): Buffer {
  const text = raw.toString('utf8');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Fault('malformed_item', 'Not JSON.');
  }
  return Buffer.from(JSON.stringify(redacted(parsed, 0)));
}

/** The value itself, or what stands for it; objects and lists are changed in place. */
function redacted(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value, new Map());
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) throw new Fault('too_deep', 'Nested too deep to be looked through.');
  if (Array.isArray(value)) {
    value.forEach((element, at) => {
      value[at] = redacted(element, depth + 1);
    });
    return value;
  }
  // What JSON.parse makes of an object.
  const members = value as Record<string, unknown>;
  const kind = typeof members.key === 'string' ? credentialKind(members.key) : null;
  for (const [name, member] of Object.entries(members)) {
    const own = credentialKind(name);
    if (own !== null && isSecret(own, member)) members[name] = `[redacted:${own}]`;
    else if (name === 'value' && kind !== null && isSecret(kind, member))
      members[name] = { stringValue: `[redacted:${kind}]` };
    else members[name] = redacted(member, depth + 1);
  }
  return members;
}

/** Whether something stands there that may be a secret: flags and nothing at all are none. */
function isSecret(kind: string, value: unknown): boolean {
  const leaves: unknown[] = [value];
  for (let leaf = leaves.pop(); leaf !== undefined; leaf = leaves.pop()) {
    if (typeof leaf === 'object' && leaf !== null)
      for (const inner of Object.values(leaf)) leaves.push(inner);
    else if (kind === 'token') {
      if (typeof leaf === 'string' && isLikelyToken(leaf)) return true;
    } else if (typeof leaf === 'number' || (typeof leaf === 'string' && leaf !== '')) return true;
  }
  return false;
}
