/** What a worker can be started for. `signer` is accepted, and has nothing to do yet. */
export const workerRoles = ['projections', 'delivery', 'signer'] as const;
export type WorkerRole = (typeof workerRoles)[number];

export type WorkerArguments = { roles: WorkerRole[]; rebuild: string[] };

const usage =
  'Usage: worker [--roles projections,delivery,signer] [--rebuild PROJECTION], where --rebuild reads the log again for that projection.';

/** Reads the arguments. Throws a sentence about the first that it does not know. */
export function parseArguments(
  argv: readonly string[],
  projections: readonly string[],
): WorkerArguments {
  const parsed: WorkerArguments = { roles: ['projections', 'delivery'], rebuild: [] };
  for (let at = 0; at < argv.length; at += 2) {
    const [option, value] = [argv[at], argv[at + 1]];
    if (value === undefined) throw new Error(`${option} needs a value. ${usage}`);
    if (option === '--roles') parsed.roles = value.split(',').map(roleOf);
    else if (option === '--rebuild') parsed.rebuild.push(knownOf(value, projections));
    else throw new Error(`${option} is not an option. ${usage}`);
  }
  return parsed;
}

function roleOf(name: string): WorkerRole {
  const role = workerRoles.find((known) => known === name.trim());
  if (role === undefined)
    throw new Error(`"${name}" is not a role of the worker; there are ${workerRoles.join(', ')}.`);
  return role;
}

function knownOf(name: string, projections: readonly string[]): string {
  if (projections.includes(name)) return name;
  throw new Error(`"${name}" is not a projection; there are ${projections.join(', ')}.`);
}
