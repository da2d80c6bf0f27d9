import { spanKinds } from '../sending/planned-span';
import type { Session } from './session';
import {
  cities,
  firstNames,
  lastNames,
  pastDate,
  phrase,
  products,
  prospects,
  staffAddress,
  suppliers,
} from './words';

const questions: readonly { ask: string; answer: string; source: string }[] = [
  {
    ask: '[How do I|Where can I] [reset the password of|get a new code for] [the till|the label printer|my scanner]?',
    answer:
      'Hold both buttons for five seconds, then enter the code from the [shop|stock room] tablet. [Ask the service desk if the light stays red.|It works again within a minute.]',
    source: 'it/devices',
  },
  {
    ask: '[What|Which] is the [minimum order|lead time] [for|of] {supplier}?',
    answer:
      '{supplier} delivers within {days} working days; below 500 units they add [a surcharge|freight costs]. [The contract of last spring says so.|Buying can confirm it.]',
    source: 'buying/suppliers',
  },
  {
    ask: '[May we|Can we] sell [opened|returned] {product} [at a discount|as second choice]?',
    answer:
      'Yes, [after the check on the returns bench|once graded], up to thirty per cent off; [tag it with the yellow label|it then has a year of warranty].',
    source: 'retail/second-choice',
  },
  {
    ask: '[Who approves|Who signs off] [a refund|a write-off|an express delivery] [over|above] {amount} euros?',
    answer:
      'The shop lead up to 250 euros, above that [the regional manager|finance]. [The form is in the handbook.|It takes a day as a rule.]',
    source: 'finance/limits',
  },
  {
    ask: '[How long do we keep|When do we delete] [delivery addresses|application papers|camera recordings]?',
    answer:
      '[Delivery addresses: three years after the order.|Application papers: six months.|Recordings: three days.] [The retention table has every kind.|Privacy can tell you why.]',
    source: 'legal/retention',
  },
  {
    ask: "[What is new|What changed] in [the spring range|this season's tents|our wool line]?",
    answer:
      'The {product} has [a lighter frame|recycled fabric|a new zip], [and costs ten euros more|at the same price]. [Samples reach the shops next week.|Training is on Thursday.]',
    source: 'range/briefings',
  },
];

/** Someone on the staff asks what the company knows. */
export function knowledge(session: Session): void {
  const { random } = session;
  session.instructions =
    'Answer questions of staff from the documents given. Name the document. Say so when none fits.';
  session.converse(staffAddress(random));
  for (let turn = 0; turn < (random.chance(0.3) ? 2 : 1); turn += 1) {
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
    };
    const question = phrase(random, ask, facts);
    session.hear(question);
    session.invoke(() => {
      session.retrieve('staff-knowledge', question, [
        { id: source, score: 0.87, content: phrase(random, answer, facts) },
        { id: random.pick(questions).source, score: 0.71, content: phrase(random, answer, facts) },
      ]);
      if (random.chance(0.35)) {
        const read = session.newCall('read_document', { path: source });
        session.chat('', read);
        session.mcpTool('docs-mcp-server', read, phrase(random, answer, facts));
      }
      session.chat(`${phrase(random, answer, facts)} (${source})`);
    });
  }
}

const handbook: readonly [ask: string, answer: string][] = [
  [
    '[How many days of leave do I have left|Can I carry over leave into spring]?',
    '[You have {days} days left.|Five days may be carried over until the end of March.]',
  ],
  [
    '[How do I report sick|What do I do when my child is ill]?',
    '[Tell your lead before nine and enter it in the portal.|Ten days a year are paid; enter them as care.]',
  ],
  [
    '[Is parental leave paid|When must I announce parental leave]?',
    '[Announce it eight weeks before.|The state pays, and we add a tenth for a year.]',
  ],
  [
    '[What is the staff discount|May my partner use the staff discount]?',
    '[Forty per cent on our own brand, twenty on others.|Yes, on the same account, up to 1,500 euros a year.]',
  ],
  [
    '[Who pays for a course|May I go to a conference]?',
    '[Your team has a budget; ask your lead first.|Up to {days} days a year, if it fits your work.]',
  ],
];

export function handbookHelper(session: Session): void {
  const { random } = session;
  const [ask, answer] = random.pick(handbook);
  session.instructions = 'Answer from the staff handbook only. Never speak about a colleague.';
  session.converse(staffAddress(random));
  session.hear(phrase(random, ask));
  session.invoke(() => {
    session.retrieve('staff-handbook', phrase(random, ask), [
      { id: `handbook/${random.int(1, 60)}`, score: 0.9 },
    ]);
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
    session.tool(
      match,
      { purchase_order: `PO-${random.int(30_000, 39_999)}`, amount },
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
    const isMatch = random.chance(0.9);
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
    session.tool(list, {
      applications: Array.from({ length: random.int(3, 6) }, () => ({
        id: random.int(4_000, 9_000),
        years: random.int(1, 15),
      })),
    });
    const open = session.newCall('open_application', { id: random.int(4_000, 9_000) });
    session.chat('', open);
    session.tool(
      open,
      phrase(
        random,
        '{years} years [in retail|with similar systems|in logistics], [fluent in German|moving to {city}], [starts at once|three months of notice].',
        { years: random.int(2, 14), city: random.pick(cities) },
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

/** A prospect is looked into, and another agent is asked for a price. */
export function sales(session: Session): void {
  const { random } = session;
  const prospect = random.pick(prospects);
  session.instructions =
    'Research prospects for the sales team. Use public sources and the CRM. Ask the pricing agent for quotes.';
  session.converse(staffAddress(random));
  session.hear(
    phrase(
      random,
      '[What should I know before I call {prospect}?|Prepare a quote for {prospect}: {number} × {product}.|{prospect} asks for rental stock; what did they buy before?]',
      { prospect, product: random.pick(products), number: random.int(2, 40) * 5 },
    ),
  );
  session.invoke(() => {
    const crm = session.newCall('crm_search', { company: prospect });
    session.chat('', crm);
    session.tool(crm, {
      company: prospect,
      owner: staffAddress(random),
      revenue: Math.round(random.logNormal(14_000, 0.8)),
    });
    for (let page = random.int(1, 3); page > 0; page -= 1) {
      const search = session.newCall('web_search', {
        query: phrase(random, '{prospect} [news|annual report|locations|season]', { prospect }),
      });
      session.chat('', search);
      session.tool(
        search,
        phrase(
          random,
          '{prospect} [opens two huts in spring|rents to more than 9,000 guests a year|has a new head of purchasing|looks for lighter gear].',
          { prospect },
        ),
        {
          seconds: 1.1,
          failureChance: 0.05,
          inside: () =>
            session.span(
              'GET',
              {
                'http.request.method': 'GET',
                'url.full': 'https://search.example.net/v1/search',
                'http.response.status_code': 200,
                'server.address': 'search.example.net',
                'server.port': 443,
              },
              random.logNormal(0.8, 0.5),
              { kind: spanKinds.client },
            ),
        },
      );
    }
    if (random.chance(0.5))
      session.ask('pricing-agent', (pricing) => {
        pricing.instructions =
          'Quote prices from the list. Never go below the margin of the category.';
        pricing.hear(
          phrase(random, 'Price for {number} × {product}?', {
            number: random.int(2, 40) * 5,
            product: random.pick(products),
          }),
        );
        const list = pricing.newCall('read_price_list', { segment: 'rental' });
        pricing.chat('', list);
        pricing.tool(list, { base: random.int(40, 320), discount: random.pick([0, 5, 8, 12]) });
        pricing.chat(
          phrase(
            random,
            '{price} EUR [each|apiece], [valid for 30 days|delivery within four weeks].',
            { price: random.int(38, 300) },
          ),
        );
      });
    session.chat(
      phrase(
        random,
        '{prospect} [bought from us twice|has no framework contract|is due for new tents]. [Speak about repair service first.|Offer the spring price while it lasts.|Their season starts early, so delivery matters more than price.]',
        { prospect },
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
