import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { durationMs } from '../../src/audio/frame.js';
import { encodePcm16 } from '../../src/audio/pcm.js';
import { HibariTextToSpeech } from '../../src/engines/hibari/client.js';
import { ComputeGovernor } from '../../src/engines/host/governor.js';
import { ensureModels } from '../../src/models/fetch.js';
import { readSettings } from '../../src/settings/settings.js';
import { audioPace, type DrillKind, drills, firstWordMs, type ServiceNews, type ServiceOrder, wordMs } from './plan.js';

/**
 * A remote voice and language model in OpenAI's dialect, in a process that can be killed. The voice is the one of this
 * machine, so that a caller who hears two voices in one sentence is no part of what is measured.
 */
const pieceMs = 100;
const port = Number(process.argv[2] ?? 0);
const models = await ensureModels({ cacheDir: readSettings(process.env).cacheDir, models: ['hibari'] });
const voice = new HibariTextToSpeech({ modelDir: models.hibari.dir, governor: new ComputeGovernor() });
await voice.start();

let dies: DrillKind | undefined;
let written = '';
process.on('message', (order: ServiceOrder) => {
  dies = order.dies;
  written = order.reply;
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());

const tell = (news: ServiceNews): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(news, () => resolve());
  });

/** As a process that is killed: no goodbye to whoever is being served. */
async function die(kind: DrillKind): Promise<void> {
  await tell({ dying: kind });
  process.kill(process.pid, 'SIGKILL');
}

const server = createServer((request, response) => {
  void serve(request, response).catch(() => response.destroy());
});
server.listen(port, '127.0.0.1', () => void tell({ port: (server.address() as AddressInfo).port }));

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as { readonly input?: string };
  if (request.url?.endsWith('/audio/speech')) await speak(body.input ?? '', response);
  else await reply(response);
}

async function speak(text: string, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'audio/pcm' });
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('nobody listens any more')));
  let sentMs = 0;
  for await (const event of voice.speak({ text, voice: voice.voices[0] ?? '', signal: gone.signal })) {
    if (event.type !== 'audio') continue;
    const step = (event.rateHz * pieceMs) / 1_000;
    for (let from = 0; from < event.samples.length; from += step) {
      const piece = event.samples.subarray(from, from + step);
      response.write(encodePcm16(piece));
      sentMs += durationMs(piece.length, event.rateHz);
      await sleep(pieceMs / audioPace);
      if (dies === 'voice' && sentMs >= drills.voice.afterMs) await die('voice');
    }
  }
  response.end();
}

async function reply(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const write = (choice: object): void => {
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, finish_reason: null, ...choice }] })}\n\n`);
  };
  await sleep(firstWordMs);
  for (const [index, word] of written.split(/(?= )/).entries()) {
    if (response.destroyed) return;
    write({ delta: { content: word } });
    await sleep(wordMs);
    if (dies === 'model' && index + 1 >= drills.model.afterWords) await die('model');
  }
  write({ delta: {}, finish_reason: 'stop' });
  response.end('data: [DONE]\n\n');
}
