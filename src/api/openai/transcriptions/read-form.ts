import type { FastifyRequest } from 'fastify';
import { ParleyError } from '../../../ports/errors.js';
import { requestLimits } from '../../http/limits.js';
import { RequestError } from '../rest/openai-error.js';

/** Fields of a form; those whose names end in `[]` are lists. */
export type FormFields = Readonly<Record<string, string | readonly string[] | Uint8Array>>;

/**
 * Reads a form with one file.
 * @throws ParleyError `upload.too_large` (413); RequestError
 */
export async function readForm(request: FastifyRequest, maxFileBytes: number): Promise<FormFields> {
  if (!request.isMultipart())
    throw new RequestError('The body must be a form: send it as multipart/form-data, with the recording as "file".', {
      code: 'invalid_content_type',
    });
  const limits = {
    fileSize: maxFileBytes,
    files: 1,
    fields: requestLimits.maxFormFields,
    parts: requestLimits.maxFormFields + 1,
    fieldSize: requestLimits.maxFieldBytes,
    fieldNameSize: 100,
    headerPairs: 20,
  };
  const fields = new Map<string, string | string[] | Uint8Array>();
  try {
    for await (const part of request.parts({ limits })) {
      const { fieldname: name } = part;
      if (part.type === 'file') {
        fields.set(name, new Uint8Array(await part.toBuffer()));
        continue;
      }
      if (part.valueTruncated || part.fieldnameTruncated)
        throw new RequestError(
          `${name.slice(0, 50)}: at most ${requestLimits.maxFieldBytes} bytes are read of a field.`,
          {
            param: name.slice(0, 50),
          },
        );
      const value = String(part.value);
      const before = fields.get(name);
      if (!name.endsWith('[]')) fields.set(name, value);
      else if (Array.isArray(before)) before.push(value);
      else fields.set(name, [value]);
    }
  } catch (error) {
    throw readable(error, maxFileBytes);
  }
  return Object.fromEntries(fields);
}

function readable(error: unknown, maxFileBytes: number): unknown {
  if (ParleyError.isInstance(error)) return error;
  const { code, message } = error as { readonly code?: string; readonly message: string };
  if (code === 'FST_REQ_FILE_TOO_LARGE')
    return new ParleyError(
      `The file is larger than ${Math.floor(maxFileBytes / 1024 ** 2)} MiB. Send it in a compressed format, or in parts.`,
      { code: 'upload.too_large', status: 413 },
    );
  if (code === 'FST_FILES_LIMIT') return new RequestError('One file is expected, not several.', { param: 'file' });
  if (code === 'FST_FIELDS_LIMIT' || code === 'FST_PARTS_LIMIT')
    return new RequestError(`A form may have ${requestLimits.maxFormFields} fields.`, {});
  return new RequestError(`The form cannot be read: ${message.slice(0, 200)}`, { code: 'invalid_form' });
}
