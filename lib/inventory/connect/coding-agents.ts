import { exports } from './shell-quote';
import { bearerHeader, otlpEnvironment, type Snippet, type Target } from './snippet';

const claudeVariables = (target: Target): Record<string, string> => ({
  CLAUDE_CODE_ENABLE_TELEMETRY: '1',
  CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: '1',
  OTEL_LOGS_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'otlp',
  OTEL_TRACES_EXPORTER: 'otlp',
  ...otlpEnvironment(target),
  // As its own documentation has it: not percent-encoded.
  OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer ${target.key}`,
  OTEL_LOG_USER_PROMPTS: '1',
  OTEL_LOG_ASSISTANT_RESPONSES: '1',
  OTEL_LOG_TOOL_DETAILS: '1',
  OTEL_LOG_TOOL_CONTENT: '1',
});

export const claudeCode = (target: Target): Snippet[] => [
  { title: 'Shell, before claude', code: exports(claudeVariables(target)) },
  {
    title: 'Or for everybody: managed-settings.json',
    file: 'managed-settings.json',
    code: `${JSON.stringify({ env: claudeVariables(target) }, null, 2)}\n`,
  },
];

// A basic string of TOML takes the escapes of JSON.
const quoted = (text: string) => JSON.stringify(text);

export function codex({ gatewayUrl, key }: Target): Snippet[] {
  const exporter = (name: string, path: string) => `[otel.${name}."otlp-http"]
endpoint = ${quoted(`${gatewayUrl.replace(/\/$/, '')}/v1/${path}`)}
protocol = "binary"

[otel.${name}."otlp-http".headers]
authorization = ${quoted(`Bearer ${key}`)}
`;
  return [
    {
      title: '~/.codex/config.toml',
      file: 'config.toml',
      code: [
        '[otel]\nlog_user_prompt = true\n',
        exporter('exporter', 'logs'),
        exporter('trace_exporter', 'traces'),
        exporter('metrics_exporter', 'metrics'),
      ].join('\n'),
    },
  ];
}

export const geminiCli = ({ gatewayUrl, key }: Target): Snippet[] => [
  {
    title: '~/.gemini/settings.json',
    file: 'settings.json',
    code: `${JSON.stringify(
      {
        telemetry: {
          enabled: true,
          target: 'local',
          otlpEndpoint: gatewayUrl,
          otlpProtocol: 'http',
          logPrompts: true,
          traces: true,
        },
      },
      null,
      2,
    )}\n`,
  },
  {
    title: 'Shell, before gemini',
    code: exports({ OTEL_EXPORTER_OTLP_HEADERS: bearerHeader(key) }),
  },
];
