/** How the Waves API calls what was taken out; what it has no documented name for is called in its manner. */
const names: Readonly<Record<string, string>> = {
  CARD: 'ACCOUNTNUMBER',
  SECURITY_CODE: 'CREDITCARDCVV',
  CARD_EXPIRY: 'CREDITCARDEXPIRY',
  PHONE: 'PHONENUMBER',
  DATE_OF_BIRTH: 'DATEOFBIRTH',
};

const label = /^\[([A-Z_]+)\]/;

export type Relabelled = { readonly words: readonly string[]; readonly entities: readonly string[] };

/** Numbers what is taken out of the transcripts of one session: the second phone number is `[PHONENUMBER_2]`. */
export class RedactionLabels {
  readonly #counts = new Map<string, number>();

  /** @param settled whether these words stay: those of an interim result count anew each time */
  relabel(words: readonly string[], settled: boolean): Relabelled {
    const counts = settled ? this.#counts : new Map(this.#counts);
    const entities: string[] = [];
    const relabelled = words.map((word) =>
      word.replace(label, (_, kind: string) => {
        const name = names[kind] ?? kind.replaceAll('_', '');
        const count = (counts.get(name) ?? 0) + 1;
        counts.set(name, count);
        const entity = `[${name}_${count}]`;
        entities.push(entity);
        return entity;
      }),
    );
    return { words: relabelled, entities };
  }
}
