/** What stands for a provider in a line that people read: `embedded services`, `services in containers`. */
export function servicesOf(provider: string): string {
  return provider === 'containers' ? 'services in containers' : `${provider} services`;
}
