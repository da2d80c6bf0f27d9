import { spanKinds } from '../sending/planned-span';
import { handbook, questions } from './questions';
import type { Session } from './session';
import {
  cities,
  firstNames,
  lastNames,
  pastDate,
  phrase,
  products,
  staffAddress,
  suppliers,
} from './words';

/** Someone on the staff asks what the company knows. */
export function knowledge(session: Session): void {
  const { random } = session;
  session.instructions =
    'Answer questions of staff from the documents given. Name the document. Say so when none fits.';
  session.converse(staffAddress(random));
  const turns = random.chance(0.3) ? 2 : 1;
  for (let turn = 0; turn < turns; turn += 1) {
    if (turn > 0) {
      session.wait(random.logNormal(40, 0.6));
      session.newTrace();
    }
    const { ask, answer, source } = random.pick(questions);
    const facts = {
      supplier: random.pick(suppliers),
      product: random.pick(products),
      amount: random.int(2, 9) * 100,
      days: random.int(8, 30),
      city: random.pick(cities),
    };
    const question = phrase(random, ask, facts);
    const text = phrase(random, answer, facts);
    session.hear(question);
    session.invoke(() => {
      session.retrieve('staff-knowledge', question, [
        { id: source, score: 0.87, content: text },
        { id: random.pick(questions).source, score: 0.71 },
      ]);
      if (random.chance(0.35)) {
        const read = session.newCall('read_document', { path: source });
        session.chat('', read);
        session.mcpTool('docs-mcp-server', read, text);
      }
      session.chat(`${text} (${source})`);
    });
  }
}

export function handbookHelper(session: Session): void {
  const { random } = session;
  const { ask, answer, source } = random.pick(handbook);
  const question = phrase(random, ask);
  session.instructions = 'Answer from the staff handbook only. Never speak about a colleague.';
  session.converse(staffAddress(random));
  session.hear(question);
  session.invoke(() => {
    session.retrieve('staff-handbook', question, [{ id: source, score: 0.9 }]);
    session.chat(phrase(random, answer, { days: random.int(2, 24) }));
  });
}

/** An invoice in the mailbox: read, matched with its order, and put up for payment or for a person. */
export function invoice(session: Session): void {
  const { random } = session;
  const supplier = random.pick(suppliers);
  const amount = Number(random.logNormal(2_400, 0.9).toFixed(2));
  const number = `${supplier.slice(0, 2).toUpperCase()}-${random.int(10_000, 99_999)}`;
  session.instructions =
    'Read supplier invoices, match them with purchase orders, and propose payment. Never change bank details.';
  session.converse(null);
  session.hear(
    phrase(
      random,
      '[Invoice|Rechnung|Faktura] {number} [of|from] {supplier}, {date}: {product}, {amount} EUR, [net 30|net 14|due at once].',
      {
        number,
        supplier,
        amount,
        product: random.pick(products),
        date: pastDate(random, session.nowUs, 9),
      },
    ),
  );
  session.invoke(() => {
    const read = session.newCall('extract_fields', { document: `${number}.pdf` });
    session.chat('', read);
    session.tool(
      read,
      { number, supplier, amount, currency: 'EUR' },
      { seconds: 1.4, failureChance: 0.04 },
    );
    const match = session.newCall('find_purchase_order', { supplier, amount });
    session.chat('', match);
    const isMatch = random.chance(0.9);
    const ordered = isMatch ? amount : Number((amount * random.between(0.7, 0.97)).toFixed(2));
    session.tool(
      match,
      { purchase_order: `PO-${random.int(30_000, 39_999)}`, amount: ordered },
      {
        inside: () =>
          session.span(
            'SELECT purchase_orders',
            {
              'db.system.name': 'postgresql',
              'db.operation.name': 'SELECT',
              'db.collection.name': 'purchase_orders',
              'db.namespace': 'finance',
              'db.query.text':
                'SELECT id, amount FROM purchase_orders WHERE supplier = $1 AND open',
              'server.address': 'finance-db.halden.internal',
              'server.port': 5432,
            },
            random.logNormal(0.012, 0.6),
            { kind: spanKinds.client },
          ),
      },
    );
    const act = isMatch
      ? session.newCall('propose_payment', { number, amount, due: '30 days' })
      : session.newCall('ask_clerk', { number, question: 'The amount differs from the order.' });
    session.chat('', act);
    session.tool(act, { ok: true }, { seconds: 0.4 });
    session.chat(
      phrase(
        random,
        isMatch
          ? '[Matched|Fits] the order; {amount} EUR [proposed for payment|put up for the next run].'
          : 'The amount [differs from|is above] the order, so [a clerk has to look|I asked the clerk].',
        { amount },
      ),
    );
  });
}

/** The day's expense claims, one after the other, in one run. */
export function expenses(session: Session): void {
  const { random } = session;
  session.instructions =
    'Check expense claims against the travel policy. Flag what a person must see.';
  session.converse(null);
  session.invoke(() => {
    for (let claim = random.int(12, 22); claim > 0; claim -= 1) {
      session.forget();
      session.hear(
        phrase(
          random,
          '{who}: [train|hotel|dinner with a supplier|taxi|fuel] in {city}, {amount} EUR, [receipt attached|no receipt].',
          {
            who: `${random.pick(firstNames)} ${random.pick(lastNames)}`,
            city: random.pick(cities),
            amount: random.logNormal(70, 0.8).toFixed(2),
          },
        ),
      );
      session.chat(
        phrase(
          random,
          '[Within policy.|Fine.|Above the limit for dinner: flagged.|Receipt missing: sent back.]',
        ),
      );
    }
    const file = session.newCall('file_report', { day: pastDate(random, session.nowUs, 1) });
    session.tool(file, { filed: true });
  });
}

export function recruiting(session: Session): void {
  const { random } = session;
  const role = random.pick([
    'Shop lead, Leipzig',
    'Backend engineer',
    'Product designer',
    'Warehouse planner',
    'Buyer, footwear',
  ]);
  session.instructions =
    'Help recruiters to compare applications with the role. Never judge age, origin or family.';
  session.converse(staffAddress(random));
  session.hear(
    phrase(
      random,
      '[Compare|Please read] the new applications for {role} and [name the three closest|tell me who to call first].',
      { role },
    ),
  );
  session.invoke(() => {
    const list = session.newCall('list_applications', { role });
    session.chat('', list);
    const applications = Array.from({ length: random.int(3, 6) }, () => ({
      id: random.int(4_000, 9_000),
      years: random.int(1, 15),
    }));
    session.tool(list, { applications });
    const { id, years } = random.pick(applications);
    const open = session.newCall('open_application', { id });
    session.chat('', open);
    session.tool(
      open,
      phrase(
        random,
        '{years} years [in retail|with similar systems|in logistics], [fluent in German|moving to {city}], [starts at once|three months of notice].',
        { years, city: random.pick(cities) },
      ),
    );
    session.chat(
      phrase(
        random,
        '[Two of them fit the role closely.|One stands out: the experience matches what the role asks for.|None fits fully; the closest lacks the language.] [Shall I propose dates?|I noted the questions for a first call.]',
      ),
    );
  });
}

export function campaign(session: Session): void {
  const { random } = session;
  const product = random.pick(products);
  session.instructions =
    'Write for people who go outdoors. No superlatives, no promises about weather.';
  session.converse(staffAddress(random));
  session.hear(
    phrase(
      random,
      '[Three subject lines|A short text|A post] for the {product}, [for the newsletter|for the shop window|for spring], [quiet|cheerful|for beginners].',
      { product },
    ),
  );
  session.invoke(() => {
    const facts = session.newCall('product_facts', { product });
    session.chat('', facts);
    session.mcpTool('docs-mcp-server', facts, { product, weight: `${random.int(120, 2_400)} g` });
    session.chat(
      phrase(
        random,
        '[For days that begin before the sun does.|Light enough to forget, {product}.|Wet outside, dry inside.] [Made to be mended.|Carries what you need and nothing else.|For the first time out, and the hundredth.]',
        { product },
      ),
    );
  });
}

/** Nobody registered it: a data scientist's notebook. */
export function notebook(session: Session): void {
  const { random } = session;
  session.instructions = 'You help with pandas.';
  for (let cell = random.int(2, 9); cell > 0; cell -= 1) {
    session.hear(
      phrase(
        random,
        '[Plot|Group|Pivot] the [returns|orders|margins] by [week|shop|category] [and drop outliers|for last year|without gift cards].',
      ),
    );
    session.chat(
      phrase(
        random,
        "df.groupby('[week|shop|category]').[amount|margin].[sum|mean|median]()[|.plot()|.round(2)]",
      ),
    );
    session.wait(random.logNormal(90, 0.8));
  }
}

/** Nobody registered this either: it listens to meetings and mails what was said. */
export function meeting(session: Session): void {
  const { random } = session;
  session.instructions = 'Summarise the meeting and list who does what.';
  session.hear(
    phrase(
      random,
      '[Marketing weekly|Spring launch|Agency call]: {a} [shows the drafts|asks for numbers], {b} [wants a decision by Friday|mentions the budget].',
      { a: random.pick(firstNames), b: random.pick(firstNames) },
    ),
  );
  session.chat(
    phrase(random, '{a} [sends the drafts|books the studio], {b} [checks the budget|asks legal].', {
      a: random.pick(firstNames),
      b: random.pick(firstNames),
    }),
  );
  session.span(
    'POST /v3/mail/send',
    {
      'http.request.method': 'POST',
      'url.full': 'https://mail.meetnotes.example/v3/mail/send',
      'http.response.status_code': 202,
      'server.address': 'mail.meetnotes.example',
      'server.port': 443,
      ...session.agent(),
    },
    random.logNormal(0.3, 0.4),
    { kind: spanKinds.client },
  );
}
