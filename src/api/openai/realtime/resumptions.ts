import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { closeCodes } from '../../../channels/socket/bounded-socket.js';

/** Which connection a token resumes. One token is valid for each, and it is valid once. */
export class Resumptions<Connection extends object> {
  readonly #byDigest = new Map<string, Connection>();
  readonly #digests = new Map<Connection, string>();

  /** A new token, in place of the connection's last one. */
  issue(connection: Connection): string {
    this.forget(connection);
    const token = randomBytes(24).toString('base64url');
    const digest = digestOf(token);
    this.#byDigest.set(digest, connection);
    this.#digests.set(connection, digest);
    return token;
  }

  take(token: string): Connection | undefined {
    const connection = this.#byDigest.get(digestOf(token));
    if (connection) this.forget(connection);
    return connection;
  }

  forget(connection: Connection): void {
    const digest = this.#digests.get(connection);
    if (digest !== undefined) this.#byDigest.delete(digest);
    this.#digests.delete(connection);
  }
}

/** How long a search takes says nothing of the tokens that there are. */
function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/** Browsers see no answer to an upgrade that is refused, so it is taken, and closed with the reason. Resolves then. */
export async function refuseResumption(webSocket: WebSocket, closeTimeoutMs: number): Promise<void> {
  const message = 'There is no session to resume with this token: it has ended, or was resumed already. Connect anew.';
  const error = { type: 'invalid_request_error', code: 'parley.session_not_resumable', message, param: 'resume' };
  const lingering = setTimeout(() => webSocket.terminate(), closeTimeoutMs);
  const closed = new Promise((resolve) => webSocket.once('close', resolve));
  webSocket.on('error', () => {});
  webSocket.send(JSON.stringify({ type: 'error', event_id: `event_${randomUUID()}`, error }));
  webSocket.close(closeCodes.noSuchSession, message);
  await closed;
  clearTimeout(lingering);
}
