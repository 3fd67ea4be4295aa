/** Roles of hosts; a host is called after its role and a number. */
export const roleNames = ['business', 'control', 'reporting'] as const;

/** Hosts of the fleet under test, in the order in which they are started. */
export function hostNames(reportingHosts: number): string[] {
  return ['business-1', 'control-1', ...Array.from({ length: reportingHosts }, (_, index) => `reporting-${index + 1}`)];
}

/** The hosts that a target means: one by its name, or all of a role. */
export function hostsOf(target: string, hosts: readonly string[]): string[] {
  return hosts.includes(target) ? [target] : hosts.filter((host) => host.replace(/-\d+$/, '') === target);
}
