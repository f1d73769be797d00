import pino from 'pino';

export type Log = {
  readonly info: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly error: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  /** What somebody said in a call. Written only where the log was made with `words`. */
  readonly words: (fields: SaidWords, message: string) => void;
};

export type SaidWords = { readonly callId: string; readonly text: string };

export type LogOptions = {
  readonly level: string;
  /** Texts that no line may contain, wherever they come from. */
  readonly secrets: readonly string[];
  /** Whether what is said in calls is written, at level info. @defaultValue false */
  readonly words?: boolean;
  /** Gets each line. @defaultValue standard error: standard output belongs to commands */
  readonly write?: (line: string) => void;
};

/** Lines of JSON. No audio and no secrets, and no words unless they were asked for. */
export function createLog(options: LogOptions): Log {
  const { level, secrets, words = false } = options;
  const write = options.write ?? standardError();
  const mask = masking(secrets);
  const log = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => write(mask(line)) },
  );
  return {
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    words: (fields, message) => {
      if (words) log.info(fields, message);
    },
  };
}

function standardError(): (line: string) => void {
  const stream = pino.destination({ dest: 2, sync: true });
  return (line) => stream.write(line);
}

/** Secrets that are made while the server runs: keys, tokens and the secrets of sessions. */
const madeSecret = /\b(?:ek|tk|sk_parley)_[\w.~+/=-]{16,}/g;

/** A secret can reach a line by way of an error's message; there it stands as JSON has it. */
function masking(secrets: readonly string[]): (line: string) => string {
  const forms = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return (line) =>
    forms.reduce((masked, form) => masked.replaceAll(form, '[secret]'), line).replace(madeSecret, '[secret]');
}
