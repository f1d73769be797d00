import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { defaultAgent } from '../agents/default-agent.js';
import { type AgentDefinition, agentDefaults } from '../agents/definition.js';
import { changeSettings, parseSettingChange, type SettingChange } from '../conversation/turn/change-settings.js';
import { defaultTurnSettings, type TurnSettings } from '../conversation/turn/settings.js';
import { ParleyError } from '../ports/errors.js';
import { type Located, readYaml } from '../yaml/read-yaml.js';
import { identityShape, readIdentity } from './agent-identity.js';

const maxFileBytes = 262_144;
/** The name of what runs on this machine, wherever an engine is named. */
export const localEngine = 'local';

const name = z.string().regex(/^[\w.-]+$/, { error: 'a name of letters, digits, ".", "-" and "_"' });
const ms = (from: number, to: number) => z.int().min(from).max(to);
const milliseconds = z
  .strictObject({
    first_byte_ms: ms(50, 120_000).optional(),
    idle_ms: ms(50, 120_000).optional(),
  })
  .describe('how long it may take');

/** What a model does, and what of it has to be known. */
const model = z.strictObject({
  task: z.enum(['chat', 'transcribe', 'speak', 'converse']),
  /** chat: prompt, history and reply. */
  context_tokens: z.int().min(512).max(10_000_000).optional(),
  /** chat: how the server goes on from words that were heard. */
  continuation: z.enum(['instructed', 'prefix']).optional(),
  temperature: z.number().min(0).max(2).optional(),
  /** chat: whether tools are sent with a request, or the model writes calls as JSON. */
  tools: z.enum(['native', 'written']).optional(),
  /** speak and converse: the first is used where a voice is not known. */
  voices: z.array(z.string().min(1)).min(1).max(256).optional(),
  /** speak: of its PCM. */
  sample_rate: z.int().min(8_000).max(48_000).optional(),
  /** transcribe: ISO 639-1. */
  language: z.string().min(2).max(12).optional(),
  /** transcribe: whether the server gives words with their times. */
  word_times: z.boolean().optional(),
});

const provider = z.strictObject({
  kind: z.enum(['openai', 'deepgram', 'elevenlabs', 'openai-realtime']),
  url: z.url({ protocol: /^https?$/, error: 'a URL that begins with http:// or https://' }).optional(),
  /** The environment variable that holds the key; never the key itself. */
  key_env: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, { error: 'the name of an environment variable, such as GROQ_API_KEY' })
    .optional(),
  deadlines: milliseconds.optional(),
  models: z.record(z.string().min(1), model),
});

const engines = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(8)], {
  error: `${localEngine}, the name of a model (provider/model), or a list of these in order`,
});

/** By their names and bounds in `parley replay --set` and `parley tune`. */
const turns = z.record(
  z.string(),
  z.union([z.number(), z.boolean(), z.string(), z.array(z.number())], {
    error: 'a value; names have dots, as in endpointing.minWaitMs: 400',
  }),
);

const fileSchema = z.strictObject({
  providers: z.record(name, provider).default({}),
  agent: z
    .strictObject({
      ...identityShape,
      stt: engines.optional(),
      llm: engines.optional(),
      tts: engines.optional(),
      turns: turns.optional(),
    })
    .default({}),
});

/** The rest is the client's to say, or has a variable of its own. */
const settableGroups = ['endpointing', 'interruption', 'silence', 'talk', 'drafting'];

export type ProviderKind = z.infer<typeof provider>['kind'];
export type ModelTask = z.infer<typeof model>['task'];
type File = z.infer<typeof fileSchema>;
type Names = readonly string[];

export type ModelSettings = Omit<z.infer<typeof model>, 'task'> & {
  /** `provider/model`. */
  readonly name: string;
  readonly model: string;
  readonly task: ModelTask;
  readonly provider: string;
  readonly kind: ProviderKind;
  readonly url: string;
  readonly keyVariable: string | undefined;
  readonly firstByteMs: number | undefined;
  readonly idleMs: number | undefined;
};

/** parley.yaml, read. */
export type ParleyFile = {
  readonly models: readonly ModelSettings[];
  /** Who answers where a client says nothing else, by which engines in order. */
  readonly agent: {
    readonly definition: AgentDefinition;
    readonly stt: readonly string[];
    readonly llm: readonly string[];
    readonly tts: readonly string[];
    /** What holds where a client says nothing else. */
    readonly turns: TurnSettings;
  };
};

/** What holds where there is no file. */
export const noParleyFile: ParleyFile = {
  models: [],
  agent: {
    definition: defaultAgent,
    stt: [localEngine],
    llm: [localEngine],
    tts: [localEngine],
    turns: defaultTurnSettings,
  },
};

const usualUrls: Readonly<Record<ProviderKind, string | undefined>> = {
  openai: undefined,
  deepgram: 'https://api.deepgram.com',
  elevenlabs: 'https://api.elevenlabs.io',
  'openai-realtime': 'https://api.openai.com/v1',
};

const tasksOf: Readonly<Record<ProviderKind, readonly ModelTask[]>> = {
  openai: ['chat', 'transcribe', 'speak'],
  deepgram: ['transcribe', 'speak'],
  elevenlabs: ['transcribe', 'speak'],
  'openai-realtime': ['converse'],
};

/**
 * Reads the file of that name. One that was not asked for and is not there is as good as an empty one.
 * @throws ParleyError `settings.invalid`: each mistake with its line and what was expected
 */
export async function readParleyFile(file: string, { asked }: { readonly asked: boolean }): Promise<ParleyFile> {
  let source: string;
  try {
    const { size } = await stat(file);
    if (size > maxFileBytes) throw unusable(`${file} has ${size} bytes; expected at most ${maxFileBytes}.`);
    source = await readFile(file, 'utf8');
  } catch (cause) {
    if (ParleyError.isInstance(cause)) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    if (code === 'ENOENT' && !asked) return noParleyFile;
    throw unusable(`${file} cannot be read (${code}); expected the file that PARLEY_CONFIG names.`);
  }
  return parseParleyFile(source, file);
}

/** Reads the text of a parley.yaml. Files that it names are looked for in the folder of `file`. @throws as `readParleyFile` */
export function parseParleyFile(source: string, file: string): ParleyFile {
  const { value, invalid } = readYaml(source, file, {
    schema: fileSchema,
    what: 'configuration',
    expected: 'providers or agent',
    code: 'settings.invalid',
  });
  const models = modelsOf(value);
  const turns = readTurns(value);
  const used = { stt: listOf(value.agent.stt), llm: listOf(value.agent.llm), tts: listOf(value.agent.tts) };
  const identity = readIdentity(value.agent, { folder: dirname(file), voices: voicesOf(used.tts, models) });
  const found = [providerProblems(value), agentProblems(value, models), turns.problems, identity.problems].flat();
  if (found.length > 0) throw invalid(found);
  return { models, agent: { definition: identity.definition, ...used, turns: turns.settings } };
}

function modelsOf({ providers }: File): ModelSettings[] {
  return Object.entries(providers).flatMap(([provider, { kind, url, key_env, deadlines, models }]) =>
    Object.entries(models).map(([model, settings]) => ({
      ...settings,
      name: `${provider}/${model}`,
      model,
      provider,
      kind,
      url: url ?? usualUrls[kind] ?? '',
      keyVariable: key_env,
      firstByteMs: deadlines?.first_byte_ms,
      idleMs: deadlines?.idle_ms,
    })),
  );
}

function providerProblems({ providers }: File): Located[] {
  return Object.entries(providers).flatMap(([name, { kind, url, models }]) => {
    const problems: Located[] = [];
    if (name === localEngine)
      problems.push({ path: ['providers', name], message: `expected another name: ${localEngine} is this machine` });
    if (url === undefined && usualUrls[kind] === undefined)
      problems.push({ path: ['providers', name], message: `expected a url, such as http://127.0.0.1:8000/v1` });
    for (const [model, { task, voices }] of Object.entries(models)) {
      const path = ['providers', name, 'models', model];
      if (!tasksOf[kind].includes(task))
        problems.push({
          path,
          message: `task: expected one of ${tasksOf[kind].join(', ')} of a provider of kind ${kind}`,
        });
      else if ((task === 'speak' || task === 'converse') && !voices)
        problems.push({ path, message: 'voices: expected at least one, which is missing' });
    }
    return problems;
  });
}

function agentProblems({ agent }: File, models: readonly ModelSettings[]): Located[] {
  const tasks = { stt: 'transcribe', llm: 'chat', tts: 'speak' } as const;
  return (['stt', 'llm', 'tts'] as const).flatMap((key) => {
    const fitting = [localEngine, ...models.filter(({ task }) => task === tasks[key]).map(({ name }) => name)];
    const given = agent[key];
    return listOf(given).flatMap((name, index) =>
      fitting.includes(name)
        ? []
        : [
            {
              path: ['agent', key, ...(Array.isArray(given) ? [index] : [])],
              message: `${key}: expected one of ${fitting.join(', ')}, found "${name}"`,
            },
          ],
    );
  });
}

function readTurns({ agent }: File): { readonly settings: TurnSettings; readonly problems: readonly Located[] } {
  const changes: SettingChange[] = [];
  const problems: Located[] = [];
  for (const [name, value] of Object.entries(agent.turns ?? {})) {
    const path = ['agent', 'turns', name];
    const group = name.split('.')[0] ?? '';
    if (!settableGroups.includes(group))
      problems.push({ path, message: `expected a setting of ${settableGroups.join(', ')}, found "${name}"` });
    else
      problemOf(path, problems, () => {
        changes.push(parseSettingChange(`${name}=${value}`));
      });
  }
  let settings: TurnSettings = defaultTurnSettings;
  problemOf(['agent', 'turns'], problems, () => {
    settings = changeSettings(defaultTurnSettings, changes);
  });
  return { settings, problems };
}

function problemOf(path: Located['path'], problems: Located[], read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!ParleyError.isInstance(error)) throw error;
    problems.push({ path, message: error.message });
  }
}

/** Of the agent's first voice engine, the default first. None where there is no such engine. */
function voicesOf([first]: Names, models: readonly ModelSettings[]): Names {
  return first === localEngine ? [agentDefaults.voice] : (models.find(({ name }) => name === first)?.voices ?? []);
}

function listOf(engines: string | readonly string[] | undefined): Names {
  if (engines === undefined) return [localEngine];
  return typeof engines === 'string' ? [engines] : engines;
}

function unusable(message: string): ParleyError {
  return new ParleyError(message, { code: 'settings.invalid', status: 400 });
}
