import { ParleyError } from '../../ports/errors.js';

const lost: ReadonlySet<string> = new Set(['host.died', 'host.hung', 'host.lost_state', 'host.start_failed']);

/** The host that worked on this is gone, with all that it kept: the same can be asked of the next one. */
export function lostItsHost(error: unknown): boolean {
  return ParleyError.isInstance(error) && lost.has(error.code);
}

/** How often one piece of work is begun again on a new host before it is given up. */
export const maxHostsLost = 2;
