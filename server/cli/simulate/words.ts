import type { Random } from '../sending/random';

/** What the people and things of the simulated organisation are called. Nothing here exists. */

export const firstNames =
  'Amara Bjarne Chiara Dagny Emil Farida Gustav Hanne Ilse Jonas Katarzyna Leif Mireille Nils Oda Paulo Rosa Signe Tobias Ursula Viggo Wanda Yusuf Zuzana'.split(
    ' ',
  );
export const lastNames =
  'Almgren Brandt Costa Dvorak Engel Falk Grieg Haugen Ivanova Jansen Keller Lindqvist Moreau Nowak Olsen Petrov Rossi Sandberg Thorsen Vogel Weiss Ziegler'.split(
    ' ',
  );
export const products = [
  'Fjellrev 45 backpack',
  'Tinde 3 tent',
  'Skarv rain shell',
  'Myr trail boots',
  'Glo headlamp',
  'Dun 800 sleeping bag',
  'Bris wind jacket',
  'Kvist trekking poles',
  'Elv dry bag set',
  'Varde gas stove',
  'Rim merino base layer',
  'Sti approach shoes',
];
/** Those that come in sizes, and those that have seams. */
export const worn = products.filter((name) => /shell|boots|jacket|layer|shoes/.test(name));
export const sewn = products.filter((name) => /backpack|tent|shell|bag|jacket/.test(name));
export const cities =
  'Aarhus Bergen Bremen Graz Ghent Leipzig Lyon Malmö Porto Tampere Turin Utrecht Zürich'.split(
    ' ',
  );
export const suppliers = [
  'Norrtex Weaving',
  'Alpenkork GmbH',
  'Baltic Cartons',
  'Costa Zips Lda',
  'Hexa Coatings',
  'Lumen Optics',
  'Polder Freight',
  'Sigma Buckles',
];
export const prospects = [
  'Bergrettung Supplies',
  'Camp Nomad Rentals',
  'City Scouts Federation',
  'Fjordguide Cooperative',
  'Hüttenwerk Hotels',
  'Ridgeline Resorts',
  'Trailhead University Club',
  'Vandrerhus Hostels',
];
export const repositories = [
  'storefront',
  'checkout',
  'warehouse-api',
  'pricing-engine',
  'mobile-app',
];

export const staffAddress = (random: Random): string =>
  `${random.pick(firstNames)}.${random.pick(lastNames)}@halden.example`.toLowerCase();

export const customerId = (random: Random): string => `customer-${random.int(10_000, 64_000)}`;
export const orderId = (random: Random): string => `HO-${random.int(410_000, 899_999)}`;

export function pastDate(random: Random, atUs: number, daysMax: number): string {
  const ms = atUs / 1000 - random.int(1, daysMax) * 86_400_000;
  return new Date(ms).toISOString().slice(0, 10);
}

export type Slots = Readonly<Record<string, string | number>>;

/** Chooses in `[one|other]`, inside out, then fills in each `{slot}`. */
export function phrase(random: Random, template: string, slots: Slots = {}): string {
  let text = template;
  for (;;) {
    const choice = /\[([^[\]]*)\]/.exec(text);
    if (choice === null) break;
    const chosen = random.pick((choice[1] ?? '').split('|'));
    text = text.slice(0, choice.index) + chosen + text.slice(choice.index + choice[0].length);
  }
  return text.replace(/\{(\w+)\}/g, (_whole, name) => String(slots[name] ?? name));
}
