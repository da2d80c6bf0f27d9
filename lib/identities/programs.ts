/** Coding agents declare the name of their program, whoever runs them: it says what acts, not who. */
export const programs = {
  claudeCode: ['claude-code'],
  codex: [
    'codex-cli',
    'codex_cli_rs',
    'codex_exec',
    'codex_tui',
    'codex_app_server',
    'codex_mcp_server',
  ],
  geminiCli: ['gemini-cli'],
} as const;
