import { fsyncSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type Prepared = Awaited<ReturnType<NodeFS['init']>>;

/** What of Emscripten's file system over Node's is needed here. */
type RunTime = {
  readonly NODEFS: { readonly stream_ops: { fsync?: (stream: { readonly nfd: number }) => number } };
};

/**
 * The file system of the embedded database, with `fsync`. As it comes it has none, so that what the database takes for
 * written is only in the memory of the operating system: a loss of power could lose or damage it.
 */
export class SyncedFileSystem extends NodeFS {
  override async init(database: PGlite, options: Parameters<NodeFS['init']>[1]): Promise<Prepared> {
    const prepared = await super.init(database, options);
    const addSync = ({ NODEFS }: RunTime): void => {
      NODEFS.stream_ops.fsync = ({ nfd }) => {
        fsyncSync(nfd);
        return 0;
      };
    };
    const preRun = [...((prepared.emscriptenOpts.preRun as ((runTime: RunTime) => void)[] | undefined) ?? []), addSync];
    return { ...prepared, emscriptenOpts: { ...prepared.emscriptenOpts, preRun } };
  }
}
