import { AgentRegistry } from '../agents/registry.ts';
import { BusinessAgent } from '../agents/business-agent.ts';
import { businessAgents } from '../agents/business/index.ts';
import { DataAgent } from '../agents/system/data.ts';
import { DataHelperAgent } from '../agents/system/data-helper.ts';
import { WorkflowOrchestrator, type DirectGenerate } from '../agents/system/orchestrator.ts';
import { ReportingAgent } from '../agents/system/reporting.ts';
import { SupervisorAgent } from '../agents/system/supervisor.ts';
import { TriageAgent } from '../agents/system/triage.ts';
import { JobStore } from '../jobs/job-store.ts';
import { DatabaseReportStore } from '../jobs/report-store.ts';
import type { BoundaryHook } from '../reporting/boundary.ts';
import { ReportingSubAgentFactory } from '../reporting/reporting-sub-agent-factory.ts';
import type { BusinessData } from './business-data.ts';

export interface FleetAgentsOptions {
  readonly data: BusinessData;
  /** Name of the model that reports are asked of. */
  readonly model: string;
  readonly directGenerate: DirectGenerate;
  readonly onBoundary: BoundaryHook | undefined;
}

/** Every agent of the fleet by its factory (F05, F06); a host makes those of its role. */
export function createFleetRegistry(options: FleetAgentsOptions): AgentRegistry {
  const registry = new AgentRegistry();
  for (const definition of businessAgents) {
    registry.register({
      name: definition.name,
      summary: definition.summary,
      role: 'business',
      create: (services) => new BusinessAgent(services, definition, () => options.data.prepare(services.database)),
    });
  }
  return registry
    .register({
      name: 'supervisor',
      summary: 'Takes jobs in and leads each to its report',
      role: 'control',
      leads: true,
      create: (services) => {
        const jobs = new JobStore(services.database, services.clock);
        return new SupervisorAgent(services, jobs, new WorkflowOrchestrator(services, jobs, options.directGenerate));
      },
    })
    .register({ name: 'triage', summary: 'Decides which agents a question concerns', role: 'control', create: (services) => new TriageAgent(services, businessAgents) })
    .register({ name: 'data', summary: 'Collects fact sheets from the business agents', role: 'control', create: (services) => new DataAgent(services) })
    .register({ name: 'data_helper', summary: 'Fetches what is missing once more', role: 'control', create: (services) => new DataHelperAgent(services) })
    .register({
      name: 'reporting',
      summary: 'Makes reports',
      role: 'reporting',
      create: (services) => {
        const store = new DatabaseReportStore(new JobStore(services.database, services.clock), services.config.host);
        return new ReportingAgent(
          services,
          new ReportingSubAgentFactory(services, { store, model: options.model, ...(options.onBoundary === undefined ? {} : { onBoundary: options.onBoundary }) }),
          store,
        );
      },
    });
}
