/** `ok` as it should be · `note` works, with something to know · `problem` a run would fail. */
export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'note' | 'problem';
  readonly detail: string;
}
