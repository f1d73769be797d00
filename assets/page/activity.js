/**
 * What the call is doing, from three facts.
 * @param {{ live: boolean, audible: boolean, replyPending: boolean }} facts
 * @returns {'connecting' | 'listening' | 'thinking' | 'speaking'}
 */
export function activityOf({ live, audible, replyPending }) {
  if (!live) return 'connecting';
  if (audible) return 'speaking';
  return replyPending ? 'thinking' : 'listening';
}
