import type { SentAttributes } from '../sending/attributes';
import type { Model } from './organisation';

/** How the instrumentation of an actor writes down what happened: GenAI conventions, or OpenInference. */

export type Call = { id: string; name: string; args: object };
export type Message =
  | { role: 'user'; text: string }
  | { role: 'assistant'; text: string; calls: readonly Call[] }
  | { role: 'tool'; id: string; result: string };

export type Chat = {
  model: Model;
  instructions: string;
  input: readonly Message[];
  /** Null when the call failed. */
  output: Extract<Message, { role: 'assistant' }> | null;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  cost: number | null;
  responseId: string;
};

export function tellChat(chat: Chat): SentAttributes {
  const { model, output, input, instructions } = chat;
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': model.provider,
    'gen_ai.request.model': model.name,
    'server.address': model.host,
    'server.port': 443,
    'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: instructions }]),
    'gen_ai.input.messages': JSON.stringify(input.map(messageOf)),
    ...(output === null
      ? {}
      : {
          'gen_ai.response.model': model.name,
          'gen_ai.response.id': chat.responseId,
          'gen_ai.response.finish_reasons': [output.calls.length > 0 ? 'tool_calls' : 'stop'],
          'gen_ai.usage.input_tokens': chat.inputTokens,
          'gen_ai.usage.output_tokens': chat.outputTokens,
          'gen_ai.usage.cache_read.input_tokens': chat.cachedTokens || null,
          'gen_ai.usage.cost': chat.cost,
          'gen_ai.output.messages': JSON.stringify([messageOf(output)]),
        }),
  };
}

function messageOf(message: Message): object {
  if (message.role === 'user')
    return { role: 'user', parts: [{ type: 'text', content: message.text }] };
  if (message.role === 'tool') {
    const { id, result } = message;
    return { role: 'tool', parts: [{ type: 'tool_call_response', id, response: result }] };
  }
  const said = message.text === '' ? [] : [{ type: 'text', content: message.text }];
  const calls = message.calls.map(({ id, name, args }) => ({
    type: 'tool_call',
    id,
    name,
    arguments: args,
  }));
  return { role: 'assistant', parts: [...said, ...calls] };
}

export function tellChatOpenInference(chat: Chat): SentAttributes {
  const { model, output, input, instructions } = chat;
  const told: Record<string, string | number | null> = {
    'openinference.span.kind': 'LLM',
    'llm.provider': model.provider,
    'llm.model_name': model.name,
    'llm.input_messages.0.message.role': 'system',
    'llm.input_messages.0.message.content': instructions,
  };
  for (const [at, message] of input.entries())
    flatten(told, `llm.input_messages.${at + 1}.message`, message);
  if (output === null) return told;
  flatten(told, 'llm.output_messages.0.message', output);
  return {
    ...told,
    'llm.token_count.prompt': chat.inputTokens,
    'llm.token_count.completion': chat.outputTokens,
    'llm.token_count.total': chat.inputTokens + chat.outputTokens,
    'llm.token_count.prompt_details.cache_read': chat.cachedTokens || null,
    'llm.cost.total': chat.cost,
  };
}

function flatten(told: Record<string, string | number | null>, at: string, message: Message): void {
  told[`${at}.role`] = message.role;
  if (message.role === 'tool') {
    told[`${at}.content`] = message.result;
    told[`${at}.tool_call_id`] = message.id;
    return;
  }
  told[`${at}.content`] = message.text;
  if (message.role === 'user') return;
  for (const [nth, { id, name, args }] of message.calls.entries()) {
    told[`${at}.tool_calls.${nth}.tool_call.id`] = id;
    told[`${at}.tool_calls.${nth}.tool_call.function.name`] = name;
    told[`${at}.tool_calls.${nth}.tool_call.function.arguments`] = JSON.stringify(args);
  }
}

export const tellTool = ({ id, name, args }: Call, result: string | null): SentAttributes => ({
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': name,
  'gen_ai.tool.call.id': id,
  'gen_ai.tool.type': 'function',
  'gen_ai.tool.call.arguments': JSON.stringify(args),
  'gen_ai.tool.call.result': result,
});

export const tellToolOpenInference = (
  { id, name, args }: Call,
  result: string | null,
): SentAttributes => ({
  'openinference.span.kind': 'TOOL',
  'tool.name': name,
  'tool.id': id,
  'input.value': JSON.stringify(args),
  'output.value': result,
});
