import { spanKinds } from '../sending/planned-span';
import type { Random } from '../sending/random';
import type { Session } from './session';
import {
  cities,
  customerId,
  orderId,
  pastDate,
  phrase,
  products,
  type Slots,
  sewn,
  worn,
} from './words';

/** What customers write about, how they go on, and what they are told. */
type Matter = {
  topic: string;
  opens: string;
  adds: string;
  looks: string;
  answers: string;
  closes: string;
  act: string | null;
  /** What it can be about, and how the order then stands. */
  about?: readonly string[];
  status: string;
};

const matters: readonly Matter[] = [
  {
    topic: 'late parcel',
    status: 'shipped',
    opens:
      '[Hello|Hi there|Good evening], [my parcel {order} was due on {date}|I have been waiting for order {order} since {date}|order {order} still shows as shipped] and [nothing has come|the tracking has not moved|the carrier says it knows nothing of it]. [I leave for {city} on Saturday and need the {product}.|Could you find out where my {product} is?|It holds a {product} that is a present.]',
    adds: '[The address is right, I checked.|A neighbour was home all day.|The number ends in 41, if that helps.]',
    looks:
      '[I look up the order and what the carrier last said.|Let me see where order {order} is.]',
    answers:
      '[Your parcel reached the depot in {city} and is on the van for tomorrow.|The carrier scanned it in {city} last night; it should be with you within two days.|It was held in {city} for a missing house number, which I have added.] [I am sorry about the wait.|You get a message when it is an hour away.]',
    closes:
      '[If it is not there by Friday, we send another {product} at no cost.|I keep an eye on it and write to you if anything changes.]',
    act: 'notify_carrier',
  },
  {
    topic: 'return',
    status: 'delivered',
    about: worn,
    opens:
      '[I would like to send back|How do I return|Can I still return] the {product} from order {order}? [It is a size too small.|The colour is not what the pictures show.|I bought two to try and keep the other.|It was worn once, indoors.]',
    adds: '[I still have the box.|The label came off when I opened it.|I paid with a gift card, by the way.]',
    looks:
      '[I check whether order {order} can still be returned.|One moment, I read the order and our terms for it.]',
    answers:
      '[You have until the end of the month, so yes.|Order {order} is within its sixty days: of course.|That works, as it has not been used outdoors.] [I have made a label for you; it is in your mailbox.|Hand it in at any parcel shop with the code I sent.]',
    closes:
      '[The {amount} euros go back to the way you paid within five days of its arrival.|Once the warehouse has it, you get {amount} euros back.]',
    act: 'create_return_label',
  },
  {
    topic: 'damaged item',
    status: 'delivered',
    about: sewn,
    opens:
      '[The {product} I got on {date} is torn at the seam.|My {product} arrived with a broken buckle (order {order}).|After two nights out the {product} from order {order} lets water in.] [What can you do?|I would rather have it repaired than replaced.|I am quite disappointed.]',
    adds: '[I can send pictures.|It was never folded wet.|The seam is on the left, near the zip.]',
    looks:
      '[I open the order and the history of this product.|Let me see what we know of this one.]',
    answers:
      '[That should not happen to a {product}: it is within its warranty.|I am sorry; this is a fault of ours and not of yours.] [You can choose a repair, which takes ten days, or a new one.|A new one can leave the warehouse today.]',
    closes:
      '[The new {product} is on its way, and you may keep the old one for parts.|The repair shop in {city} expects it; the label is in your mailbox.]',
    act: 'open_warranty_claim',
  },
  {
    topic: 'size advice',
    status: 'delivered',
    about: worn,
    opens:
      '[I am between two sizes of the {product}.|Which size of the {product} fits a person of {height} centimetres?|Does the {product} run small?] [I wear it over a thick jumper.|I walk long days with a heavy load.|My last one from you was an M.]',
    adds: '[I would wear it in {city} as well.|Mostly on rocky ground, with a heavy load.]',
    looks:
      '[I compare the measurements with what other buyers kept.|Let me read the size chart for that.]',
    answers:
      '[For {height} centimetres most people keep the M.|It is cut close: take the larger one for layers.|Nine in ten who doubted kept the larger size.] [It gives a little after the first week.|Both are in stock, so you can try.]',
    closes:
      '[You can send it back for sixty days if I was wrong.|Shall I put it into your basket?]',
    act: null,
  },
  {
    topic: 'invoice copy',
    status: 'delivered',
    opens:
      '[I need the invoice for order {order} again.|My employer wants an invoice for {order} with our address on it.|The invoice of {date} shows the wrong name.] [Could you send it to me?|It is about {amount} euros.]',
    adds: '[The company is in {city}.|Our tax number stands in my account.]',
    looks: '[I fetch the invoice of order {order}.|One moment, I look for it.]',
    answers:
      '[Here it is; it is in your mailbox as a PDF as well.|I have written a new one with the name from your account.] [The old one is void.|It shows {amount} euros, tax included.]',
    closes: '[Anything else I can do?|You find all of them under Orders, too.]',
    act: 'resend_invoice',
  },
  {
    topic: 'order change',
    status: 'paid',
    opens:
      '[Can order {order} go to another address?|I ordered the {product} in the wrong colour (order {order}).|Please add a second {product} to order {order}.] [It was placed an hour ago.|I only noticed now.]',
    adds: '[The new address is with a friend in {city}.|I pay the difference, of course.]',
    looks: '[I see whether it has been packed.|Let me stop it before it is packed.]',
    answers:
      '[It had not been packed yet, so I changed it.|That was just in time: order {order} is as you want it.|It has left already; I have asked the carrier to hand it over in {city}.]',
    closes: '[You get a new confirmation in a minute.|The total is now {amount} euros.]',
    act: 'change_order',
  },
  {
    topic: 'gift card',
    status: 'paid',
    opens:
      '[My gift card over {amount} euros is not accepted.|How much is left on the gift card I used for {order}?|I lost the card, and only have the mail of {date}.] [The shop says the code is unknown.|I tried it twice.]',
    adds: '[It was bought in your shop in {city}.|There may be an O for a zero in it.]',
    looks: '[I check the card.|Let me look at what it was used for.]',
    answers:
      '[The card is good; the code has a zero where you read an O.|There are {amount} euros left on it.|It ended last year, and I have renewed it for you.]',
    closes: '[It is stored in your account now.|Try again; it will work.]',
    act: null,
  },
];

/** Abilities that releases bring, one every four weeks; the oldest is taken out again. */
const newAbilities = [
  'schedule_pickup',
  'apply_goodwill_voucher',
  'verify_serial_number',
  'translate_reply',
  'reserve_in_store',
  'check_stock_nearby',
];

function factsOf(random: Random, { about = products, status }: Matter, atUs: number): Slots {
  return {
    order: orderId(random),
    product: random.pick(about),
    status,
    city: random.pick(cities),
    date: pastDate(random, atUs, 20),
    amount: random.logNormal(85, 0.6).toFixed(2),
    height: random.int(158, 198),
  };
}

/** A customer and the agent, over one to four turns; each turn is a trace. */
export function returns(session: Session): void {
  const { random } = session;
  const matter = random.pick(matters);
  const facts = factsOf(random, matter, session.nowUs);
  const say = (template: string) => phrase(random, template, facts);
  const customer = customerId(random);
  session.instructions =
    'You serve customers of Halden Outdoor. Be brief and kind. Refund only to the way an order was paid. Never tell one customer about another.';
  session.converse(customer);
  session.hear(say(matter.opens));
  session.invoke(() => {
    session.span(
      'search_memory',
      {
        'gen_ai.operation.name': 'search_memory',
        'gen_ai.memory.store.id': 'customer-notes',
        'gen_ai.memory.query.text': matter.topic,
        'gen_ai.memory.record.count': random.int(0, 4),
        ...session.agent(),
      },
      random.logNormal(0.03, 0.5),
    );
    const lookUp = session.newCall('look_up_order', { order: facts.order ?? '' });
    session.chat(say(matter.looks), lookUp);
    session.tool(lookUp, orderOf(random, facts), { inside: () => askOrders(session, facts) });
    if (random.chance(0.6))
      session.retrieve('help-centre', matter.topic, [
        {
          id: `help/${random.int(100, 180)}`,
          score: 0.83,
          content: `How we handle: ${matter.topic}.`,
        },
      ]);
    session.chat(say(matter.answers));
  });
  if (random.chance(0.25)) return;

  session.wait(random.logNormal(45, 0.7));
  session.newTrace();
  session.hear(say(matter.adds));
  session.invoke(() => {
    const ability = newAbilities[Math.floor(session.release.week / 4) % newAbilities.length] ?? '';
    const name = random.chance(0.3) ? ability : matter.act;
    if (name !== null) {
      const act = session.newCall(name, { order: facts.order ?? '', reason: matter.topic });
      session.chat('', act);
      session.tool(act, { done: true, reference: random.hex(8) }, { seconds: 0.5 });
    }
    session.chat(say(matter.closes));
  });
  if (!random.chance(0.45)) return;

  session.wait(random.logNormal(30, 0.7));
  session.newTrace();
  session.hear(
    say(
      '[Thank you!|Great, thanks.|That is all, thank you very much.|Perfect, have a good day.|Thanks, that was quick.]',
    ),
  );
  session.invoke(() => {
    session.chat(
      say(
        '[You are welcome. Enjoy the {product}!|Gladly. Have a good day.|Happy to help; see you outdoors.]',
      ),
    );
    session.span(
      'create_memory',
      {
        'gen_ai.operation.name': 'create_memory',
        'gen_ai.memory.store.id': 'customer-notes',
        'gen_ai.memory.records': JSON.stringify([{ content: `Wrote about: ${matter.topic}.` }]),
        ...session.agent(),
      },
      random.logNormal(0.03, 0.5),
    );
  });
}

const orderOf = (random: Random, { order, product, amount, status }: Slots) => ({
  order,
  status,
  lines: [{ product, quantity: random.int(1, 3), total: amount }],
  paid_with: random.pick(['card', 'invoice', 'gift card']),
});

/** The tool's own call of the shop's interface. */
function askOrders(session: Session, { order = '' }: Slots): void {
  session.span(
    'GET /orders/{id}',
    {
      'http.request.method': 'GET',
      'url.full': `https://orders.halden.internal/orders/${order}`,
      'http.response.status_code': 200,
      'server.address': 'orders.halden.internal',
      'server.port': 443,
    },
    session.random.logNormal(0.07, 0.5),
    { kind: spanKinds.client },
  );
}

/** A mail is sorted into a queue, without anybody who waits for it. */
export function triage(session: Session): void {
  const { random } = session;
  const matter = random.pick(matters);
  const facts = factsOf(random, matter, session.nowUs);
  session.instructions =
    'Sort the mail into one queue: delivery, returns, warranty, billing, advice, other. Answer with JSON only.';
  session.converse(null);
  session.hear(phrase(random, `${matter.opens}[| ${matter.adds}]`, facts));
  session.invoke(() => {
    session.chat(
      JSON.stringify({
        queue: queueOf(matter.topic),
        urgent: random.chance(0.12),
      }),
    );
    const move = session.newCall('assign_ticket', {
      ticket: random.int(88_000, 99_000),
      queue: queueOf(matter.topic),
    });
    session.tool(move, { assigned: true }, { seconds: 0.12, failureChance: 0.012 });
  });
}

const queueOf = (topic: string): string =>
  ({
    'late parcel': 'delivery',
    'damaged item': 'warranty',
    'size advice': 'advice',
    return: 'returns',
  })[topic] ?? 'billing';
