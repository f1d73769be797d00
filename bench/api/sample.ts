/** What was measured of one request, in ms unless the name says otherwise; what did not come about is left out. */
export type Sample = Readonly<Record<string, number>>;

/** What a stream has measured, and what was refused or broke off. */
export type StreamResult = { readonly samples: readonly Sample[]; readonly failures: readonly string[] };

/** Does one request after another; one that fails is noted, and the next one is made. */
export async function inTurn<Input>(
  inputs: readonly Input[],
  request: (input: Input) => Promise<Sample>,
): Promise<StreamResult> {
  const samples: Sample[] = [];
  const failures: string[] = [];
  for (const input of inputs) {
    try {
      samples.push(await request(input));
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  return { samples, failures };
}

/** @throws Error with status and message when an answer is a refusal */
export async function answered(response: Response): Promise<ReadableStream<Uint8Array>> {
  if (response.ok && response.body) return response.body;
  throw new Error(`${response.status}: ${(await response.text()).slice(0, 200)}`);
}
