import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodePcm16 } from '../../src/audio/pcm.js';
import type { ConformanceCase, ConformanceClient, Surroundings } from '../case.js';
import { assertHas, assertSaid, assertSpoken, assertWords } from '../checks.js';
import { capital } from '../questions.js';

const run = promisify(execFile);

/**
 * A command as somebody types it, run by a shell in a folder of its own that holds sentence.wav. $PARLEY, $KEY and
 * $CA stand for what is different on each machine.
 */
function typed(
  line: string,
  check: (out: string, means: { readonly at: Surroundings; readonly folder: string }) => Promise<void> | void,
): ConformanceCase {
  return {
    name: line.replace(/ -sS --cacert "\$CA"/, '').replace(/ -H "Authorization: \w+ \$KEY"/, ''),
    attempt: async (at, signal) => {
      const folder = await mkdtemp(join(tmpdir(), 'parley-curl-'));
      try {
        await writeFile(join(folder, 'sentence.wav'), at.material.sentenceWav);
        const env = { ...process.env, PARLEY: at.url, KEY: at.apiKey, CA: at.caFile };
        const { stdout } = await run('/bin/sh', ['-c', line], { cwd: folder, env, signal, maxBuffer: 8 * 1024 ** 2 });
        await check(stdout, { at, folder });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

const curl = 'curl -sS --cacert "$CA"';
const key = '-H "Authorization: Bearer $KEY"';
const token = '-H "Authorization: Token $KEY"';
const json = '-H "Content-Type: application/json"';
const spokenText = 'Two large teas and one small coffee, please.';

/** The command line that everybody has. */
export const plainCurl: ConformanceClient = {
  name: 'curl',
  version: async () => {
    try {
      const { stdout } = await run('curl', ['--version']);
      return { version: stdout.split(' ')[1] ?? '' };
    } catch {
      return { unavailable: 'there is no curl on this machine' };
    }
  },
  cases: [
    typed(`${curl} "$PARLEY/health"`, (out) => assert.deepEqual(JSON.parse(out), { status: 'alive' })),
    typed(`${curl} "$PARLEY/ready"`, (out) => assert.equal(JSON.parse(out).status, 'ready')),
    typed(`${curl} ${key} "$PARLEY/v1/models"`, (out) => assert.ok(JSON.parse(out).data.length > 5)),
    typed(
      `${curl} ${key} ${json} -d '{"model":"tts-1","voice":"alloy","input":"${spokenText}"}' -o speech.mp3 "$PARLEY/v1/audio/speech"`,
      async (_, { at, folder }) => assertSpoken(at, await readFile(join(folder, 'speech.mp3')), spokenText),
    ),
    typed(
      `${curl} -N ${key} ${json} -d '{"model":"tts-1","voice":"alloy","input":"${spokenText}","stream_format":"sse"}' "$PARLEY/v1/audio/speech"`,
      (out) => {
        assert.match(out, /^data: \{"type":"speech\.audio\.delta"/);
        assert.match(out.trimEnd().split('\n').at(-1) ?? '', /^data: \{"type":"speech\.audio\.done"/);
      },
    ),
    typed(`${curl} ${key} -F model=whisper-1 -F file=@sentence.wav "$PARLEY/v1/audio/transcriptions"`, (out, { at }) =>
      assertWords(JSON.parse(out).text, at.material.sentence.text),
    ),
    typed(
      `${curl} ${key} -F model=whisper-1 -F response_format=srt -F file=@sentence.wav "$PARLEY/v1/audio/transcriptions"`,
      (out) => assert.match(out, /^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\n\S/),
    ),
    typed(
      `${curl} -N ${key} -F model=whisper-1 -F stream=true -F file=@sentence.wav "$PARLEY/v1/audio/transcriptions"`,
      (out, { at }) => {
        const last = out.trimEnd().split('\n').at(-1) ?? '';
        assert.match(last, /^data: \{"type":"transcript\.text\.done"/);
        assertWords(JSON.parse(last.slice('data: '.length)).text, at.material.sentence.text);
      },
    ),
    typed(
      `${curl} ${key} ${json} -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"${capital.question}"}]}' "$PARLEY/v1/chat/completions"`,
      (out) => assertHas(JSON.parse(out).choices[0].message.content, capital.answer),
    ),
    typed(
      `${curl} -N ${key} ${json} -d '{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"${capital.question}"}]}' "$PARLEY/v1/chat/completions"`,
      (out) => {
        const lines = out.trim().split('\n\n');
        assert.equal(lines.at(-1), 'data: [DONE]');
        const chunks = lines.slice(0, -1).map((line) => JSON.parse(line.slice('data: '.length)));
        assertHas(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), capital.answer);
      },
    ),
    typed(`${curl} ${key} ${json} -d '{"session":{"type":"realtime"}}' "$PARLEY/v1/realtime/client_secrets"`, (out) =>
      assert.match(JSON.parse(out).value, /^ek_/),
    ),
    typed(
      `${curl} ${token} -H "Content-Type: audio/wav" --data-binary @sentence.wav "$PARLEY/v1/listen?model=nova-3"`,
      (out, { at }) =>
        assertWords(JSON.parse(out).results.channels[0].alternatives[0].transcript, at.material.sentence.text),
    ),
    typed(
      `${curl} ${token} ${json} -d '{"text":"${spokenText}"}' -o speech.mp3 "$PARLEY/v1/speak?model=aura-2-thalia-en"`,
      async (_, { at, folder }) => assertSpoken(at, await readFile(join(folder, 'speech.mp3')), spokenText),
    ),
    typed(
      `${curl} ${key} ${json} -d '{"text":"${spokenText}","voice_id":"magnus","output_format":"wav"}' -o speech.wav "$PARLEY/waves/v1/tts"`,
      async (_, { at, folder }) => assertSpoken(at, await readFile(join(folder, 'speech.wav')), spokenText),
    ),
    typed(
      `${curl} -N ${key} ${json} -d '{"text":"${spokenText}","voice_id":"magnus","sample_rate":24000}' "$PARLEY/waves/v1/tts/live"`,
      async (out, { at }) => {
        const events = [...out.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data));
        assert.equal(events.at(-1).done, true);
        const audio = Buffer.concat(
          events.flatMap((event) => (event.audio ? [Buffer.from(event.audio, 'base64')] : [])),
        );
        await assertSaid(at, { samples: decodePcm16(audio), rateHz: 24_000 }, spokenText);
      },
    ),
    typed(
      `${curl} ${key} -H "Content-Type: application/octet-stream" --data-binary @sentence.wav "$PARLEY/waves/v1/stt/?model=pulse&language=en&word_timestamps=true"`,
      (out, { at }) => {
        const { status, transcription, words } = JSON.parse(out);
        assert.equal(status, 'success');
        assertWords(transcription, at.material.sentence.text);
        assertWords(words.map(({ word }: { readonly word: string }) => word).join(' '), at.material.sentence.text);
      },
    ),
    typed(`${curl} "$PARLEY/openapi.json"`, (out) => assert.equal(JSON.parse(out).openapi, '3.1.0')),
    typed(`${curl} -o /dev/null -w '%{http_code}' "$PARLEY/v1/models"`, (out) => assert.equal(out, '401')),
  ],
};
