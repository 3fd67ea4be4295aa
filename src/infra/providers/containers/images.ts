/** What runs in containers, and from which image. Tags are those that the project is tested with. */
export const images = {
  redis: { variable: 'NETRA_IMAGE_REDIS', image: 'redis:8-alpine' },
  kafka: { variable: 'NETRA_IMAGE_KAFKA', image: 'apache/kafka:4.3.0' },
  postgres: { variable: 'NETRA_IMAGE_POSTGRES', image: 'postgres:17-alpine' },
  toxiproxy: { variable: 'NETRA_IMAGE_TOXIPROXY', image: 'ghcr.io/shopify/toxiproxy:2.12.0' },
} as const;

export type ImageName = keyof typeof images;
export const imageNames = Object.keys(images) as readonly ImageName[];

/** The image to use: the environment's (a private registry, another tag), else the table's. */
export function imageOf(name: ImageName, environment: Readonly<Record<string, string | undefined>>): string {
  const { variable, image } = images[name];
  const given = environment[variable]?.trim();
  return given === undefined || given === '' ? image : given;
}

/** `registry:5000/group/name:tag`, `name@sha256:…`; without a tag the engine means `latest`. */
export function splitReference(image: string): { readonly name: string; readonly tag: string } {
  const digest = image.indexOf('@');
  if (digest !== -1) return { name: image.slice(0, digest), tag: image.slice(digest + 1) };
  const colon = image.lastIndexOf(':');
  return colon > image.lastIndexOf('/') ? { name: image.slice(0, colon), tag: image.slice(colon + 1) } : { name: image, tag: 'latest' };
}
