import { z } from 'zod';

/** What a client may ask for in text between its audio. */
export const liveControlSchema = z.object({
  type: z.enum(['finalize', 'close_stream', 'end', 'keepalive'], {
    error: 'expected finalize, close_stream, end or keepalive',
  }),
});

export type LiveControl = z.infer<typeof liveControlSchema>['type'];
