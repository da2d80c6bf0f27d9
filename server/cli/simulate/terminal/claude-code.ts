import type { SentAttributes } from '../../sending/attributes';
import { digestOf } from '../../sending/random';
import type { Session } from '../session';
import type { CodingAgent, Consent, Tool } from './coding-agent';
import { Terminal } from './terminal';

const redacted = '<REDACTED>';
const sources: Record<Consent, string> = {
  settings: 'config',
  person: 'user_temporary',
  refused: 'user_reject',
};

/** Claude Code, told to send its logs and metrics, and what its tools are called with. */
export function claudeCode(session: Session): CodingAgent {
  const { random, release } = session;
  const terminal = new Terminal(
    session,
    { log: 'com.anthropic.claude_code.events', metric: 'com.anthropic.claude_code' },
    'delta',
  );
  const { developer } = terminal;
  const model = release.model?.name ?? '';
  const person = {
    'session.id': terminal.id,
    'user.id': developer.deviceId,
    'user.email': developer.email,
    'user.account_uuid': developer.accountId,
    'organization.id': organizationId,
    'terminal.type': terminals[developer.email.length % terminals.length] ?? 'vscode',
  };
  const standard = { ...person, 'app.version': session.resource['service.version'] ?? '' };
  let prompt: string | null = null;

  const tell = (name: string, own: SentAttributes) =>
    terminal.log(
      {
        ...standard,
        'event.name': name,
        'event.timestamp': terminal.timestamp,
        'event.sequence': terminal.nextInSequence,
        'prompt.id': prompt,
        ...own,
      },
      { body: `claude_code.${name}` },
    );
  const count = (name: string, unit: string, value: number, own: SentAttributes = {}) =>
    terminal.count(`claude_code.${name}`, unit, value, { ...person, ...own });
  const told = (text: string) => (developer.tellsPrompts ? text : redacted);

  return {
    begin() {
      count('session.count', '', 1, { start_type: 'fresh' });
      tell('mcp_server_connection', {
        ...{ status: 'connected', server_name: 'tickets', transport_type: 'stdio' },
        ...{ server_scope: 'project', duration_ms: String(random.int(180, 2_400)) },
      });
    },
    hear(text) {
      prompt = terminal.uuid();
      tell('user_prompt', { prompt_length: String(text.length), prompt: told(text) });
    },
    toolOf(act) {
      switch (act.kind) {
        case 'read':
          return { name: 'Read', args: { file_path: act.file } };
        case 'edit':
          return {
            name: 'Edit',
            args: { file_path: act.file, old_string: act.before, new_string: act.after },
          };
        case 'run':
          return { name: 'Bash', args: { command: act.command } };
        case 'ask':
          return { name: 'mcp_tool', args: act.args };
      }
    },
    answer(text, _tool, usage) {
      const { inputTokens, cachedTokens, newlyCachedTokens, outputTokens, seconds } = usage;
      const freshTokens = inputTokens - cachedTokens - newlyCachedTokens;
      const { inputPrice = 0, outputPrice = 0 } = release.model ?? {};
      const micros = Math.round(
        freshTokens * inputPrice +
          cachedTokens * inputPrice * 0.1 +
          newlyCachedTokens * inputPrice * 1.25 +
          outputTokens * outputPrice,
      );
      tell('api_request', {
        model,
        input_tokens: String(freshTokens),
        output_tokens: String(outputTokens),
        cache_read_tokens: String(cachedTokens),
        cache_creation_tokens: String(newlyCachedTokens),
        cost_usd: String(micros / 1e6),
        cost_usd_micros: micros,
        duration_ms: String(Math.round(seconds * 1000)),
        ttft_ms: Math.round(seconds * random.between(150, 500)),
        speed: 'normal',
        query_source: 'repl_main_thread',
        request_id: `req_${random.hex(24)}`,
        client_request_id: terminal.uuid(),
      });
      for (const [type, tokens] of [
        ['input', freshTokens],
        ['output', outputTokens],
        ['cacheRead', cachedTokens],
        ['cacheCreation', newlyCachedTokens],
      ] as const)
        count('token.usage', 'tokens', tokens, { type, model });
      count('cost.usage', 'USD', micros / 1e6, { model });
      count('active_time.total', 's', Math.round(seconds), { type: 'cli' });
      if (text !== '')
        tell('assistant_response', {
          response_length: String(text.length),
          response: told(text),
          model,
        });
    },
    fail({ status, message }, attempt, seconds) {
      tell('api_error', {
        ...{ model, error: message, status_code: String(status), attempt: String(attempt) },
        ...{ duration_ms: String(Math.round(seconds * 1000)), speed: 'normal' },
        request_id: `req_${random.hex(24)}`,
      });
    },
    decide(tool, consent) {
      tell('tool_decision', {
        ...{ tool_name: tool.name, tool_use_id: tool.id, source: sources[consent] },
        tool_source: tool.act.kind === 'ask' ? 'mcp' : 'builtin',
        decision: consent === 'refused' ? 'reject' : 'accept',
        tool_parameters: parametersOf(tool),
      });
      if (tool.act.kind === 'edit')
        count('code_edit_tool.decision', '', 1, {
          ...{ tool_name: tool.name, source: sources[consent] },
          decision: consent === 'refused' ? 'reject' : 'accept',
        });
    },
    use(tool, consent, { result, failure, seconds }) {
      tell('tool_result', {
        ...{ tool_name: tool.name, tool_use_id: tool.id, success: String(failure === null) },
        duration_ms: String(Math.round(seconds * 1000)),
        ...{ decision_type: 'accept', decision_source: sources[consent] },
        ...(failure === null ? {} : { error_type: 'ToolError', error: failure }),
        tool_input_size_bytes: String(JSON.stringify(tool.args).length),
        tool_result_size_bytes: String((failure ?? result).length),
        mcp_server_scope: tool.act.kind === 'ask' ? 'project' : null,
        tool_input: JSON.stringify(tool.args),
        tool_parameters: parametersOf(tool),
      });
      if (tool.act.kind === 'edit' && failure === null)
        for (const [type, text] of [
          ['added', tool.act.after],
          ['removed', tool.act.before],
        ] as const)
          count('lines_of_code.count', '', text.split('\n').length, { type, model });
    },
    end: () => terminal.export(),
  };
}

const terminals = ['vscode', 'iTerm.app', 'ghostty', 'tmux'];
const organizationId = `${digestOf('organisation').slice(0, 8)}-4c1e-4f7a-9d02-5b8e6a3f1c47`;

/** What its log events say of a tool beside its name, which for all tools of MCP servers is the same. */
function parametersOf({ act, args }: Tool): string | null {
  if (act.kind === 'run')
    return JSON.stringify({ bash_command: act.command.split(' ')[0], full_command: act.command });
  if (act.kind === 'ask')
    return JSON.stringify({ mcp_server_name: act.server, mcp_tool_name: act.tool, ...args });
  return null;
}
