import { describe, expect, it } from 'vitest';
import { Acknowledgements } from './acknowledgements.js';

describe('acknowledgements', () => {
  it('a reply that is stopped was played on since its last mark, but no further than it was sent', () => {
    const marks = new Acknowledgements();
    marks.note(0, 400, 800, 1_000);
    expect(marks.stopped(0, 700, 800, 1_100)).toMatchObject({ playedMs: 500, basis: 'acknowledged' });
    marks.note(1, 400, 800, 1_000);
    expect(marks.stopped(1, 700, 800, 9_000)).toMatchObject({ playedMs: 700, basis: 'acknowledged' });
  });

  it('without a mark the estimate stands, and says so', () => {
    const marks = new Acknowledgements();
    expect(marks.stopped(0, 700, 800, 1_000)).toMatchObject({ playedMs: 700, basis: 'estimated' });
    expect(marks.completed(1, 800)).toMatchObject({ playedMs: 800, basis: 'estimated' });
  });

  it('the last mark is the truth, less or more, and no mark before it changes that', () => {
    const marks = new Acknowledgements();
    marks.note(0, 400, 800, 1_000);
    marks.stopped(0, 700, 800, 1_100);
    expect(marks.amend(0, 460, true)).toMatchObject({ playedMs: 460 });
    expect(marks.amend(0, 440, false)).toBeUndefined();
    expect(marks.amend(0, 460, true)).toBeUndefined();
  });

  it('a late mark can only add', () => {
    const marks = new Acknowledgements();
    marks.note(0, 100, 800, 1_000);
    marks.stopped(0, 700, 800, 1_020);
    expect(marks.amend(0, 90, false)).toBeUndefined();
    expect(marks.amend(0, 300, false)).toMatchObject({ playedMs: 300 });
    expect(marks.amend(0, 9_000, false)).toMatchObject({ playedMs: 800 });
  });

  it('a completed reply is acknowledged by the mark of its end, before or after', () => {
    const marks = new Acknowledgements();
    marks.note(0, 800, 800, 1_000);
    expect(marks.completed(0, 800).basis).toBe('acknowledged');
    marks.note(1, 700, 800, 1_000);
    expect(marks.completed(1, 800).basis).toBe('estimated');
    expect(marks.amend(1, 760, false)).toBeUndefined();
    expect(marks.amend(1, 800, false)).toMatchObject({ playedMs: 800, basis: 'acknowledged' });
  });

  it('marks of other replies, twice, backwards or out of all measure change nothing', () => {
    const marks = new Acknowledgements();
    marks.note(0, 400, 800, 1_000);
    marks.note(0, 300, 800, 1_050);
    marks.note(0, 400, 800, 1_080);
    marks.note(0, Number.NaN, 800, 1_090);
    marks.note(0, -5, 800, 1_090);
    expect(marks.stopped(0, 700, 800, 1_100).playedMs).toBe(500);
    expect(marks.amend(7, 400, true)).toBeUndefined();
    expect(marks.amend(0, Number.POSITIVE_INFINITY, false)).toBeUndefined();
  });

  it('replies of long ago are forgotten', () => {
    const marks = new Acknowledgements();
    for (let reply = 0; reply < 20; reply++) marks.completed(reply, 800);
    expect(marks.amend(3, 400, true)).toBeUndefined();
    expect(marks.amend(4, 400, true)).toMatchObject({ playedMs: 400 });
  });
});
