import { rmsDb } from '../../audio/loudness.js';

/** Speech stands out of the room by this much. */
const aboveRoomDb = 12;
/** Quieter than this is nobody speaking, however quiet the room is. */
const leastSpeechDb = -50;
/** A room gets louder by at most this much in a window of 32 ms (1.5 dB a second): speech is shorter than that. */
const roomRiseDb = 0.05;
/** Digital silence says nothing of the room. */
const leastRoomDb = -80;

/**
 * Voice activity by level alone, for while the detector is away: louder than the room is speech. It follows the room all
 * the time, so that it can take over at any window.
 */
export class LevelActivity {
  #roomDb: number | undefined;

  /** @returns 1 for speech, 0 for none */
  judge(window: Float32Array): 0 | 1 {
    const levelDb = rmsDb(window);
    const roomDb = Math.max(leastRoomDb, Math.min(levelDb, (this.#roomDb ?? levelDb) + roomRiseDb));
    this.#roomDb = roomDb;
    return levelDb >= Math.max(roomDb + aboveRoomDb, leastSpeechDb) ? 1 : 0;
  }
}
