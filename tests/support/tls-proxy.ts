import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Issued } from './authority';
import { freePort } from './free-port';
import { killed, until } from './gateway-process';

export type ProxyName = 'nginx' | 'haproxy';
/** Whence the proxies come, so that they can be told from whoever connects directly. */
export const PROXY_ADDRESS = '127.0.0.2';

/** Debian puts both where a user's PATH does not look. */
export const programOf = (name: ProxyName): string | undefined =>
  [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file);
        return true;
      } catch {
        return false;
      }
    });

export type TlsProxy = { port: number; stop(): Promise<void> };

/** A proxy before a gateway, with the configuration that the README shows. */
export async function startTlsProxy(
  name: ProxyName,
  {
    server,
    authorities,
    gatewayPort,
    grpcPort,
  }: { server: Issued; authorities: readonly Issued[]; gatewayPort: number; grpcPort: number },
): Promise<TlsProxy> {
  const folder = await mkdtemp(path.join(tmpdir(), `sallyport-${name}-`));
  const port = await freePort();
  await mkdir(path.join(folder, 'tmp'));
  const files = {
    'gateway.pem': name === 'haproxy' ? `${server.pem}\n${server.keyPem}` : server.pem,
    'gateway.key': server.keyPem,
    'authorities.pem': authorities.map(({ pem }) => `${pem}\n`).join(''),
    conf: complete(name, snippetOf(name), folder)
      .replaceAll(`/etc/${name}/`, `${folder}/`)
      .replace(/(listen |bind :)443/, (_, before) => `${before.replace(':', '')}127.0.0.1:${port}`)
      .replace('127.0.0.1:4318', `127.0.0.1:${gatewayPort}`)
      .replace('127.0.0.1:4317', `127.0.0.1:${grpcPort}`),
  };
  for (const [file, text] of Object.entries(files))
    await writeFile(path.join(folder, file), text, { mode: 0o600 });
  const config = path.join(folder, 'conf');
  const child = spawn(
    programOf(name) ?? name,
    name === 'nginx'
      ? [
          '-p',
          folder,
          '-c',
          config,
          '-e',
          'stderr',
          '-g',
          'daemon off; master_process off; pid nginx.pid;',
        ]
      : ['-db', '-f', config],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until(() => listens(child, port, () => said));
  return {
    port,
    async stop() {
      await killed(child, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function snippetOf(name: ProxyName): string {
  const readme = readFileSync(path.join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const snippet = new RegExp(`\`\`\`${name}\n([^]*?)\`\`\``).exec(readme)?.[1];
  if (snippet === undefined) throw new Error(`The README has no configuration of ${name}.`);
  return snippet;
}

/** What a whole configuration has around it here: no root, and an address of its own towards the gateway. */
function complete(name: ProxyName, snippet: string, folder: string): string {
  if (name === 'haproxy')
    return snippet.replaceAll(/( {2}server gateway \S+)/g, `$1 source ${PROXY_ADDRESS}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((each) => `${each}_temp_path ${folder}/tmp;`)
    .join(' ');
  return `events {}\nhttp {\naccess_log off; ${temporary} proxy_bind ${PROXY_ADDRESS}; grpc_bind ${PROXY_ADDRESS};\n${snippet}\n}\n`;
}

async function listens(child: ChildProcess, port: number, said: () => string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`the proxy ended: ${said()}`);
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
