import type { InfraEvent, UnexpectedExit } from '../../infra/provider.ts';
import type { JournalFact } from '../../journal/events.ts';

const megabyte = 2 ** 20;

/** What the journal says of an event of the infrastructure. */
export function infraFact(event: InfraEvent): JournalFact {
  switch (event.type) {
    case 'infra.service_ready': {
      const { type, service, endpoint, startedInMs, phases } = event;
      const fact = { type, service, address: `${endpoint.host}:${endpoint.port}`, started_in_ms: Math.round(startedInMs) };
      if (phases === undefined) return fact;
      return { ...fact, phases: { pull_ms: Math.round(phases.pullMs), create_ms: Math.round(phases.createMs), start_ms: Math.round(phases.startMs), ready_ms: Math.round(phases.readyMs) } };
    }
    case 'infra.warning':
      return event;
    case 'infra.image_pull':
      return { type: event.type, service: event.service, image: event.image, received_mb: Math.round(event.receivedBytes / megabyte), total_mb: Math.round(event.totalBytes / megabyte), done: event.done };
    default:
      return { type: event.type, services: event.endpoints, remove: event.removeCommand };
  }
}

export function exitFact({ services, pid, container, exitCode, signal }: UnexpectedExit): JournalFact {
  return { type: 'infra.exited', services, pid, ...(container === undefined ? {} : { container }), exit_code: exitCode, signal };
}
