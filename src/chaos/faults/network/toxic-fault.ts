import { z } from 'zod';
import { raceAbort } from '../../../core/abort.ts';
import { serviceNames } from '../../../infra/provider.ts';
import type { Affected, FaultDefinition } from '../fault.ts';
import { trafficOf } from './traffic.ts';

/** The parameters that every toxic has. */
const placement = {
  stream: z.enum(['downstream', 'upstream']).default('downstream').describe('downstream: from the service to the hosts; upstream: from the hosts to the service'),
  toxicity: z.number().min(0).max(1).default(1).describe('Share of the connections that it acts on'),
};

export interface ToxicFault<Shape extends z.ZodRawShape> {
  readonly type: string;
  /** As in Toxiproxy's API. */
  readonly toxic: string;
  readonly summary: string;
  readonly parameters: Shape;
  readonly attributes: (parameters: z.output<z.ZodObject<Shape>>) => Readonly<Record<string, number>>;
  /** What shows that it acted. */
  readonly unit: 'bytes' | 'connections';
}

/** A fault that is one toxic on the proxy of a service. */
export function defineToxicFault<Shape extends z.ZodRawShape>(fault: ToxicFault<Shape>): FaultDefinition {
  const parameters = z.strictObject({ ...fault.parameters, ...placement });
  return {
    type: fault.type,
    family: 'network',
    summary: fault.summary,
    targets: serviceNames,
    parameters,
    async inject({ toxiproxy, infra, name, undoLog }, target, given, signal) {
      const { stream, toxicity, ...own } = given as z.output<typeof placementObject>;
      const proxy = await raceAbort(toxiproxy.get(target), signal);
      const strike = undoLog.add({ kind: 'remove-toxic', toxiproxy_url: infra.toxiproxyUrl, proxy: target, toxic: name });
      // Not raced with the signal: a toxic whose adding was not waited for could not be taken back.
      const toxic = await proxy.addToxic({ name, type: fault.toxic as 'latency', stream, toxicity, attributes: rounded(fault.attributes(own as unknown as z.output<z.ZodObject<Shape>>)) }).catch((error: unknown) => {
        strike();
        throw error;
      });
      return {
        heal: async (healSignal) => {
          await raceAbort(toxic.remove(), healSignal);
          strike();
        },
        affected: async (countSignal): Promise<Affected> => {
          const traffic = (await trafficOf(infra.toxiproxyUrl, target, countSignal))?.toxics.find((each) => each.name === name);
          return { unit: fault.unit, count: traffic === undefined ? null : fault.unit === 'bytes' ? traffic.bytesAffected : traffic.connectionsAffected };
        },
      };
    },
  };
}

const placementObject = z.looseObject(placement);

/** Toxiproxy takes whole numbers only. */
function rounded(attributes: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, Math.round(value)]));
}
