/** What a coding agent does, whichever it is; each writes it down in its own way. */

export type Act =
  | { kind: 'read'; file: string }
  | { kind: 'edit'; file: string; before: string; after: string }
  | { kind: 'run'; command: string }
  | { kind: 'ask'; server: string; tool: string; args: object };

/** What came of it; a failure says why. */
export type Done = { result: string; failure: string | null; seconds: number };

export type Tool = { id: string; name: string; args: object; act: Act };
/** Who let it happen: the settings, or the person. */
export type Consent = 'settings' | 'person' | 'refused';

export type Usage = {
  /** All that went in, whether it was cached or not. */
  inputTokens: number;
  cachedTokens: number;
  /** Put into the cache by this call. */
  newlyCachedTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  seconds: number;
};

export type CodingAgent = {
  begin(): void;
  hear(prompt: string): void;
  toolOf(act: Act): Omit<Tool, 'id' | 'act'>;
  /** The model answered, and asks for a tool or for nothing more. */
  answer(text: string, tool: Tool | null, usage: Usage): void;
  /** The model could not be reached. */
  fail(
    failure: { status: number; type: string; message: string },
    attempt: number,
    seconds: number,
  ): void;
  decide(tool: Tool, consent: Consent): void;
  use(tool: Tool, consent: Consent, done: Done): void;
  end(): void;
};
