import type { SentResource } from '../sending/attributes';
import type { Actor } from './organisation';

const otherServices: Record<string, string> = {
  'notebook-assistant': 'jupyter-analytics',
  'meeting-notes-bot': 'meetnotes',
};

/** What a program of an actor says of itself with everything that it sends. */
export function makeResource({ name, dialect }: Actor, version: string): SentResource {
  const madeBy = { 'sallyport.made_by': 'simulate' };
  switch (dialect) {
    case 'claude_code':
      return {
        'service.name': 'claude-code',
        'service.version': cliVersionOf(dialect, version),
        'os.type': 'darwin',
        'os.version': '25.1.0',
        'host.arch': 'arm64',
        ...madeBy,
      };
    case 'codex':
      return {
        'service.name': 'codex_tui',
        'service.version': cliVersionOf(dialect, version),
        env: 'dev',
        'telemetry.sdk.name': 'opentelemetry',
        'telemetry.sdk.language': 'rust',
        ...madeBy,
      };
    case 'gemini_cli':
      // Its version there is that of the Node it runs on.
      return { 'service.name': 'gemini-cli', 'service.version': 'v22.21.1', ...madeBy };
    default:
      return {
        'service.name': otherServices[name] ?? name,
        'service.version': version,
        'deployment.environment.name': 'production',
        'telemetry.sdk.name': 'opentelemetry',
        'telemetry.sdk.language': dialect === 'openinference' ? 'python' : 'nodejs',
        ...madeBy,
      };
  }
}

/** As each of them counts its own releases. */
export function cliVersionOf(dialect: Actor['dialect'], version: string): string {
  const releases = Number(version.split('.')[1] ?? 0);
  return dialect === 'claude_code' ? `2.1.${190 + 4 * releases}` : `0.${120 + releases}.0`;
}
