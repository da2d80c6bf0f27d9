import type { SentAttributes } from '../../sending/attributes';
import type { Session } from '../session';
import type { CodingAgent, Consent } from './coding-agent';
import { Terminal } from './terminal';

const info = 9;
const decisions: Record<Consent, readonly [decision: string, source: string]> = {
  settings: ['approved', 'config'],
  person: ['approved', 'user'],
  refused: ['denied', 'user'],
};

/** Codex: log events only, since its metrics go elsewhere unless it is told. */
export function codex(session: Session): CodingAgent {
  const { random, release } = session;
  const terminal = new Terminal(session, { log: 'codex_otel', metric: 'codex' }, 'delta');
  const { developer } = terminal;
  const model = release.model?.name ?? '';
  const standard = {
    'conversation.id': terminal.id,
    'app.version': session.resource['service.version'] ?? '',
    auth_mode: 'Chatgpt',
    originator: 'codex_cli_rs',
    'user.account_id': developer.accountId,
    'user.email': developer.email,
    'terminal.type': 'iTerm.app/3.6.5',
    model,
    slug: model,
  };
  const tell = (name: string, own: SentAttributes) =>
    terminal.log(
      { 'event.name': `codex.${name}`, 'event.timestamp': terminal.timestamp, ...standard, ...own },
      { eventName: 'event otel/src/events/session_telemetry.rs', severity: info },
    );
  const request = (status: number, attempt: number, seconds: number, error: string | null) =>
    tell('api_request', {
      duration_ms: String(Math.round(seconds * 1000)),
      'http.response.status_code': String(status),
      'error.message': error,
      attempt: String(attempt),
      endpoint: '/responses',
    });

  return {
    begin() {
      tell('conversation_starts', {
        ...{ provider_name: 'OpenAI', reasoning_effort: 'medium', reasoning_summary: 'auto' },
        ...{ context_window: '272000', auto_compact_token_limit: '244800' },
        ...{
          approval_policy: 'on-request',
          sandbox_policy: 'workspace-write',
          mcp_servers: 'tickets',
        },
      });
    },
    hear(text) {
      const prompt = developer.tellsPrompts ? text : '[REDACTED]';
      tell('user_prompt', { prompt_length: String(text.length), prompt });
    },
    toolOf(act) {
      switch (act.kind) {
        case 'read':
          return { name: 'shell', args: { command: ['bash', '-lc', `sed -n 1,200p ${act.file}`] } };
        case 'edit':
          return {
            name: 'apply_patch',
            args: {
              input: `*** Begin Patch\n*** Update File: ${act.file}\n-${act.before}\n+${act.after}\n*** End Patch`,
            },
          };
        case 'run':
          return { name: 'shell', args: { command: ['bash', '-lc', act.command] } };
        case 'ask':
          return { name: act.tool, args: act.args };
      }
    },
    answer(_text, _tool, usage) {
      const { inputTokens, cachedTokens, outputTokens, reasoningTokens, seconds } = usage;
      request(200, 0, seconds * 0.2, null);
      tell('sse_event', { 'event.kind': 'response.created', duration_ms: '1' });
      tell('sse_event', {
        'event.kind': 'response.output_item.done',
        duration_ms: String(Math.round(seconds * 800)),
      });
      tell('sse_event', {
        'event.kind': 'response.completed',
        input_token_count: String(inputTokens),
        output_token_count: String(outputTokens),
        cached_token_count: cachedTokens,
        reasoning_token_count: reasoningTokens,
        tool_token_count: String(inputTokens + outputTokens),
      });
    },
    fail: ({ status, message }, attempt, seconds) => request(status, attempt, seconds, message),
    decide(tool, consent) {
      const [decision, source] = decisions[consent];
      tell('tool_decision', { tool_name: tool.name, call_id: tool.id, decision, source });
    },
    use(tool, _consent, { result, failure, seconds }) {
      const { act } = tool;
      tell('tool_result', {
        ...{ tool_name: tool.name, call_id: tool.id, arguments: JSON.stringify(tool.args) },
        duration_ms: String(Math.round(seconds * 1000)),
        success: String(failure === null),
        output: failure ?? result,
        mcp_server: act.kind === 'ask' ? act.server : '',
        mcp_server_origin: act.kind === 'ask' ? 'stdio' : '',
      });
    },
    end() {
      session.wait(random.logNormal(2, 0.5));
    },
  };
}
