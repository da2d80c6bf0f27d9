import { type Change, changes, commands } from './changes';
import type { Session } from './session';
import { phrase, repositories, staffAddress } from './words';

/** A pull request is read file by file, through the repository's MCP server. */
export function review(session: Session): void {
  const { random } = session;
  const repository = random.pick(repositories);
  const number = random.int(2_100, 3_900);
  const change = random.pick(changes);
  session.instructions =
    'Review the change. Point at lines. Praise nothing that is only usual. Never approve what you did not read.';
  session.converse(null);
  session.hear(`${repository}#${number}: ${change.title}`);
  session.invoke(() => {
    const get = session.newCall('get_pull_request', { repository, number });
    session.chat('', get);
    const [additions, deletions] = [random.int(4, 190), random.int(1, 80)];
    session.mcpTool('repo-mcp-server', get, { files: change.files, additions, deletions });
    for (const [at, file] of change.files.slice(0, random.int(1, 3)).entries()) {
      const [before = '', after = ''] = change.edits[at] ?? [];
      const diff = session.newCall('get_diff', { repository, number, file });
      session.chat('', diff);
      const line = random.int(8, 300);
      session.mcpTool(
        'repo-mcp-server',
        diff,
        `@@ -${line},6 +${line},7 @@\n- ${before}\n+ ${after}`,
      );
    }
    const comment = session.newCall('create_review', { repository, number, event: 'COMMENT' });
    session.chat(
      phrase(random, `${change.remarks}[| See line {line} of {file}.]`, {
        line: random.int(8, 300),
        file: random.pick(change.files),
      }),
      comment,
    );
    session.mcpTool('repo-mcp-server', comment, { id: random.int(10_000, 99_999) }, 0.6);
    session.chat(phrase(random, '[Left one remark.|I left a remark on one line.|Reviewed.]'));
  });
}

/** A developer and a coding agent: read, edit, run, until it works. */
export function coding(session: Session): void {
  const { random } = session;
  const repository = random.pick(repositories);
  session.instructions =
    'You work in the repository of the developer who asks. Read before you edit. Run the tests. Ask before you delete.';
  session.converse(staffAddress(random));
  const turns = random.int(1, 4);
  for (let turn = 0; turn < turns; turn += 1) {
    if (turn > 0) {
      session.wait(random.logNormal(150, 0.8));
      session.newTrace();
      session.forget();
    }
    const change = random.pick(changes);
    const wish =
      '[, please.|. The tests are red.|. Add a test for it.|, without touching the interface.]';
    session.hear(phrase(random, `[In ${repository}: |]${change.title}${wish}`));
    session.invoke(() => work(session, change));
  }
}

function work(session: Session, change: Change): void {
  const { random } = session;
  for (const [at, file] of change.files.entries()) {
    const [before = '', after = ''] = change.edits[at] ?? [];
    const read = session.newCall('Read', { file_path: file, limit: 200 });
    session.chat(
      phrase(random, at === 0 ? '[|I read what is there.]' : '[|Next, {file}.]', { file }),
      read,
    );
    const line = random.int(10, 180);
    const found = `${line}\t${before}\n${line + 1}\t}`;
    if (!session.tool(read, found, { seconds: 0.02, failureChance: 0.015 })) continue;
    if (random.chance(0.4)) run(session, file);
    const edit = session.newCall('Edit', {
      file_path: file,
      old_string: before,
      new_string: after,
    });
    session.chat(phrase(random, '[|Here it is.|This is the place.|Now the caller.]'), edit);
    session.tool(edit, `${file} has been updated.`, { seconds: 0.03, failureChance: 0.03 });
    for (let runs = random.poisson(0.9); runs > 0; runs -= 1) run(session, file);
  }
  session.chat(
    phrase(
      random,
      `${change.done} [All {count} tests pass.|{count} tests pass, none was changed but for the new one.|Nothing else uses it.]`,
      { count: random.int(140, 900) },
    ),
  );
}

function run(session: Session, file: string): void {
  const { random } = session;
  const [command, prints, seconds] = random.pick(commands);
  const call = session.newCall('Bash', { command });
  session.chat(phrase(random, '[|Let me run it.|I check that.]'), call);
  const facts = { count: random.int(140, 900), line: random.int(8, 300), file };
  session.tool(call, phrase(random, prints, facts), { seconds, failureChance: 0.04 });
}

type Alert = { says: string; looks: readonly [tool: string, finds: string][]; ends: string };

const alerts: readonly Alert[] = [
  {
    says: 'p99 latency above 2 s for 10 min',
    looks: [
      ['query_metrics', 'p50 {low} ms, p99 {high} ms; began {minutes} min ago'],
      ['search_logs', 'connection pool exhausted, {count} times in {minutes} min'],
      ['list_deployments', '[none today|one, {minutes} min ago, by the pipeline]'],
    ],
    ends: '[The pool is too small for the new workers: raise it to 40.|One query waits for a lock of the nightly job; it ends by itself.]',
  },
  {
    says: 'error rate 4 %',
    looks: [
      ['search_logs', '{count} × 502 from the carrier, nothing else'],
      ['query_metrics', 'errors rose from 0.1 to 4 % {minutes} min ago'],
      ['describe_pods', '3 of 3 pods ready, none restarted'],
    ],
    ends: '[The carrier answers 502; labels wait in the queue and nothing is lost.|Only one carrier fails: the others take its parcels.]',
  },
  {
    says: 'queue of 12,000 messages',
    looks: [
      ['query_metrics', '{count} messages a minute come in, a third goes out'],
      ['describe_pods', '2 of 4 consumers ready, 2 wait for memory'],
      ['list_deployments', 'one, {minutes} min ago, by the pipeline'],
    ],
    ends: '[The new consumer holds twice the memory; roll it back.|Two consumers wait for memory: the limit is too low since the last release.]',
  },
  {
    says: 'disk 91 % full',
    looks: [
      ['query_metrics', 'grows {low} MB an hour, full in {minutes} hours'],
      ['search_logs', 'the log level is debug since yesterday'],
    ],
    ends: '[Set the log level back; that is where the space goes.|Nothing for tonight: it is full in two days at this rate.]',
  },
];

/** An alert wakes it, whatever the hour. */
export function incident(session: Session): void {
  const { random } = session;
  const service = random.pick(repositories);
  const alert = random.pick(alerts);
  session.instructions =
    'Look into the alert. Read only. Propose what a person on call should do, and page them if customers are affected.';
  session.converse(null);
  session.hear(`ALERT ${service}: ${alert.says}`);
  session.invoke(() => {
    const facts = {
      low: random.int(90, 240),
      high: random.int(2_050, 4_900),
      count: random.int(60, 2_400),
      minutes: random.int(11, 48),
    };
    for (const [name, finds] of alert.looks) {
      const call = session.newCall(name, { service, minutes: random.pick([15, 30, 60]) });
      session.chat(phrase(random, '[||What changed?|What do the logs say?|I look further.]'), call);
      session.tool(call, phrase(random, finds, facts), { seconds: 0.8, failureChance: 0.06 });
    }
    const act = session.newCall(random.chance(0.3) ? 'page_on_call' : 'post_summary', { service });
    session.chat(phrase(random, alert.ends), act);
    session.tool(act, { ok: true }, { seconds: 0.4 });
  });
}
