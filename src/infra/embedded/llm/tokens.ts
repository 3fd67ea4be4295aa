/**
 * A stand-in for a tokenizer: a word of up to seven letters with the blank before it, up to three
 * digits, or one other character each count as one token. Pieces join up to the text again.
 */
const tokenPattern = /[ \n]?\p{L}{1,7}|\p{N}{1,3}|\s+|[^\s\p{L}\p{N}]/gu;

export function tokenize(text: string): string[] {
  return text.match(tokenPattern) ?? [];
}

export function countTokens(text: string): number {
  return tokenize(text).length;
}

/** As chat APIs do, a few tokens for the frame of each message and of the answer. */
export function countPromptTokens(messages: readonly { readonly role: string; readonly content: string }[]): number {
  return messages.reduce((sum, { content }) => sum + countTokens(content) + 4, 3);
}
