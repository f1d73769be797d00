/** `note`: works, with something to know; `broken`: a server or a call would fail here. */
export type CheckState = 'ok' | 'note' | 'broken';

export type CheckResult = {
  readonly name: string;
  readonly state: CheckState;
  readonly found: string;
  /** What to do about it, as a command where one will do. */
  readonly fix?: string;
};

/** What checks look at. */
export type CheckContext = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The package's root: package.json is there. */
  readonly root: string;
  /** The realtime socket of the server to look for. @defaultValue where `parley start` listens in this environment */
  readonly url: string | undefined;
};

export function ok(name: string, found: string): CheckResult {
  return { name, state: 'ok', found };
}

export function note(name: string, found: string, fix?: string): CheckResult {
  return { name, state: 'note', found, ...(fix === undefined ? {} : { fix }) };
}

export function broken(name: string, found: string, fix?: string): CheckResult {
  return { name, state: 'broken', found, ...(fix === undefined ? {} : { fix }) };
}
