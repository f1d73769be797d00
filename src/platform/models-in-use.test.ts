import { describe, expect, it } from 'vitest';
import { catalogue, modelBytes, requiredModels } from '../models/catalogue.js';
import type { ModelProgress } from '../models/progress-event.js';
import { ModelsInUse } from './models-in-use.js';

const [first] = catalogue;
const event = (file: string, phase: ModelProgress['phase'], receivedBytes = 0, totalBytes = 0): ModelProgress => ({
  model: first.id,
  file,
  source: 'somewhere',
  receivedBytes,
  totalBytes,
  phase,
});

describe('the models in use', () => {
  it('are named with their job, licence and size', () => {
    const models = new ModelsInUse(requiredModels());
    expect(models.view().map(({ id }) => id)).toEqual(requiredModels());
    expect(models.view()[0]).toEqual({
      id: first.id,
      job: first.job,
      name: first.name,
      licence: first.licence,
      bytes: modelBytes(first),
      receivedBytes: 0,
      state: 'waiting',
    });
  });

  it('count a file that comes out of an archive by the share of the archive', () => {
    const models = new ModelsInUse([first.id]);
    const [file] = first.files;
    models.onProgress(event(file.name, 'downloading', 10, 40));
    expect(models.view()[0]).toMatchObject({ receivedBytes: Math.round(file.bytes / 4), state: 'downloading' });
    models.onProgress(event(file.name, 'failed', 0, 40));
    expect(models.view()[0]).toMatchObject({ receivedBytes: 0, state: 'downloading' });
  });

  it('are installed when every file is done, or when the fetch found them all', () => {
    const models = new ModelsInUse([first.id]);
    for (const { name } of first.files) {
      expect(models.view()[0]?.state).not.toBe('installed');
      models.onProgress(event(name, 'verifying', 1, 1));
      expect(models.view()[0]?.state).toBe('verifying');
      models.onProgress(event(name, 'done', 1, 1));
    }
    expect(models.view()[0]).toMatchObject({ receivedBytes: modelBytes(first), state: 'installed' });

    const found = new ModelsInUse(requiredModels());
    found.onProgress({ ...event('', 'waiting'), model: '' });
    found.installed();
    expect(new Set(found.view().map(({ state }) => state))).toEqual(new Set(['installed']));
  });
});
