/** The first part of a text, no character cut apart. */
export function half(text: string, share = 0.5): string {
  const characters = Array.from(text);
  return characters.slice(0, Math.floor(characters.length * share)).join('');
}
