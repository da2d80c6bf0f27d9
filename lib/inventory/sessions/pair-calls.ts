import type { Say, Turn } from './reader';

/** What became of a call that a model asked for. */
export type Outcome = 'answered' | 'none' | 'unknown';
/** A say and where it stands; ids of calls are reused by some senders, so places are what is paired. */
export type Paired = {
  /** Of a model's call: whether a result is among the turns; `unknown` while not all turns are read. */
  outcomes: Map<Say, Outcome>;
  /** Calls as tools tell them whose arguments are those the model's call shows already. */
  repeated: Set<Say>;
  /** Tools' names of results that do not tell it themselves. */
  tools: Map<Say, string>;
};

type Call = Extract<Say, { as: 'call' }>;
type Open = { say: Call; isTaken: boolean };

/** Pairs calls with what tools did and answered: by id where there is one, else by name in order. */
export function pairCalls(turns: readonly Turn[], isComplete: boolean): Paired {
  const paired: Paired = { outcomes: new Map(), repeated: new Set(), tools: new Map() };
  const asked: Open[] = [];
  for (const turn of turns) {
    for (const say of turn.says) {
      if (turn.speaker === 'model' && say.as === 'call') {
        asked.push({ say, isTaken: false });
        paired.outcomes.set(say, isComplete ? 'none' : 'unknown');
      }
    }
    if (turn.speaker !== 'model') answer(turn, asked, paired);
  }
  return paired;
}

function answer(turn: Turn, asked: Open[], paired: Paired): void {
  const call = turn.says.find((say) => say.as === 'call');
  const result = turn.says.find((say) => say.as === 'result');
  const hasEnded = result !== undefined || turn.says.some((say) => say.as === 'error');
  const told = call ?? result;
  const callId = told?.callId ?? null;
  const tool = told?.tool ?? turn.who;
  const open = (matches: (say: Call) => boolean) =>
    asked.find(({ say, isTaken }) => !isTaken && matches(say)) ??
    // The model's own history may tell of a result that the tool told of before.
    asked.find(({ say }) => callId !== null && say.callId === callId);
  const found =
    callId === null
      ? open((say) => say.tool === tool)
      : (open((say) => say.callId === callId) ??
        open((say) => say.callId === null && say.tool === tool));
  if (found === undefined) return;
  found.isTaken = true;
  if (hasEnded) paired.outcomes.set(found.say, 'answered');
  if (call?.as === 'call' && loose(call.text) === loose(found.say.text)) paired.repeated.add(call);
  if (
    result !== undefined &&
    result.as === 'result' &&
    result.tool === null &&
    found.say.tool !== null
  )
    paired.tools.set(result, found.say.tool);
}

const loose = (text: string): string => text.replace(/[\s"'\\]+/g, '');
