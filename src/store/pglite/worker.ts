import { parentPort, workerData } from 'node:worker_threads';
import type { PGlite } from '@electric-sql/pglite';
import { hasDatabase, makeDatabase, openDatabase } from './open-database.js';
import type { PgliteFailure, PgliteInit, PgliteReply, PgliteRequest } from './wire.js';

/** Of what PostgreSQL writes while it opens, for the message when it fails. */
const keptLines = 8;
/** Values that stay as PostgreSQL writes them, because the schema reads them: timestamp, timestamptz, date, interval. */
const asWritten = [1114, 1184, 1082, 1186];
const parsers = Object.fromEntries(asWritten.map((oid) => [oid, (value: string) => value]));

const port = parentPort;
if (!port) throw new Error('This module runs as a worker thread.');
const reply = (message: PgliteReply): void => port.postMessage(message);

const lines: string[] = [];
const onLine = (line: string): void => {
  lines.push(line.trim());
  if (lines.length > keptLines) lines.shift();
};

async function open({ folder }: PgliteInit): Promise<PGlite> {
  if (!hasDatabase(folder)) await makeDatabase(folder, onLine);
  return openDatabase(folder, onLine);
}

async function answer(database: PGlite, { id, text, values, rowMode }: PgliteRequest): Promise<void> {
  try {
    const { rows, fields, affectedRows } = await database.query(text, [...values], { rowMode, parsers });
    reply({
      type: 'result',
      id,
      result: { rows, fields, ...(affectedRows === undefined ? {} : { affectedRows }) },
    });
  } catch (error) {
    reply({ type: 'failed', id, failure: failureOf(error) });
  }
}

function failureOf(error: unknown): PgliteFailure {
  if (!(error instanceof Error)) return { message: String(error), code: undefined };
  return { message: error.message, code: 'code' in error ? String(error.code) : undefined };
}

try {
  const database = await open(workerData as PgliteInit);
  let last = Promise.resolve();
  port.on('message', (request: PgliteRequest | 'close') => {
    last = last.then(async () => {
      if (request !== 'close') return answer(database, request);
      await database.close();
      // Nothing keeps the thread from here.
      port.close();
    });
  });
  reply({ type: 'ready' });
} catch (error) {
  reply({ type: 'unusable', detail: [failureOf(error).message, ...lines].filter((line) => line !== '').join(' | ') });
}
