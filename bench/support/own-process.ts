import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Does a job in a process of its own, so that whoever measures shares neither event loop nor memory with what is measured.
 * `script` calls {@link serveJob}. @throws when it ends without a report
 */
export function runInOwnProcess<Job extends object, Report>(script: URL, job: Job): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(script), { execArgv: ['--import', 'tsx'], serialization: 'advanced' });
    child.once('message', (report) => resolve(report as Report));
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`${script.pathname} ended with ${signal ?? code}.`)));
    child.send(job);
  });
}

/** The other half of {@link runInOwnProcess}. */
export function serveJob<Job, Report extends object>(work: (job: Job) => Promise<Report>): void {
  process.once('message', (job: Job) => {
    work(job).then(
      (report) => process.send?.(report, () => process.disconnect()),
      (error: Error) => {
        process.stderr.write(`${error.stack ?? error.message}\n`);
        process.exit(1);
      },
    );
  });
}
