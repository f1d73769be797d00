/** One event of a stream of server-sent events (WHATWG HTML, section 9.2). JSON has no line breaks. */
export function sentEvent(data: unknown, event?: string): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
}

export const eventStreamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies that gather answers would undo the streaming.
  'x-accel-buffering': 'no',
} as const;
