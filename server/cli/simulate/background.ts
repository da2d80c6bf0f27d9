import { spanKinds } from '../sending/planned-span';
import type { Session } from './session';
import { customerId, orderId, phrase, products } from './words';

const tables = [
  'orders',
  'order_lines',
  'customers',
  'returns',
  'stock_levels',
  'shipments',
  'reviews',
  'prices',
];

function query(
  session: Session,
  operation: string,
  table: string,
  text: string,
  median: number,
): void {
  session.span(
    `${operation} ${table}`,
    {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      'db.collection.name': table,
      'db.namespace': 'warehouse',
      'db.query.text': text,
      'server.address': 'warehouse-db.halden.internal',
      'server.port': 5432,
    },
    session.random.logNormal(median, 0.5),
    { kind: spanKinds.client },
  );
}

function request(
  session: Session,
  {
    method,
    host,
    path,
    failureChance = 0.01,
  }: { method: string; host: string; path: string; failureChance?: number },
): void {
  const isFailed = session.random.chance(failureChance);
  const status = isFailed
    ? session.random.pick([429, 500, 502, 503])
    : method === 'POST'
      ? 201
      : 200;
  session.span(
    `${method} ${path}`,
    {
      'http.request.method': method,
      'url.full': `https://${host}${path}`,
      'http.response.status_code': status,
      'server.address': host,
      'server.port': 443,
    },
    session.random.logNormal(isFailed ? 1.5 : 0.18, 0.6),
    {
      kind: spanKinds.client,
      failure: isFailed ? { type: String(status), message: `The answer was ${status}` } : null,
    },
  );
}

const timed = (name: string) => ({ 'faas.trigger': 'timer', 'faas.name': name });

/** Every night: copies tables, embeds the new reviews, puts a file into a bucket. */
export function etl(session: Session): void {
  const { random } = session;
  session.span('nightly-etl run', timed('nightly-etl'), () => {
    for (const table of tables) {
      query(session, 'SELECT', table, `SELECT * FROM ${table} WHERE changed_at >= $1`, 4);
      query(session, 'COPY', `mart_${table}`, `COPY mart_${table} FROM STDIN`, 6);
    }
    for (let batch = random.int(8, 20); batch > 0; batch -= 1) {
      session.embed(
        Array.from({ length: 16 }, () =>
          phrase(
            random,
            '[Good|Warm|Heavy|Too thin|Lovely|As described], the {product} [kept me dry|lasted one season|fits well|came late].',
            { product: random.pick(products) },
          ),
        ),
      );
      query(
        session,
        'INSERT',
        'review_vectors',
        'INSERT INTO review_vectors (review, vector) VALUES ($1, $2)',
        0.05,
      );
    }
    request(session, {
      method: 'PUT',
      host: 'storage.halden.example',
      path: '/exports/mart.parquet',
    });
  });
}

/** Every quarter of an hour: what the CRM changed, into our own tables. */
export function sync(session: Session): void {
  const { random } = session;
  session.span('crm-sync run', timed('crm-sync'), () => {
    request(session, {
      method: 'GET',
      host: 'api.crmcloud.example',
      path: '/v2/contacts',
      failureChance: 0.02,
    });
    if (random.chance(0.6))
      query(session, 'UPDATE', 'contacts', 'UPDATE contacts SET name = $2 WHERE id = $1', 0.03);
    if (random.chance(0.25))
      request(session, {
        method: 'POST',
        host: 'api.crmcloud.example',
        path: '/v2/notes',
        failureChance: 0.02,
      });
  });
}

/** Every hour: products that changed are embedded again and put into the search index. */
export function indexer(session: Session): void {
  const { random } = session;
  session.span('catalogue-indexer run', timed('catalogue-indexer'), () => {
    query(
      session,
      'SELECT',
      'products',
      'SELECT id, text FROM products WHERE changed_at >= $1',
      0.2,
    );
    for (let batch = random.poisson(3); batch > 0; batch -= 1) {
      session.embed(Array.from({ length: 8 }, () => random.pick(products)));
      request(session, {
        method: 'POST',
        host: 'vectors.halden.internal',
        path: '/collections/catalogue/points',
      });
    }
  });
}

/** Every five minutes: new orders are scored, a batch in one call. */
export function fraud(session: Session): void {
  const { random } = session;
  session.instructions = 'Score each order from 0 to 1 for fraud. Answer with JSON only.';
  session.span('fraud-scorer run', timed('fraud-scorer'), () => {
    const orders = Array.from({ length: 1 + random.poisson(3) }, () => ({
      order: orderId(random),
      customer: customerId(random),
      amount: Number(random.logNormal(90, 0.7).toFixed(2)),
    }));
    session.hear(JSON.stringify(orders));
    session.chat(
      JSON.stringify(
        orders.map(({ order }) => ({ order, score: Number((random.next() ** 3).toFixed(2)) })),
      ),
    );
    query(
      session,
      'INSERT',
      'fraud_scores',
      'INSERT INTO fraud_scores (order_id, score) VALUES ($1, $2)',
      0.02,
    );
    if (random.chance(0.3))
      session.span(
        'send order-holds',
        {
          'messaging.system': 'kafka',
          'messaging.operation.name': 'send',
          'messaging.operation.type': 'send',
          'messaging.destination.name': 'order-holds',
          'server.address': 'kafka.halden.internal',
          'server.port': 9092,
        },
        random.logNormal(0.008, 0.5),
        { kind: spanKinds.producer },
      );
  });
}

/** Every working morning: yesterday in words, by mail. */
export function reports(session: Session): void {
  const { random } = session;
  session.instructions = 'Write the morning report for the managers, from the figures given.';
  session.span('report-mailer run', timed('report-mailer'), () => {
    for (const table of ['mart_orders', 'mart_returns', 'mart_stock_levels'])
      query(session, 'SELECT', table, `SELECT sum(amount) FROM ${table} WHERE day = $1`, 0.8);
    for (const shop of ['Online', 'Leipzig', 'Bergen', 'Zürich', 'Lyon']) {
      session.forget();
      session.hear(
        phrase(random, '{shop}: {orders} orders, {amount} EUR, returns {rate} %.', {
          shop,
          orders: random.int(20, 900),
          amount: random.int(2_000, 90_000),
          rate: random.int(3, 14),
        }),
      );
      session.chat(
        phrase(
          random,
          '[A quiet day|A good day|About as last week] in {shop}; [tents|boots|shells] [sold best|ran low|came back more often].',
          { shop },
        ),
      );
      request(session, { method: 'POST', host: 'mail.halden.example', path: '/v1/messages' });
    }
  });
}

/** A payment provider tells of an event: a call into our house. */
export function payments(session: Session): void {
  incoming(
    session,
    '/hooks/payments',
    '203.0.113.24',
    session.random.pick(['payment.captured', 'payment.failed', 'refund.settled', 'dispute.opened']),
  );
}

/** A carrier tells where a parcel is. */
export function parcels(session: Session): void {
  incoming(
    session,
    '/hooks/parcels',
    '198.51.100.71',
    session.random.pick(['parcel.scanned', 'parcel.delivered', 'parcel.delayed']),
  );
}

function incoming(session: Session, path: string, address: string, event: string): void {
  session.span(
    `POST ${path}`,
    {
      'http.request.method': 'POST',
      'http.route': path,
      'url.path': path,
      'http.response.status_code': 202,
      'client.address': address,
      'webhook.event': event,
    },
    session.random.logNormal(0.03, 0.5),
    { kind: spanKinds.server },
  );
}
