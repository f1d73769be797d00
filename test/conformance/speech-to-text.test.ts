import { concatSamples } from '../../src/audio/frame.js';
import { DeepgramSpeechToText } from '../../src/engines/deepgram/speech-to-text.js';
import { ComputeGovernor } from '../../src/engines/host/governor.js';
import { MoonshineSpeechToText } from '../../src/engines/moonshine/client.js';
import { OpenAiSpeechToText } from '../../src/engines/openai/speech-to-text.js';
import { ScriptedService } from '../../src/engines/remote/scripted-service-fixture.js';
import { hearsStreams, transcribesFiles } from '../../src/engines/remote/tone-services-fixture.js';
import { modelDir } from '../../src/models/cache.js';
import { ScriptedSpeechToText } from '../../src/testing/scripted-speech-to-text.js';
import { decodedText } from '../../src/testing/tone-decoder.js';
import { speakTones, ToneVocabulary } from '../../src/testing/tone-words.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { cacheDir, describeRealEngine } from './real-engine.js';
import { recordedSentence, roomTone } from './recorded-speech.js';
import { describeSpeechToTextConformance } from './speech-to-text.js';

const spokenText = 'Hello, I would like a large coffee with milk please.';
const vocabulary = new ToneVocabulary();
const tones = speakTones(spokenText, { rateHz: 16_000, vocabulary }).samples;
const speech = concatSamples([roomTone(400), tones, roomTone(400)]);
const scripted = { speech, text: spokenText, dispose: async () => {} };

describeSpeechToTextConformance('the scripted engine with written transcripts', async () => ({
  ...scripted,
  engine: new ScriptedSpeechToText({
    clock: new VirtualClock({ auto: true }),
    transcripts: [spokenText],
    finals: 'heard',
  }),
}));

describeSpeechToTextConformance('the scripted engine whose partials mishear', async () => ({
  ...scripted,
  engine: new ScriptedSpeechToText({
    clock: new VirtualClock({ auto: true }),
    transcripts: [spokenText],
    finals: 'heard',
    misheard: (text) => text.replace('would', 'wood'),
  }),
}));

describeSpeechToTextConformance('the scripted engine that decodes tones', async () => ({
  ...scripted,
  engine: new ScriptedSpeechToText({
    clock: new VirtualClock({ auto: true }),
    transcripts: ({ samples }) => decodedText(samples, { rateHz: 16_000, vocabulary }),
  }),
}));

for (const wordTimes of [true, false])
  describeSpeechToTextConformance(`an OpenAI-compatible server ${wordTimes ? 'with' : 'without'} times`, async () => {
    const service = await ScriptedService.open();
    transcribesFiles(service, vocabulary);
    const engine = new OpenAiSpeechToText({ ...service.api(), model: 'whisper-1', wordTimes });
    return { ...scripted, engine, dispose: () => service.close() };
  });

describeSpeechToTextConformance('Deepgram', async () => {
  const service = await ScriptedService.open();
  hearsStreams(service, vocabulary);
  const engine = new DeepgramSpeechToText({ ...service.api(), model: 'nova-3' });
  return { ...scripted, engine, dispose: () => service.close() };
});

describeRealEngine('moonshine', ['moonshine-tiny-en'], () => {
  describeSpeechToTextConformance('moonshine', async () => {
    const { samples, text } = await recordedSentence();
    const engine = new MoonshineSpeechToText({
      modelDir: modelDir(cacheDir, 'moonshine-tiny-en'),
      governor: new ComputeGovernor(),
    });
    await engine.start();
    return { engine, speech: samples, text, dispose: () => engine.close() };
  });
});
