import { describe, expect, it } from 'vitest';
import { ArrivalMap } from './arrival-map.js';

describe('arrival map', () => {
  it('maps audio that comes in real time one to one', () => {
    const map = new ArrivalMap(0);
    for (let ms = 20; ms <= 1_000; ms += 20) map.note(ms, 5_000 + ms);
    expect(map.clockAt(500)).toBe(5_500);
    expect(map.clockAt(510)).toBe(5_510);
    expect(map.audioAt(5_500)).toBe(500);
    expect(map.audioAt(5_510)).toBe(510);
  });

  it('goes on at real time after the last arrival', () => {
    const map = new ArrivalMap(0);
    map.note(1_000, 3_000);
    expect(map.audioAt(3_250)).toBe(1_250);
  });

  it('audio that came in a burst was there when the burst came', () => {
    const map = new ArrivalMap(0);
    for (let ms = 20; ms <= 5_000; ms += 20) map.note(ms, 100);
    expect(map.clockAt(2_000)).toBe(100);
    expect(map.audioAt(100)).toBe(5_000);
    expect(map.audioAt(300)).toBe(5_200);
  });

  it('after a stall positions follow the clock at which they came', () => {
    const map = new ArrivalMap(0);
    for (let ms = 20; ms <= 500; ms += 20) map.note(ms, ms);
    for (let ms = 520; ms <= 1_000; ms += 20) map.note(ms, ms + 2_000);
    expect(map.clockAt(500)).toBe(500);
    expect(map.clockAt(520)).toBe(2_520);
    expect(map.audioAt(2_600)).toBe(600);
  });

  it('knows the last minute at least, however long the call', () => {
    const map = new ArrivalMap(0);
    for (let ms = 20; ms <= 600_000; ms += 20) map.note(ms, ms + 7);
    expect(map.clockAt(545_000)).toBe(545_007);
    expect(map.audioAt(600_007)).toBe(600_000);
  });

  it('before anything has come the audio begins where the call does, whatever the clock shows', () => {
    const map = new ArrivalMap(70_000);
    expect(map.clockAt(100)).toBe(70_000);
    expect(map.audioAt(70_100)).toBe(100);
    map.note(20, 70_045);
    expect(map.audioAt(70_100)).toBe(75);
  });
});
