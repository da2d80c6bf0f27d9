import { z } from 'zod';

/** What trajectories look like: OpenAI's chat messages, and those of AgentDojo, which are nearly the same. */

const MESSAGES_MAX = 5_000;
/** No run takes longer than a month, and times that do would leave no room for others. */
const SECONDS_MAX = 30 * 86_400;

const Part = z.union([z.string(), z.looseObject({})]);
const Content = z.union([z.string(), z.array(Part)]).nullish();

const Call = z.looseObject({
  id: z.string().nullish(),
  function: z.union([
    z.string(),
    z.looseObject({ name: z.string(), arguments: z.unknown().optional() }),
  ]),
  args: z.unknown().optional(),
});
export type Call = z.infer<typeof Call>;

const Message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: Content,
  tool_calls: z.array(Call).nullish(),
  tool_call_id: z.string().nullish(),
  tool_call_ids: z.array(z.string()).nullish(),
  error: z.string().nullish(),
  is_demo: z.boolean().nullish(),
});
export type Message = z.infer<typeof Message>;

const Messages = z.array(Message).min(1).max(MESSAGES_MAX);

/** A run of AgentDojo or of a benchmark in its format. Whether it was attacked, and how it went, is not read. */
export const DojoRun = z.looseObject({
  suite_name: z.string(),
  pipeline_name: z.string(),
  messages: Messages,
  duration: z.number().positive().max(SECONDS_MAX).nullish(),
});

/** A run of tau-bench. What it was to do, and its reward, is not read. */
export const TauRun = z.looseObject({ traj: Messages });

/** A trajectory of SWE-agent; a hand-made one has a history only. */
export const SweRun = z.looseObject({
  history: Messages.nullish(),
  trajectory: z
    .array(
      z.looseObject({
        action: z.string().nullish(),
        observation: z.string().nullish(),
        response: z.string().nullish(),
        thought: z.string().nullish(),
        execution_time: z.number().min(0).max(SECONDS_MAX).nullish(),
      }),
    )
    .max(MESSAGES_MAX)
    .nullish(),
});
export type SweRun = z.infer<typeof SweRun>;

/** One of the words by which a run of a known form is told from other JSON. */
export const isRunLike = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  ['messages', 'traj', 'trajectory', 'history', 'messages_display'].some((key) => key in value);
