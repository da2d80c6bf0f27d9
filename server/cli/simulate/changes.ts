/** Changes that somebody makes to the programs of the organisation: what was asked, where, and what came of it. */
export type Change = {
  title: string;
  files: readonly string[];
  edits: readonly [before: string, after: string][];
  remarks: string;
  done: string;
};

export const changes: readonly Change[] = [
  {
    title: 'Round totals once, at the end',
    files: ['src/cart/totals.ts', 'src/cart/lines.ts', 'test/cart/totals.test.ts'],
    edits: [
      ['return Math.round(line.price * line.count);', 'return line.price * line.count;'],
      ['return sum;', 'return roundOnce(sum);'],
      ['expect(total).toBe(19.98);', 'expect(total).toBe(19.99);'],
    ],
    remarks:
      '[The discount is still rounded by itself, before the total.|roundOnce rounds half to even, and invoices round half up.|The test would pass without the change: its lines have whole prices.]',
    done: '[Lines keep their fractions, and the total is rounded once.|Only the total is rounded now; the invoice agrees with the basket.]',
  },
  {
    title: 'Reserve stock in one transaction',
    files: ['src/stock/reserve.ts', 'src/stock/release.ts', 'src/orders/place.ts'],
    edits: [
      ['await reserve(line);', 'await tx.reserve(line);'],
      ['for (const line of order.lines)', 'for (const line of inOrderOfId(order.lines))'],
      ['await release(order);', 'throw new OutOfStock(order.id);'],
    ],
    remarks:
      '[Two orders that lock the same lines in another order wait for each other.|A failed reservation leaves the basket locked.|The transaction holds while the payment is asked for: that is seconds.]',
    done: '[Either all lines of an order are held or none.|The lines are locked in the order of their ids, in one transaction.]',
  },
  {
    title: 'Retry labels when the carrier times out',
    files: ['src/ship/labels.ts', 'src/ship/carrier.ts', 'test/ship/labels.test.ts'],
    edits: [
      ['return carrier.label(parcel);', 'return retry(() => carrier.label(parcel), { times: 3 });'],
      ['timeout: 60_000', 'timeout: 8_000'],
      ["it('asks the carrier once'", "it('asks the carrier three times at most'"],
    ],
    remarks:
      '[A label that was made before the timeout is paid for twice: send an idempotency key.|Three tries of eight seconds are longer than the page waits.|Retry only on a timeout; a 400 stays a 400.]',
    done: '[A label is asked for three times at most, with the same key each time.|It gives up after three tries and says which carrier did not answer.]',
  },
  {
    title: 'Show the delivery date in the basket',
    files: ['src/cart/delivery.ts', 'src/cart/basket.tsx', 'src/i18n/en.json'],
    edits: [
      ['<Total value={total} />', '<Delivery day={day} />\n<Total value={total} />'],
      ['return null;', 'return earliestDay(lines, holidays);'],
      ['"basket.total"', '"basket.delivery": "Arrives {day}",\n"basket.total"'],
    ],
    remarks:
      "[The date is formatted in the server's time zone.|A line without stock has no day, and this shows the first of January.|The other four languages have no text for it yet.]",
    done: '[The basket shows the day, or nothing while it is unknown.|The earliest day all lines can arrive stands above the total.]',
  },
  {
    title: 'Fix the voucher that counted twice',
    files: ['src/price/vouchers.ts', 'src/price/rules.ts', 'test/price/vouchers.test.ts'],
    edits: [
      ['vouchers.push(voucher);', 'if (!vouchers.has(voucher.code)) vouchers.add(voucher.code);'],
      ['const vouchers = [];', 'const vouchers = new Set<string>();'],
      ["it('applies a voucher'", "it('applies a voucher once, however often it is entered'"],
    ],
    remarks:
      '[Codes are compared with case here and without it in the shop.|Two requests at once both see an empty set.|Small, named well, tested: no remarks.]',
    done: '[A code counts once, whatever its case.|The second entry is ignored and says so.]',
  },
  {
    title: 'Speed up the search page',
    files: ['src/search/rank.ts', 'src/search/query.ts', 'migrations/0182_search_index.sql'],
    edits: [
      ['SELECT * FROM products', 'SELECT id, name, price FROM products'],
      ['await Promise.all(ids.map(load))', 'await loadAll(ids)'],
      ['CREATE INDEX search', 'CREATE INDEX CONCURRENTLY search'],
    ],
    remarks:
      '[The loop still reads one price per product.|The index cannot be made in the same transaction as the rest.|What did it take before and after? The description gives no figure.]',
    done: '[One query instead of forty: 310 ms became 45.|The page reads three columns and one index now.]',
  },
  {
    title: 'Translate the mail templates',
    files: ['src/mail/render.ts', 'src/mail/templates/shipped.ts', 'src/i18n/de.json'],
    edits: [
      ["render('shipped', order)", "render('shipped', order, customer.language)"],
      ["language = 'en'", 'language: Language'],
      ['"mail.shipped"', '"mail.shipped": "Unterwegs: %s",\n"mail.delivered"'],
    ],
    remarks:
      '[A customer without a language gets an error instead of a mail.|The subject is translated and the preview line is not.|Nothing to add; the fallback is tested.]',
    done: '[Mails follow the language of the customer, English where there is none.|All nine templates take the language; German and French are in.]',
  },
  {
    title: 'Close sessions after thirty minutes',
    files: ['src/auth/session.ts', 'src/auth/cookie.ts', 'test/auth/session.test.ts'],
    edits: [
      ['maxAge: 86_400', 'maxAge: 1_800'],
      ['session.touch();', 'if (!isBackground(request)) session.touch();'],
      ["it('keeps a session'", "it('ends a session that nobody used for thirty minutes'"],
    ],
    remarks:
      '[The polling of the basket keeps every session alive.|The cookie ends and the row stays: who cleans up?|Clocks of two hosts may differ by more than the test allows.]',
    done: '[Sessions end thirty minutes after the last thing a person did.|Polling no longer counts as use.]',
  },
];

/** What is run in a shell, what it prints, and for how long it runs. */
export const commands: readonly [command: string, prints: string, seconds: number][] = [
  [
    'npm test',
    '[{count} passed, 0 failed|{count} passed, 0 failed|{count} passed, 1 failed: {file}]',
    11,
  ],
  [
    'npx tsc --noEmit',
    '[|{file}({line},7): error TS2322: Type string is not assignable to type number.]',
    7,
  ],
  ['npm run lint', '[No problems in {count} files.|{file}:{line} unused variable]', 4],
  ['git diff --stat', '{file} | {line} ++++--', 0.05],
  [
    'git log --oneline -3',
    '[4f1c2a9 Name the currency|b02d7e1 Drop a dead flag|91ac0d3 Mend the flaky test]',
    0.04,
  ],
  ['rg -n "TODO" src', '{file}:{line}: // TODO: ask finance', 0.06],
];
