import { inventory } from '../../src/fleet/data/tables/inventory.ts';
import { marketplaceListings, marketplaceSales } from '../../src/fleet/data/tables/marketplace.ts';
import { inspections } from '../../src/fleet/data/tables/quality.ts';
import { stockMovements, warehouses } from '../../src/fleet/data/tables/warehouse.ts';
import type { Product } from './catalogue.ts';
import { YEAR_END, addDays, amount, anyDay, chance, elementAt, id, priceIn, rootRng, sheet, weighted, withDuplicates, type RowOf, type Sheet } from './world.ts';

const sites: readonly RowOf<typeof warehouses>[] = [
  { warehouse_id: 'W-1', name: 'Lager Köln-Süd', city: 'Köln', country: 'DE', capacity_units: 12_000, opened_on: '2018-04-01' },
  { warehouse_id: 'W-2', name: 'Entrepôt de Besançon', city: 'Besançon', country: 'FR', capacity_units: 5_500, opened_on: '2020-09-15' },
  { warehouse_id: 'W-3', name: 'Magazyn Łódź, hala 2', city: 'Łódź', country: 'PL', capacity_units: 8_000, opened_on: '2022-02-01' },
  { warehouse_id: 'W-4', name: 'Zürich Express', city: 'Zürich', country: 'CH', capacity_units: undefined, opened_on: '2024-11-04' },
];

const siteWeights = sites.map((site, index) => [String(site.warehouse_id), elementAt([5, 2, 3, 1], index)] as const);

export function stockSheets(productList: readonly Product[]): Sheet[] {
  const rng = rootRng.fork('stock');
  const stock: RowOf<typeof inventory>[] = [];
  const movements: RowOf<typeof stockMovements>[] = [];
  for (const product of productList) {
    for (const site of sites) {
      if (chance(rng, 0.35)) continue;
      const reorderLevel = rng.integer(5, 40);
      const quantity = chance(rng, 0.09) ? 0 : chance(rng, 0.15) ? rng.integer(1, reorderLevel) : rng.integer(reorderLevel, 320);
      stock.push({
        stock_id: id('ST', stock.length + 1),
        product_id: product.id,
        warehouse_id: site.warehouse_id,
        quantity,
        reserved: chance(rng, 0.08) ? undefined : Math.min(quantity, rng.integer(0, 12)),
        reorder_level: chance(rng, 0.06) ? undefined : reorderLevel,
        unit_cost: amount(product.costCents, 'EUR'),
        currency: 'EUR',
        counted_on: addDays(YEAR_END, -rng.integer(0, 120)),
      });
    }
  }
  for (let count = 0; count < 1100; count++) {
    const kind = weighted(rng, [['outbound', 10], ['inbound', 5], ['transfer', 2], ['write_off', 0.4]]);
    movements.push({
      movement_id: '',
      warehouse_id: weighted(rng, siteWeights),
      product_id: chance(rng, 0.01) ? undefined : rng.pick(productList).id,
      moved_on: anyDay(rng),
      kind,
      quantity: kind === 'inbound' ? rng.integer(20, 240) : kind === 'write_off' ? rng.integer(1, 9) : rng.integer(1, 90),
    });
  }
  movements.sort((a, b) => String(a.moved_on).localeCompare(String(b.moved_on), 'en'));
  return [
    sheet(warehouses, sites),
    sheet(inventory, withDuplicates(rng, stock, 2)),
    sheet(stockMovements, withDuplicates(rng, movements.map((row, index) => ({ ...row, movement_id: id('M', index + 1) })), 4)),
  ];
}

const markets = [['Amazon', ['EUR', 'GBP', 'USD']], ['Cdiscount', ['EUR']], ['Allegro', ['PLN']], ['Rakuten 楽天', ['JPY']]] as const;

export function marketplaceSheets(productList: readonly Product[]): Sheet[] {
  const rng = rootRng.fork('marketplaces');
  const listings: RowOf<typeof marketplaceListings>[] = [];
  const sales: RowOf<typeof marketplaceSales>[] = [];
  for (const [market, currencies] of markets) {
    for (const product of productList) {
      if (!chance(rng, 0.6)) continue;
      const currency = rng.pick<string>(currencies);
      const listingId = id('ML', listings.length + 1);
      const priceMinor = Math.round(priceIn(product.eurCents, currency) * 1.08);
      const listedOn = addDays('2023-06-01', rng.integer(0, 760));
      listings.push({
        listing_id: listingId,
        product_id: product.id,
        marketplace: market,
        title: chance(rng, 0.05) ? undefined : `${product.name} | NEW, free shipping`,
        price: amount(priceMinor, currency),
        currency,
        active: chance(rng, 0.04) ? undefined : chance(rng, 0.86) ? 'true' : 'false',
        listed_on: listedOn,
      });
      for (let sale = rng.integer(0, 12); sale > 0; sale--) {
        const soldOn = anyDay(rng);
        if (soldOn < listedOn) continue;
        const quantity = weighted(rng, [[1, 8], [2, 2], [3, 1]]);
        const gross = priceMinor * quantity;
        sales.push({ sale_id: '', listing_id: listingId, sold_on: soldOn, quantity, gross: amount(gross, currency), commission: amount(Math.round(gross * (market === 'Amazon' ? 0.15 : 0.11)), currency), currency });
      }
    }
  }
  sales.sort((a, b) => String(a.sold_on).localeCompare(String(b.sold_on), 'en'));
  return [sheet(marketplaceListings, listings), sheet(marketplaceSales, withDuplicates(rng, sales.map((row, index) => ({ ...row, sale_id: id('MS', index + 1) })), 3))];
}

export function inspectionSheet(productList: readonly Product[]): Sheet {
  const rng = rootRng.fork('inspections');
  const rows: RowOf<typeof inspections>[] = [];
  const days = Array.from({ length: 320 }, () => anyDay(rng)).toSorted();
  for (const day of days) {
    const sample = rng.integer(10, 80);
    const defects = chance(rng, 0.62) ? 0 : Math.min(sample, Math.floor(rng.next() ** 3 * 12) + 1);
    rows.push({
      inspection_id: id('QI', rows.length + 1),
      product_id: rng.pick(productList).id,
      warehouse_id: chance(rng, 0.03) ? undefined : weighted(rng, siteWeights),
      inspected_on: day,
      sample_size: sample,
      defects,
      verdict: chance(rng, 0.02) ? undefined : defects * 100 > sample * 12 ? 'fail' : defects > 2 ? 'rework' : 'pass',
      defect_kind: defects === 0 || chance(rng, 0.1) ? undefined : rng.pick(['Kratzer', 'wrong label', 'leak', 'Verpackung', 'colour']),
      note: defects > 5 ? rng.pick(['Charge gesperrt,\nLieferant informiert', 'see photo "IMG 0042"', undefined]) : undefined,
    });
  }
  return sheet(inspections, withDuplicates(rng, rows, 2));
}
