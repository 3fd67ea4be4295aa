import { fxRates } from '../../src/fleet/data/tables/fx-rates.ts';
import { priceChanges, products } from '../../src/fleet/data/tables/product.ts';
import { addDays, amount, anyDay, chance, id, januaryRates, rootRng, sheet, type RowOf, type Sheet } from './world.ts';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly eurCents: number;
  readonly costCents: number;
  readonly weightG: number;
}

const ranges: readonly (readonly [string, number, number, readonly string[]])[] = [
  ['Kaffee & Tee', 650, 4200, ['Espresso “Größe Nr. 5”, ganze Bohne', 'Sencha, Bio', 'Café décaféiné, moulu', 'Earl Grey "Très Fin"', 'Cold Brew, 1 l', 'Chai, lose', 'Matcha Set, 3-teilig', 'Kräutertee Alpenglühn']],
  ['Küche', 1290, 18900, ['French Press, 1 l', 'Handmühle Jörg', 'Milchaufschäumer', 'Waage, 0.1 g', 'Teekanne, Gusseisen', 'Wasserkessel "Sifflet"', 'Messer, 21 cm', 'Schneidbrett Nuss', 'Pfanne Ø 28 cm', 'Thermoskanne Åre']],
  ['Wohnen', 1900, 42900, ['Leinentischdecke, naturfarben', 'Kerze Sötvattnet', 'Vase Łezka', 'Lampe Señora', 'Decke, Wolle', 'Kissen Übermut', 'Regal "Fjäll", klein', 'Regal "Fjäll", groß', 'Hocker Piñon']],
  ['Büro', 450, 9900, ['Notizbuch A5, liniert', 'Füller “Élan”', 'Tinte, königsblau', 'Mappe, Leder', 'Kalender 2026', 'Bleistifte, 12 Stück']],
  ['Garten', 990, 26900, ['Gießkanne, 9 l', 'Schere Rosé', 'Pflanztopf Größe L', 'Feuerschale', 'Vogelhaus "Villa Kunterbunt"', 'Samen-Mix, bienenfreundlich']],
];

export function makeProducts(): Product[] {
  const rng = rootRng.fork('products');
  const list: Product[] = [];
  for (const [category, least, most, names] of ranges) {
    for (const name of names) {
      const eurCents = Math.round((least + (most - least) * rng.next() ** 2) / 50) * 50 + 49;
      list.push({ id: id('P', list.length + 1), name, category, eurCents, costCents: Math.round(eurCents * (0.38 + 0.27 * rng.next())), weightG: rng.integer(4, 240) * 10 });
    }
  }
  return list;
}

export function productSheets(list: readonly Product[]): Sheet[] {
  const rng = rootRng.fork('catalogue');
  const changes: RowOf<typeof priceChanges>[] = [];
  const rows = list.map((product): RowOf<typeof products> => {
    if (chance(rng, 0.6)) {
      const oldCents = Math.round(product.eurCents * (0.85 + 0.3 * rng.next()));
      changes.push({
        change_id: '',
        product_id: product.id,
        changed_on: anyDay(rng),
        old_price: amount(oldCents, 'EUR'),
        new_price: amount(product.eurCents, 'EUR'),
        currency: 'EUR',
        reason: rng.pick(['Rohstoffpreise', 'campaign', 'new supplier', undefined]),
      });
    }
    return {
      product_id: product.id,
      name: product.name,
      category: product.category,
      price: amount(product.eurCents, 'EUR'),
      unit_cost: chance(rng, 0.05) ? undefined : amount(product.costCents, 'EUR'),
      currency: 'EUR',
      active: chance(rng, 0.07) ? 'false' : 'true',
      launched_on: chance(rng, 0.08) ? undefined : addDays('2021-03-01', rng.integer(0, 1500)),
      weight_g: chance(rng, 0.1) ? undefined : product.weightG,
    };
  });
  changes.sort((a, b) => String(a.changed_on).localeCompare(String(b.changed_on), 'en') || String(a.product_id).localeCompare(String(b.product_id), 'en'));
  return [sheet(products, rows), sheet(priceChanges, changes.map((change, index) => ({ ...change, change_id: id('PC', index + 1) })))];
}

export function fxSheet(): Sheet {
  const rng = rootRng.fork('fx');
  const rows: RowOf<typeof fxRates>[] = [];
  for (const [currency, january] of Object.entries(januaryRates)) {
    let value = january;
    // One rate for all the time before the year, when some marketplace listings were made.
    for (let month = 0; month <= 12; month++) {
      const validOn = month === 0 ? '2023-01-01' : `2025-${String(month).padStart(2, '0')}-01`;
      rows.push({ rate_id: id('FX', rows.length + 1, 3), currency, valid_on: validOn, eur_per_unit: value.toFixed(currency === 'JPY' ? 6 : 4) });
      value *= 0.985 + 0.03 * rng.next();
    }
  }
  return sheet(fxRates, rows);
}
