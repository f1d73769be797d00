import { ParleyError } from '../audio/error.js';
import type { ModelFile, ModelSource, ModelSpec } from './catalogue.js';
import { sourceLocation } from './catalogue.js';

/** A file that no source gave, with what each of them did instead. */
export type MissingFile = {
  readonly model: ModelSpec;
  readonly file: ModelFile;
  /** Where the file belongs. */
  readonly path: string;
  readonly failures: readonly { readonly source: ModelSource; readonly reason: string }[];
};

/** One error for everything that could not be fetched, with all that is needed to put the files there by hand. */
export function unavailableError(missing: readonly MissingFile[]): ParleyError {
  const count = missing.length === 1 ? '1 model file' : `${missing.length} model files`;
  const paragraphs = missing.map(({ model, file, path, failures }) =>
    [
      `${model.id}/${file.name}: ${file.bytes} bytes, sha256 ${file.sha256}`,
      ...failures.map(({ source, reason }) => `  - ${sourceLocation(source)}: ${reason}`),
      `  put it at ${path}`,
    ].join('\n'),
  );
  const message = [
    `${count} could not be fetched from any source.`,
    ...paragraphs,
    'Check the network connection and run `parley models fetch` again; what has arrived is kept. Or put the files there by hand and run `parley models verify`.',
  ].join('\n\n');
  return new ParleyError(message, { code: 'models.unavailable', retryable: true, status: 503 });
}
