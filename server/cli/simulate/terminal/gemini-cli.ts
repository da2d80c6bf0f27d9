import type { SentAttributes } from '../../sending/attributes';
import type { Session } from '../session';
import type { CodingAgent, Consent, Tool } from './coding-agent';
import { Terminal } from './terminal';

const decisions: Record<Consent, string> = {
  settings: 'auto_accept',
  person: 'accept',
  refused: 'reject',
};

/** Gemini CLI, which tells prompts unless its developer has switched that off. */
export function geminiCli(session: Session): CodingAgent {
  const { random, release } = session;
  const terminal = new Terminal(session, { log: 'gemini-cli', metric: 'gemini-cli' }, 'cumulative');
  const { developer } = terminal;
  const model = release.model?.name ?? '';
  const authType = { auth_type: 'oauth-personal' };
  const common = {
    'session.id': terminal.id,
    'installation.id': developer.accountId,
    interactive: true,
    'user.email': developer.email,
    ...authType,
  };
  // By default it tells them, so fewer have switched it off than have switched others on.
  const tellsPrompts = developer.tellsPrompts || developer.email.length % 2 === 0;
  const content = (text: string) => (tellsPrompts ? text : null);
  let turn = -1;
  let said: object[] = [];

  const tell = (name: string, own: SentAttributes, body: string) =>
    terminal.log(
      { ...common, 'event.name': name, 'event.timestamp': terminal.timestamp, ...own },
      { body },
    );
  const promptId = () => `${terminal.id}########${turn}`;
  const count = (name: string, value: number, own: SentAttributes) =>
    terminal.count(`gemini_cli.${name}`, '', value, { ...common, ...own });

  return {
    begin() {
      count('session.count', 1, {});
      tell(
        'gemini_cli.config',
        {
          ...{ model, embedding_model: 'gemini-embedding-001', sandbox_enabled: false },
          ...{ approval_mode: 'default', log_user_prompts_enabled: tellsPrompts },
          core_tools_enabled: 'read_file,replace,run_shell_command',
          ...{ mcp_servers: 'tickets', mcp_servers_count: 1, output_format: 'text' },
        },
        'CLI configuration loaded.',
      );
    },
    hear(text) {
      turn += 1;
      said = [{ role: 'user', parts: [{ type: 'text', content: text }] }];
      const told = { prompt_length: text.length, prompt_id: promptId(), prompt: content(text) };
      tell(
        'gemini_cli.user_prompt',
        { ...told, ...authType },
        `User prompt. Length: ${text.length}.`,
      );
    },
    toolOf(act) {
      switch (act.kind) {
        case 'read':
          return { name: 'read_file', args: { file_path: act.file } };
        case 'edit':
          return {
            name: 'replace',
            args: { file_path: act.file, old_string: act.before, new_string: act.after },
          };
        case 'run':
          return { name: 'run_shell_command', args: { command: act.command } };
        case 'ask':
          return { name: act.tool, args: act.args };
      }
    },
    answer(text, tool, usage) {
      const { inputTokens, cachedTokens, reasoningTokens, seconds } = usage;
      // What it thought is told beside what it said.
      const outputTokens = usage.outputTokens - reasoningTokens;
      const ms = Math.round(seconds * 1000);
      const output = { role: 'model', parts: partsOf(text, tool) };
      const finishReasons = ['STOP'];
      tell(
        'gemini_cli.api_request',
        { model, prompt_id: promptId(), request_text: content(JSON.stringify(said.slice(-1))) },
        `API request to ${model}.`,
      );
      session.wait(seconds);
      tell(
        'gemini_cli.api_response',
        {
          ...{ model, prompt_id: promptId(), status_code: 200, duration_ms: ms, ...authType },
          input_token_count: inputTokens,
          output_token_count: outputTokens,
          cached_content_token_count: cachedTokens,
          thoughts_token_count: reasoningTokens,
          tool_token_count: 0,
          total_token_count: inputTokens + outputTokens + reasoningTokens,
          response_text: content(JSON.stringify(output)),
          finish_reasons: finishReasons,
        },
        `API response from ${model}. Status: 200. Duration: ${ms}ms.`,
      );
      tell(
        'gen_ai.client.inference.operation.details',
        {
          'gen_ai.operation.name': 'generate_content',
          'gen_ai.provider.name': 'gcp.gen_ai',
          'gen_ai.request.model': model,
          'gen_ai.response.finish_reasons': finishReasons,
          'gen_ai.usage.input_tokens': inputTokens,
          'gen_ai.usage.output_tokens': outputTokens,
          'gen_ai.input.messages': content(JSON.stringify(said)),
          'gen_ai.output.messages': content(JSON.stringify([output])),
        },
        `GenAI operation details from ${model}. Status: 200. Duration: ${ms}ms.`,
      );
      said.push(output);
      count('api.request.count', 1, { model, status_code: 200 });
      for (const [type, tokens] of [
        ['input', inputTokens],
        ['output', outputTokens],
        ['cache', cachedTokens],
        ['thought', reasoningTokens],
      ] as const)
        count('token.usage', tokens, { model, type });
    },
    fail({ status, type, message }, _attempt, seconds) {
      const ms = Math.round(seconds * 1000);
      const why = { error: message, error_type: type, status_code: status, duration_ms: ms };
      tell(
        'gemini_cli.api_error',
        { model, prompt_id: promptId(), ...why, ...authType },
        `API error for ${model}. Error: ${message}. Duration: ${ms}ms.`,
      );
      count('api.request.count', 1, { model, status_code: status, error_type: type });
    },
    decide(tool, consent) {
      if (consent === 'refused') this.use(tool, consent, { result: '', failure: null, seconds: 0 });
    },
    use(tool, consent, { result, failure, seconds }) {
      const { act, name, args } = tool;
      const ms = Math.round(seconds * 1000);
      const isDone = failure === null && consent !== 'refused';
      const toolType = act.kind === 'ask' ? 'mcp' : 'native';
      const judged = { success: isDone, decision: decisions[consent], tool_type: toolType };
      tell(
        'gemini_cli.tool_call',
        {
          ...{ function_name: name, function_args: content(JSON.stringify(args)) },
          ...{ ...judged, duration_ms: ms, prompt_id: promptId() },
          ...(failure === null ? {} : { error: failure, error_type: 'execution_failed' }),
          mcp_server_name: act.kind === 'ask' ? act.server : null,
          content_length: (failure ?? result).length,
        },
        `Tool call: ${name}. Decision: ${decisions[consent]}. Success: ${isDone}. Duration: ${ms}ms.`,
      );
      said.push({
        role: 'tool',
        parts: [{ type: 'tool_call_response', response: failure ?? result }],
      });
      count('tool.call.count', 1, { function_name: name, ...judged });
      if (isDone && (act.kind === 'read' || act.kind === 'edit')) {
        const operation = act.kind === 'read' ? 'read' : 'update';
        const file = { operation, programming_language: 'TypeScript', lines: random.int(20, 400) };
        tell(
          'gemini_cli.file_operation',
          { tool_name: name, ...file },
          `File operation: ${operation}. Lines: ${file.lines}.`,
        );
        count('file.operation.count', 1, { operation });
      }
    },
    end: () => terminal.export(),
  };
}

function partsOf(text: string, tool: Tool | null): object[] {
  const spoken = text === '' ? [] : [{ type: 'text', content: text }];
  if (tool === null) return spoken;
  return [...spoken, { type: 'tool_call', id: tool.id, name: tool.name, arguments: tool.args }];
}
