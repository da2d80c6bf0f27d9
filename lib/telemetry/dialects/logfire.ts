import type { Claims } from '../claims';
import type { InteractionKind } from '../schema';
import { type DialectRules, kindByPresence } from './dialect';
import {
  isFailedTask,
  kindOfGenai,
  kindOfGenaiRecord,
  kindOfOperation,
  messageBody,
} from './genai';

/** The run of an agent sums up the usage of the calls in it. */
function kindOfRun(claims: Claims): InteractionKind | null {
  if (claims.has('mcpMethod') || claims.has('a2aMethod')) return kindOfGenai(claims);
  if (kindOfOperation(claims) !== null || claims.has('tool') || claims.has('toolCall')) return null;
  return claims.has('agentName') ? 'agent_call' : null;
}

/**
 * Pydantic's Logfire: GenAI's names and some of its own. Its pending spans announce one that is sent again
 * when it ends; see `placeholder`.
 */
export const logfire: DialectRules = {
  name: 'logfire',
  detect: (signs) => signs.has('logfire'),
  kindOf: (claims, { span, record }) => {
    if (record !== null) return kindOfGenaiRecord(claims, span.name);
    return kindOfRun(claims) ?? kindOfOperation(claims) ?? kindByPresence(claims);
  },
  names: {
    agentName: ['agent_name'],
    requestModel: ['model_name'],
    input: ['tool_arguments', 'all_messages_events', 'pydantic_ai.all_messages', 'events'],
    output: ['tool_response', 'final_result'],
  },
  isError: isFailedTask,
  bodyOf: messageBody,
};
