/**
 * What must not be told, whoever tells it. One register for a process, as its secrets are: they come in by the environment,
 * and go out wherever text does, in the message of an error that a service answered with the key it was sent.
 */
const kept = new Set<string>();
export const redacted = '[redacted]';

/** A word of this length or less, or without anything but small letters, guards nothing, and would be found in every other line. */
const shortest = 8;
const plainWord = /^[a-z]+(?:[-_][a-z]+)?$/;

/**
 * Secrets that nobody has registered, by what stands before them: `://user:…@`, `Bearer …`, `token=…`, and `sk-…` itself. No
 * looking behind, which costs at every character. Nothing here takes in a quote or a backslash: JSON stays JSON.
 */
const shapes = [
  String.raw`(:\/\/[^\s:@/"'\\]{0,100}:)[^\s@/"'\\]+(?=@)`,
  String.raw`(\b(?:Bearer|Basic) )[A-Za-z0-9._~+/=-]{8,}`,
  String.raw`(\b(?:token|access_token|api[_-]?key|password|passwd|secret)=)[^\s&"'\\,;)]+`,
  String.raw`\bsk-[A-Za-z0-9_-]{8,}`,
];

let pattern = compile();

/** From now on `redact` leaves it out, also percent-encoded and in Base64. Short and plain words are not taken: see above. */
export function keepSecret(secret: string | undefined): void {
  if (secret === undefined || secret.length < shortest || plainWord.test(secret) || kept.has(secret)) return;
  kept.add(secret);
  pattern = compile();
}

/** The password in a service's URL. */
export function keepPasswordOf(url: string): void {
  const { password = '' } = URL.parse(url) ?? {};
  keepSecret(password);
  try {
    keepSecret(decodeURIComponent(password));
  } catch {
    // Not percent-encoded: it stands as it is.
  }
}

export function redact(text: string): string {
  return text.replaceAll(pattern, (_, url?: string, bearer?: string, assignment?: string) => `${url ?? bearer ?? assignment ?? ''}${redacted}`);
}

/** A copy without secrets; what holds none is returned as it is. */
export function redactDeep<Value>(value: Value): Value {
  if (typeof value === 'string') return redact(value) as Value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(redactDeep);
    return items.some((item, index) => item !== value[index]) ? (items as Value) : value;
  }
  const entries = Object.entries(value).map(([name, member]) => [name, redactDeep(member)] as const);
  return entries.some(([name, member]) => member !== (value as Record<string, unknown>)[name]) ? (Object.fromEntries(entries) as Value) : value;
}

function compile(): RegExp {
  const forms = [...kept].flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')]);
  // The longest first: one secret may begin with another.
  const values = [...new Set(forms)].toSorted((a, b) => b.length - a.length).map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`));
  return new RegExp([...values, ...shapes].join('|'), 'g');
}
