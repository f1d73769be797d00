import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelPath, resolveCacheDir } from './cache.js';
import { catalogue, isModelId, type ModelSpec, requiredModels, sourceLabel } from './catalogue.js';

const models: readonly ModelSpec[] = catalogue;

describe('the catalogue', () => {
  it('names every model and, within it, every file once', () => {
    expect(new Set(models.map(({ id }) => id)).size).toBe(models.length);
    for (const { files } of models) expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
  });

  it('uses names that are safe as folders and files', () => {
    for (const { id, files } of models) {
      for (const name of [id, ...files.map((file) => file.name)]) expect(name).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
    }
  });

  it('pins every file by size and sha256, over a secure address or a version', () => {
    for (const { files } of models) {
      for (const file of files) {
        expect(file.bytes).toBeGreaterThan(0);
        expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(file.sources.length).toBeGreaterThan(0);
        for (const source of file.sources) {
          if (source.kind === 'url') expect(source.url).toMatch(/^https:\/\//);
          else expect(source.version).toMatch(/^\d+\.\d+\.\d+$/);
        }
      }
    }
  });

  it('gives every required file a source among the package registries', () => {
    for (const { files } of models.filter(({ required }) => required)) {
      for (const file of files) expect(file.sources.some(({ kind }) => kind !== 'url')).toBe(true);
    }
  });

  it('cuts files into parts that add up', () => {
    for (const file of models.flatMap(({ files }) => files)) {
      for (const source of file.sources) {
        if (source.kind !== 'pypi-parts') continue;
        const lastBytes = file.bytes - source.partBytes * (source.count - 1);
        expect(lastBytes).toBeGreaterThan(0);
        expect(lastBytes).toBeLessThanOrEqual(source.partBytes);
      }
    }
  });

  it('requires one model for each job', () => {
    const jobs = models.filter(({ required }) => required).map(({ job }) => job);
    expect(jobs.toSorted()).toEqual([
      'end of turn',
      'language model',
      'speech to text',
      'text to speech',
      'voice activity',
    ]);
    expect(requiredModels()).toContain('silero-vad');
    expect(requiredModels()).not.toContain('hibari-voice-emma');
    expect(isModelId('hibari')).toBe(true);
    expect(isModelId('nothing')).toBe(false);
  });

  it('labels a source by its host or package', () => {
    expect(sourceLabel({ kind: 'url', url: 'https://models.example.test/a/b.onnx' })).toBe('models.example.test');
  });
});

describe('the cache folder', () => {
  it('is that of the environment, made absolute, else the user’s', () => {
    expect(resolveCacheDir({ PARLEY_CACHE_DIR: 'somewhere' })).toBe(join(process.cwd(), 'somewhere'));
    expect(resolveCacheDir({})).toMatch(/\.cache.parley$/);
    expect(resolveCacheDir({ PARLEY_CACHE_DIR: '' })).toMatch(/\.cache.parley$/);
  });

  it('has one folder for each model', () => {
    expect(modelPath('/cache', 'silero-vad', 'silero_vad.onnx')).toBe('/cache/models/silero-vad/silero_vad.onnx');
  });
});
