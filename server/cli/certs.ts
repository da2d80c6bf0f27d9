import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { config } from '@/lib/core/config';
import { AppError } from '@/lib/core/errors';
import { keyEncryptionKey } from '@/lib/core/secrets';
import { newKeyPair, pemOf, privateKeyOf } from '@/lib/identities/development-ca/certificates';
import {
  ensureAuthority,
  issueDevelopmentCertificate,
} from '@/lib/identities/development-ca/mutations';
import { developmentCaOff, hasDevelopmentCa } from '@/lib/identities/development-ca/schema';
import { asOperator } from './operator';
import { UsageError } from './usage';

/** `certs issue` and `certs ca`: certificates of the development authority. */
export async function certs([action, ...args]: string[]): Promise<void> {
  if (action !== 'issue' && action !== 'ca')
    throw new UsageError('What to do with certs? `issue` and `ca` are known.');
  if (!hasDevelopmentCa(config())) throw new AppError('forbidden', developmentCaOff);
  return action === 'ca' ? printAuthority(args) : issue(args);
}

async function printAuthority(args: string[]): Promise<void> {
  parseArgs({ args, options: {} });
  const { certificate } = await asOperator((operator) =>
    ensureAuthority({ ...operator, now: new Date(), kek: keyEncryptionKey() }),
  );
  process.stdout.write(pemOf('CERTIFICATE', certificate));
}

/** The key is made here, and nowhere kept but in the file that is written here. */
async function issue(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      identity: { type: 'string' },
      out: { type: 'string' },
      zone: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { identity: name, zone: joinsZone } = values;
  if (name === undefined) throw new UsageError('Whose certificate? Say --identity NAME.');
  const folder = values.out ?? null;
  if (folder === null && !values.json)
    throw new UsageError('Where to? Say --out FOLDER, or --json to have it printed.');
  if (folder !== null) refuseNoFolder(folder);
  const keys = await newKeyPair();
  const issued = await asOperator((operator) =>
    issueDevelopmentCertificate(
      { ...operator, now: new Date(), kek: keyEncryptionKey() },
      { name, publicKey: keys.publicKey, joinsZone },
    ),
  );
  const { identity, spiffeId, expiresAt } = issued;
  const certificate = pemOf('CERTIFICATE', issued.certificate);
  const ca = pemOf('CERTIFICATE', issued.authority);
  const key = pemOf('PRIVATE KEY', await privateKeyOf(keys));
  const files = folder === null ? null : write(folder, identity.name, { certificate, key, ca });
  if (values.json) {
    const told = { identity, spiffeId, expiresAt: expiresAt.toISOString() };
    const given = files === null ? { certificate, key, ca } : { files };
    process.stdout.write(`${JSON.stringify({ ...told, ...given })}\n`);
    return;
  }
  process.stdout.write(`${spiffeId}, good until ${expiresAt.toISOString()}.\n`);
  for (const [what, file] of Object.entries(files ?? {}))
    process.stdout.write(`  ${what.padEnd(12)}${file}\n`);
}

function refuseNoFolder(folder: string): void {
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new UsageError(`${folder} is a file: --out names a folder.`);
  mkdirSync(folder, { recursive: true });
}

/** The names of identities hold nothing that a path would take for more than a name. */
function write(
  folder: string,
  name: string,
  { certificate, key, ca }: { certificate: string; key: string; ca: string },
) {
  const files = {
    certificate: path.resolve(folder, `${name}.pem`),
    key: path.resolve(folder, `${name}.key`),
    ca: path.resolve(folder, 'development-ca.pem'),
  };
  // Anew: one that was there keeps who may read it.
  rmSync(files.key, { force: true });
  writeFileSync(files.key, key, { mode: 0o600, flag: 'wx' });
  writeFileSync(files.certificate, certificate);
  writeFileSync(files.ca, ca);
  return files;
}
