/**
 * Secrets that are known by their shape. Data only.
 *
 * INVARIANT: every pattern is linear on hostile text. It is tried where one of its three-character
 * triggers stands, runs over one character class at a time, and fails within a bounded distance or
 * at the end of a run in which it cannot start again.
 */
export type KnownSecret = {
  kind: string;
  /** Three characters each. The pattern is tried where one stands, never elsewhere. */
  triggers: readonly string[];
  /** Sticky. Its first group, if any, is kept: what comes before the secret itself. */
  pattern: RegExp;
  /** A last look at the secret itself, for shapes that ordinary words can have. */
  isSecret?: (secret: string) => boolean;
};

/** Not inside a word; what JSON and URLs escape (`\n`, `\u0022`, `%20`) ends a word too. */
const start = String.raw`(?<=^|[^A-Za-z0-9]|\\[bfnrt]|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2})`;
/** The same where `-` and `_` belong to the run itself. */
const runStart = String.raw`(?<=^|[^A-Za-z0-9_-]|\\[bfnrt]|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2})`;
/** No lower-case words joined by hyphens: `sk-learn-compatible-estimators` is no key. */
const noWords = '(?=[a-z_-]{0,64}[0-9A-Z])';

const shape = (source: string) => new RegExp(source, 'y');
const hexDigits = [...'0123456789abcdef'];

export const knownSecrets: readonly KnownSecret[] = [
  {
    // With the secret key beside it, as credential files and tables write them.
    kind: 'aws_key',
    triggers: ['AKI', 'ASI'],
    pattern: shape(
      `${start}A(?:KIA|SIA)[A-Z0-9]{16,128}(?:[\\s,:;|]{1,4}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=]))?`,
    ),
  },
  {
    kind: 'github_token',
    triggers: ['ghp', 'gho', 'ghu', 'ghs', 'ghr'],
    pattern: shape(`${start}gh[pousr]_[A-Za-z0-9_]{20,255}`),
  },
  {
    kind: 'github_token',
    triggers: ['git'],
    pattern: shape(`${start}github_pat_[A-Za-z0-9_]{20,255}`),
  },
  {
    kind: 'gitlab_token',
    triggers: ['glp'],
    pattern: shape(`${start}glpat-[A-Za-z0-9_.-]{16,255}`),
  },
  {
    kind: 'anthropic_key',
    triggers: ['sk-'],
    pattern: shape(`${start}sk-ant-[A-Za-z0-9_-]{16,512}`),
  },
  {
    kind: 'openai_key',
    triggers: ['sk-'],
    pattern: shape(`${start}sk-(?:${noWords}[A-Za-z0-9_-]{20,512}|[A-Za-z0-9]{20,512})`),
  },
  {
    kind: 'google_key',
    triggers: ['AIz'],
    pattern: shape(`${start}AIza[A-Za-z0-9_-]{30,64}`),
  },
  {
    kind: 'google_token',
    triggers: ['ya2'],
    pattern: shape(`${start}ya29\\.[A-Za-z0-9_-]{20,2048}`),
  },
  {
    kind: 'slack_token',
    triggers: ['xox', 'xap'],
    pattern: shape(`${start}(?:xox[abceoprs]|xapp)-(?=[A-Za-z-]{0,32}[0-9])[A-Za-z0-9-]{10,512}`),
  },
  {
    kind: 'stripe_key',
    triggers: ['sk_', 'rk_'],
    pattern: shape(`${start}[sr]k_(?:live|test)_[A-Za-z0-9]{10,255}`),
  },
  {
    kind: 'stripe_key',
    triggers: ['whs'],
    pattern: shape(`${start}whsec_[A-Za-z0-9+/=]{16,255}`),
  },
  { kind: 'npm_token', triggers: ['npm'], pattern: shape(`${start}npm_[A-Za-z0-9]{30,255}`) },
  {
    kind: 'pypi_token',
    triggers: ['pyp'],
    pattern: shape(`${start}pypi-${noWords}[A-Za-z0-9_-]{16,512}`),
  },
  {
    kind: 'huggingface_token',
    triggers: ['hf_'],
    pattern: shape(`${start}hf_[A-Za-z0-9]{20,255}`),
  },
  {
    kind: 'sendgrid_key',
    triggers: ['SG.'],
    pattern: shape(`${start}SG\\.[A-Za-z0-9_-]{16,128}\\.[A-Za-z0-9_-]{16,128}`),
  },
  {
    kind: 'twilio_key',
    triggers: hexDigits.map((digit) => `SK${digit}`),
    pattern: shape(`${start}SK[0-9a-f]{32}(?![A-Za-z0-9])`),
  },
  {
    kind: 'jwt',
    triggers: ['eyJ'],
    pattern: shape(
      `${runStart}eyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]*(?:\\.[A-Za-z0-9_-]+){0,2}`,
    ),
  },
  {
    // To its end line, without crossing a JSON string's quote; cut short, as far as it looks like one.
    kind: 'private_key',
    triggers: ['BEG'],
    pattern: shape(
      `(?<=-----)BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:(?:[^-"]|-(?!----)){0,16384}-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|(?:[A-Za-z0-9+/=\\s]|\\\\{1,8}[nr]){0,16384})`,
    ),
  },
  {
    kind: 'bearer',
    triggers: ['Bea', 'bea', 'BEA'],
    pattern: shape(`((?:Bearer|bearer|BEARER)\\s{1,4})[A-Za-z0-9._~+/=-]{8,16384}`),
    isSecret: (secret) => /\d/.test(secret) || secret.length >= 32,
  },
  {
    kind: 'basic',
    triggers: ['Bas', 'bas', 'BAS'],
    pattern: shape(`((?:Basic|basic|BASIC)\\s{1,4})[A-Za-z0-9+/]{4,4096}={0,2}`),
    // RFC 7617: what is encoded is text with a colon; the word `authentication` is none.
    isSecret: (secret) =>
      /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(secret, 'base64').toString('latin1')),
  },
  {
    kind: 'url_password',
    triggers: ['://'],
    pattern: shape(`(://[^\\s:@/?#"'\\\\<>]{0,128}:)[^\\s/?#"\\\\<>]{1,256}(?=@)`),
  },
  {
    kind: 'sallyport_key',
    triggers: ['slp'],
    pattern: shape(`${start}slp_[a-z]{2,4}_[A-Za-z0-9_-]{8,255}`),
  },
];

/** A secret cut off at the end of a fact, too short for its shape: what is left of it goes too. */
export const unfinishedSecret =
  /(?:AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|sk-|AIza|ya29\.|xox[abceoprs]-|xapp-|[sr]k_(?:live|test)_|whsec_|npm_|pypi-|hf_|SG\.|SK[0-9a-f]|eyJ|slp_|[Bb]earer\s|[Bb]asic\s|:\/\/[^\s:@/]{0,128}:)[^\s"]{0,256}$/;
