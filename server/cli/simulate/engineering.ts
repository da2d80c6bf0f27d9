import type { Session } from './session';
import { phrase, repositories, staffAddress } from './words';

const files = [
  'src/cart/totals.ts',
  'src/stock/reserve.ts',
  'src/ship/labels.ts',
  'src/api/orders.ts',
  'src/price/rules.ts',
  'src/mail/render.ts',
  'src/auth/session.ts',
  'src/search/rank.ts',
];
const changes =
  '[Round totals once, at the end|Reserve stock in one transaction|Retry labels when the carrier times out|Show the delivery date in the basket|Drop the old price cache|Speed up the search page|Fix the voucher that counted twice|Translate the mail templates|Log the order id everywhere]';

/** A pull request is read file by file, through the repository's MCP server. */
export function review(session: Session): void {
  const { random } = session;
  const repository = random.pick(repositories);
  const number = random.int(2_100, 3_900);
  session.instructions =
    'Review the change. Point at lines. Praise nothing that is only usual. Never approve what you did not read.';
  session.converse(null);
  session.hear(phrase(random, `{repository}#{number}: ${changes}`, { repository, number }));
  session.invoke(() => {
    const get = session.newCall('get_pull_request', { repository, number });
    session.chat('', get);
    session.mcpTool('repo-mcp-server', get, {
      files: random.int(1, 9),
      additions: random.int(4, 400),
      deletions: random.int(0, 120),
    });
    for (let read = random.int(1, 4); read > 0; read -= 1) {
      const file = random.pick(files);
      const diff = session.newCall('get_diff', { repository, number, file });
      session.chat('', diff);
      session.mcpTool(
        'repo-mcp-server',
        diff,
        phrase(
          random,
          '@@ -{line},6 +{line},9 @@ [const|let] [total|held|next] = [sum|await reserve|retry]({file})',
          { line: random.int(8, 300), file: file.split('/').at(-1) ?? '' },
        ),
      );
    }
    const comment = session.newCall('create_review', { repository, number, event: 'COMMENT' });
    session.chat(
      phrase(
        random,
        "[The loop reads the price once per line; read it once before.|A failed reservation leaves the basket locked.|The test would pass without the change.|No remarks: small, named well, tested.|This catch hides the timeout that the caller needs.|The date is formatted in the server's time zone.] [Line {line}.|See line {line} of {file}.]",
        { line: random.int(8, 300), file: random.pick(files) },
      ),
      comment,
    );
    session.mcpTool('repo-mcp-server', comment, { id: random.int(10_000, 99_999) }, 0.6);
    session.chat(phrase(random, '[Left one remark.|Left two remarks.|Nothing to add.]'));
  });
}

const commands = [
  'npm test',
  'npx tsc --noEmit',
  'git diff --stat',
  'git log --oneline -5',
  'npm run lint',
  'rg reserveStock src',
  'ls src',
];

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
    const file = random.pick(files);
    session.hear(
      phrase(
        random,
        `[In {repository}: |]${changes}[, please.|. The tests are red.| and add a test for it.| without touching the interface.]`,
        { repository },
      ),
    );
    session.invoke(() => {
      for (let step = Math.min(22, Math.round(random.logNormal(6, 0.5))); step > 0; step -= 1)
        work(session, file);
      session.chat(
        phrase(
          random,
          '[Done|That works now]: [the total is rounded once|both callers wait for the lock|the retry stops after three times]. [All tests pass.|{count} tests pass, none was changed.|I left the old name as an alias.]',
          { count: random.int(40, 900) },
        ),
      );
    });
  }
}

function work(session: Session, file: string): void {
  const { random } = session;
  const kind = random.next();
  if (kind < 0.4) {
    const read = session.newCall('Read', { file_path: file, limit: 200 });
    session.chat('', read);
    session.tool(
      read,
      phrase(
        random,
        'export [async |]function [total|reserve|render]([cart|order|lines]) {\n  [const held = await lock(order.id);|if (lines.length === 0) return 0;|return lines.map(price).reduce(add, 0);]\n}',
      ),
      { seconds: 0.02, failureChance: 0.015 },
    );
    return;
  }
  if (kind < 0.65) {
    const edit = session.newCall('Edit', {
      file_path: file,
      old_string: phrase(random, '[Math.round(sum)|lock(order)|retries < 9]'),
      new_string: phrase(random, '[roundOnce(sum)|await lock(order.id)|retries < 3]'),
    });
    session.chat(phrase(random, '[|Now the caller.|The fault is here.|One more place.]'), edit);
    session.tool(edit, 'The file has been updated.', { seconds: 0.03, failureChance: 0.03 });
    return;
  }
  const command = random.pick(commands);
  const run = session.newCall('Bash', { command });
  session.chat(phrase(random, '[|Let me run it.|I check what else uses it.]'), run);
  session.tool(
    run,
    phrase(
      random,
      '[{count} passed, 0 failed|{count} passed, 2 failed|no output|src/cart/totals.ts:{count}]',
      { count: random.int(3, 700) },
    ),
    { seconds: command.startsWith('np') ? 9 : 0.1, failureChance: 0.04 },
  );
}

/** An alert wakes it, whatever the hour. */
export function incident(session: Session): void {
  const { random } = session;
  const service = random.pick(repositories);
  session.instructions =
    'Look into the alert. Read only. Propose what a person on call should do, and page them if customers are affected.';
  session.converse(null);
  session.hear(
    phrase(
      random,
      'ALERT {service}: [p99 latency above 2 s for 10 min|error rate 4 %|queue of 12,000 messages|disk 91 % full|certificate ends in 6 days]',
      { service },
    ),
  );
  session.invoke(() => {
    for (let look = random.int(2, 5); look > 0; look -= 1) {
      const name = random.pick([
        'query_metrics',
        'search_logs',
        'list_deployments',
        'describe_pods',
      ]);
      const call = session.newCall(name, { service, minutes: random.pick([15, 30, 60]) });
      session.chat(
        phrase(random, '[|Latency first.|Was something deployed?|What do the logs say?]'),
        call,
      );
      session.tool(
        call,
        phrase(
          random,
          '[p99 2.4 s since {time}|connection pool exhausted ×{count}|no deployment today|3 of 3 pods ready, 1 restarted|cache hit rate fell to 61 %]',
          { time: '10:12', count: random.int(20, 900) },
        ),
        { seconds: 0.8, failureChance: 0.06 },
      );
    }
    const page = session.newCall(random.chance(0.3) ? 'page_on_call' : 'post_summary', { service });
    session.chat(
      phrase(
        random,
        '[The pool is too small for the new workers: raise it to 40.|The carrier answers slowly; our timeout is too long.|A backup runs at that hour; nothing to do.|One pod was restarted for memory and is well.]',
      ),
      page,
    );
    session.tool(page, { ok: true }, { seconds: 0.4 });
  });
}
