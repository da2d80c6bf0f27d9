import { spanKinds } from '../sending/planned-span';
import type { Session } from './session';
import { phrase, products, prospects, type Slots, staffAddress } from './words';

const found: readonly [about: string, finds: string][] = [
  [
    'news',
    '{prospect} [opens two huts in spring|has a new head of purchasing|was sold to its staff].',
  ],
  [
    'annual report',
    '{prospect}: [income up by {number} %|{number} places to stay|investment in rental gear].',
  ],
  [
    'locations',
    '{prospect} has [{number} places, most of them in the mountains|{number} branches and a central store].',
  ],
  [
    'season',
    '{prospect} [opens in the second week of May|closes for November only|is booked out until September].',
  ],
];

/** A prospect is looked into, and another agent is asked for a price. */
export function sales(session: Session): void {
  const { random } = session;
  const facts = {
    prospect: random.pick(prospects),
    product: random.pick(products),
    number: random.int(2, 18) * 5,
  };
  const isQuote = random.chance(0.5);
  session.instructions =
    'Research prospects for the sales team. Use public sources and the CRM. Ask the pricing agent for quotes.';
  session.converse(staffAddress(random));
  session.hear(
    phrase(
      random,
      isQuote
        ? '[Prepare a quote for {prospect}: {number} × {product}.|{prospect} wants {number} × {product}. What do we offer?]'
        : '[What should I know before I call {prospect}?|I meet {prospect} on Thursday: what do they buy, and when?|What did {prospect} buy before?]',
      facts,
    ),
  );
  session.invoke(() => {
    const { prospect } = facts;
    const crm = session.newCall('crm_search', { company: prospect });
    session.chat('', crm);
    const revenue = Math.round(random.logNormal(14_000, 0.8));
    session.tool(crm, { company: prospect, owner: staffAddress(random), revenue });
    const first = random.int(0, found.length - 1);
    for (let page = random.int(1, 3); page > 0; page -= 1) {
      const [about, finds] = found[(first + page) % found.length] ?? ['news', ''];
      const search = session.newCall('web_search', { query: `${prospect} ${about}` });
      session.chat('', search);
      const inside = () => searchWeb(session);
      session.tool(search, phrase(random, finds, facts), { failureChance: 0.05, inside });
    }
    if (isQuote) askForPrice(session, facts);
    else
      session.chat(
        phrase(
          random,
          '{prospect} [bought from us for {revenue} euros last year|has no framework contract with us]. [Speak about repair service first.|Offer the spring price while it lasts.|Their season starts early, so delivery matters more than price.]',
          { ...facts, revenue },
        ),
      );
  });
}

function searchWeb(session: Session): void {
  session.span(
    'GET',
    {
      'http.request.method': 'GET',
      'url.full': 'https://search.example.net/v1/search',
      'http.response.status_code': 200,
      'server.address': 'search.example.net',
      'server.port': 443,
    },
    session.random.logNormal(0.8, 0.5),
    { kind: spanKinds.client },
  );
}

function askForPrice(session: Session, facts: Slots): void {
  const { random } = session;
  const base = random.int(40, 320);
  const discount = random.pick([0, 5, 8, 12]);
  const price = (base * (1 - discount / 100)).toFixed(2);
  session.ask('pricing-agent', (pricing) => {
    pricing.instructions = 'Quote prices from the list. Never go below the margin of the category.';
    pricing.hear(phrase(random, 'Price for {number} × {product}?', facts));
    const list = pricing.newCall('read_price_list', { product: facts.product ?? '' });
    pricing.chat('', list);
    pricing.tool(list, { base, discount }, { failureChance: 0.004 });
    pricing.chat(
      phrase(random, '{price} EUR [each|apiece], [valid for 30 days|delivery within four weeks].', {
        price,
      }),
    );
  });
  session.chat(
    phrase(
      random,
      '{number} × {product} at {price} EUR [each|apiece]: [the quote is in the CRM|I saved the quote as a draft]. [Mention the repair service.|They buy early in the year.]',
      { ...facts, price },
    ),
  );
}
