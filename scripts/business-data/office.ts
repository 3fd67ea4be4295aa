import { costs, staff, tasks } from '../../src/fleet/data/tables/backoffice.ts';
import { articles } from '../../src/fleet/data/tables/knowledge.ts';
import { riskAssessments } from '../../src/fleet/data/tables/risk.ts';
import { addDays, amount, anyDay, chance, id, known, priceIn, rootRng, sheet, weighted, withDuplicates, type RowOf, type Sheet } from './world.ts';

const suppliers = [
  ['Miete', 'Hausverwaltung Böhm & Cie', 'EUR', 820_000],
  ['Strom', 'Stadtwerke Köln', 'EUR', 140_000],
  ['Software', 'Cloudy, Inc.', 'USD', 260_000],
  ['Marketing', 'Agence Éclair', 'EUR', 410_000],
  ['Logistics', 'Łódzkie Usługi "Express"', 'PLN', 90_000],
  ['Consulting', 'Zürcher Treuhand AG', 'CHF', 230_000],
  ['Payroll', 'Lohnbüro Süß', 'EUR', 3_900_000],
] as const;

const people = ['Ayşe Yılmaz', 'Bodo Krüger', 'Chloé Dubois', 'Đorđe Petrović', 'Elif Öztürk', 'Frøydis Lund', 'Grzegorz Żak', 'Hélène Noël', 'Ingo Voß', 'Jana Nováková', 'Kateřina Dvořák', 'Luís Conceição', 'Małgorzata Kuś', 'Niamh Ní Bhriain', 'Ömer Şahin', 'Paweł Wójcik', 'Quim Solé', 'Rūta Kazlauskienė', 'Søren Ågård', 'Þóra Jónsdóttir', 'Uğur Çelik', 'Véronique Hervé', 'Wiebke Jäger', 'Yōko Ono, jr.'];

export function officeSheets(): Sheet[] {
  const rng = rootRng.fork('office');
  const costRows: RowOf<typeof costs>[] = [];
  for (let month = 1; month <= 12; month++) {
    for (const [category, supplier, currency, eurCents] of suppliers) {
      const bookings = category === 'Miete' || category === 'Payroll' ? 1 : rng.integer(1, 4);
      for (let booking = 0; booking < bookings; booking++) {
        const minor = category === 'Miete' ? eurCents : priceIn(Math.round((eurCents * (0.8 + 0.4 * rng.next())) / bookings), currency);
        costRows.push({
          cost_id: id('K', costRows.length + 1),
          booked_on: `2025-${String(month).padStart(2, '0')}-${String(rng.integer(1, 28)).padStart(2, '0')}`,
          category: chance(rng, 0.03) ? undefined : category,
          supplier,
          amount: amount(minor, currency),
          currency,
          description: rng.pick([`${category} ${month}/2025`, `Rechnung, siehe Anlage\n(${category})`, undefined]),
        });
      }
    }
  }
  const staffRows = people.map((name, index): RowOf<typeof staff> => {
    const joinedOn = addDays('2019-02-01', rng.integer(0, 2450));
    const leftOn = chance(rng, 0.15) ? known(addDays(joinedOn, rng.integer(300, 2300))) : undefined;
    return { staff_id: id('E', index + 1, 3), name, team: chance(rng, 0.05) ? undefined : rng.pick(['Lager', 'Support', 'Einkauf', 'IT', 'Finanzen']), weekly_hours: rng.pick([40, 40, 40, 32, 20, undefined]), joined_on: joinedOn, left_on: leftOn };
  });
  const taskRows = Array.from({ length: 260 }, () => anyDay(rng)).toSorted().map((createdOn, index): RowOf<typeof tasks> => {
    const dueOn = addDays(createdOn, rng.integer(3, 30));
    return {
      task_id: id('TK', index + 1),
      staff_id: chance(rng, 0.08) ? undefined : rng.pick(staffRows).staff_id,
      title: rng.pick(['Umsatzsteuer, Voranmeldung', 'Answer auditor', 'Vertrag "Cloudy" prüfen', 'Inventur vorbereiten', 'Renew certificate', 'Réclamation transporteur']),
      priority: chance(rng, 0.04) ? undefined : weighted(rng, [['normal', 6], ['low', 3], ['high', 2]]),
      created_on: createdOn,
      due_on: chance(rng, 0.07) ? undefined : dueOn,
      done_on: chance(rng, 0.12) ? undefined : known(addDays(dueOn, rng.integer(-9, 6) < -2 ? -2 : rng.integer(-1, 6))),
    };
  });
  return [sheet(costs, withDuplicates(rng, costRows, 3)), sheet(staff, staffRows), sheet(tasks, withDuplicates(rng, taskRows, 2))];
}

const helpPages = [
  ['Rückgabe: so geht es', 'return', 'de', 'Gehen Sie zu „Meine Bestellungen“ und wählen Sie den Artikel.\nDas Etikett kommt per E-Mail.'],
  ['How to return an item', 'return', 'en', 'Open your orders, choose the item, and print the label.\nRefunds arrive after the parcel does.'],
  ['Retourner un article', 'return', 'fr', 'Ouvrez vos commandes, choisissez l’article, imprimez l’étiquette.'],
  ['Where is my parcel?', 'delivery', 'en', 'Tracking starts when the carrier scans the parcel, usually "the next morning".'],
  ['Wo ist mein Paket?', 'delivery', 'de', 'Die Sendungsverfolgung beginnt, sobald der Paketdienst das Paket erfasst.'],
  ['Customs and duties', 'delivery', 'en', 'Parcels to Switzerland, Britain, Japan and America pass customs; duties are yours, papers are ours.'],
  ['Ways to pay', 'payment', 'en', 'Card, PayPal, bank transfer, and invoice for business customers.'],
  ['Zahlung auf Rechnung', 'payment', 'de', 'Für Geschäftskunden, zahlbar innerhalb der Frist auf der Rechnung.'],
  ['Caring for cast iron', 'product', 'en', 'Rinse, dry, oil. No soap, no dishwasher.'],
  ['Wie mahle ich richtig?', 'product', 'de', 'Für die French Press grob, für Espresso fein.'],
  ['Młynek: czyszczenie', 'product', 'pl', 'Rozkręć, wyczyść pędzelkiem, nie używaj wody.'],
  ['My account was locked', 'account', 'en', 'Too many wrong passwords lock it; "forgot password" opens it again.'],
  ['Datenschutz, kurz', 'account', 'de', 'Was wir speichern, warum, und wie lange.'],
  ['Gift vouchers', 'payment', 'en', 'Vouchers can be combined, and do not expire.'],
  ['Warranty', 'product', 'en', 'Two years by law, and longer on knives.'],
  ['Élan : recharger le stylo', 'product', 'fr', 'Dévissez, tournez, plongez dans l’encre.'],
] as const;

export function articleSheet(): Sheet {
  const rng = rootRng.fork('articles');
  const rows = helpPages.map(([title, topic, language, body], index): RowOf<typeof articles> => {
    const publishedOn = addDays('2022-05-01', rng.integer(0, 1300));
    const views = rng.integer(40, 9000);
    return {
      article_id: id('A', index + 1, 3),
      title,
      topic: chance(rng, 0.06) ? undefined : topic,
      language,
      published_on: publishedOn,
      reviewed_on: chance(rng, 0.3) ? undefined : known(addDays(publishedOn, rng.integer(30, 700))),
      views: chance(rng, 0.06) ? undefined : views,
      helpful_votes: Math.floor(views * 0.05 * rng.next()),
      unhelpful_votes: Math.floor(views * 0.02 * rng.next()),
      body,
    };
  });
  return sheet(articles, rows);
}

const dangers = [
  ['Chronopost', 'carrier', 'Second carrier for France'], ['Cloudy, Inc.', 'technology', 'Exit plan, tested twice a year'], ['Yen exchange rate', 'market', undefined],
  ['Kaffeehaus Großröstung', 'supplier', 'Ask for samples,\nlook for a second source'], ['Stadtwerke Köln', 'supplier', undefined], ['Fjäll AB', 'supplier', 'Order earlier'],
  ['Reseller "Söhne"', 'customer', 'Credit limit'], ['Customs, United Kingdom', 'market', 'Broker'], ['Zürich Express', 'technology', undefined], ['Polish złoty', 'market', 'None'],
] as const;

export function riskSheet(): Sheet {
  const rng = rootRng.fork('risks');
  const rows = Array.from({ length: 60 }, () => anyDay(rng)).toSorted().map((day, index): RowOf<typeof riskAssessments> => {
    const [subject, kind, mitigation] = rng.pick(dangers);
    const currency = weighted(rng, [['EUR', 6], ['CHF', 1], ['PLN', 1], ['JPY', 1]]);
    return {
      risk_id: id('RK', index + 1, 3),
      subject,
      kind: chance(rng, 0.04) ? undefined : kind,
      assessed_on: day,
      likelihood: rng.integer(1, 5),
      impact: rng.integer(1, 5),
      exposure: amount(priceIn(rng.integer(20, 900) * 10_000, currency), currency),
      currency,
      status: weighted(rng, [['open', 4], ['mitigated', 4], ['accepted', 2]]),
      mitigation,
    };
  });
  return sheet(riskAssessments, rows);
}
