import { Toxiproxy } from 'toxiproxy-node-client';
import { z } from 'zod';
import { raceAbort } from '../../../core/abort.ts';
import { asError } from '../../../core/errors.ts';
import { proxiesOf, serviceNames, type ServiceName } from '../../../infra/provider.ts';
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
    async inject({ infra, name, undoLog }, target, given, signal) {
      const { stream, toxicity, ...own } = given as z.output<typeof placementObject>;
      const { toxiproxyUrl, names } = proxiesOf(infra, target as ServiceName);
      const toxiproxy = new Toxiproxy(toxiproxyUrl);
      const proxies = await Promise.all(names.map((proxy) => raceAbort(toxiproxy.get(proxy), signal)));
      const added: (() => Promise<void>)[] = [];
      const heal = async (healSignal?: AbortSignal): Promise<void> => {
        await Promise.all(added.map((remove) => raceAbort(remove(), healSignal)));
      };
      const add = async (proxy: (typeof proxies)[number]): Promise<void> => {
        const strike = undoLog.add({ kind: 'remove-toxic', toxiproxy_url: toxiproxyUrl, proxy: proxy.name, toxic: name });
        // Not raced with the signal: a toxic whose adding was not waited for could not be taken back.
        const toxic = await proxy.addToxic({ name, type: fault.toxic as 'latency', stream, toxicity, attributes: rounded(fault.attributes(own as unknown as z.output<z.ZodObject<Shape>>)) }).catch((error: unknown) => {
          strike();
          throw error;
        });
        added.push(async () => {
          await toxic.remove();
          strike();
        });
      };
      const failure = (await Promise.allSettled(proxies.map(add))).find((result) => result.status === 'rejected');
      if (failure !== undefined) {
        await heal();
        throw asError(failure.reason);
      }
      return {
        heal,
        affected: async (countSignal): Promise<Affected> => {
          const counts = await Promise.all(
            names.map(async (proxy) => {
              const traffic = (await trafficOf(toxiproxyUrl, proxy, countSignal))?.toxics.find((each) => each.name === name);
              return traffic === undefined ? null : fault.unit === 'bytes' ? traffic.bytesAffected : traffic.connectionsAffected;
            }),
          );
          return { unit: fault.unit, count: counts.includes(null) ? null : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0) };
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
