import { describe, expect, it } from 'vitest';
import { asksWhetherMachine } from './disclosure.js';

describe('the question whether one speaks with a machine', () => {
  it.each([
    'Are you a robot?',
    'are you a robot',
    'Wait, are you a real person?',
    'Are you human?',
    'Are you an AI?',
    'So am I talking to a computer?',
    'Am I speaking with a real person or a machine?',
    'Is this a recording?',
    'Is this a bot?',
    "You're a robot, right?",
    'Are you actually a human being?',
    'Hello. Are you real?',
    'I would like a latte. Are you a robot?',
  ])('is heard in %j', (said) => {
    expect(asksWhetherMachine(said)).not.toBe('no');
  });

  it.each([
    'A large latte, please.',
    'Are you open on Sunday?',
    'Is this machine made coffee?',
    "I'm a computer program developer.",
    'Is this a real espresso?',
    'Are you the person who makes the coffee?',
    'Is it a program for members?',
    'I said a human sized cup.',
  ])('is not heard in %j', (said) => {
    expect(asksWhetherMachine(said)).toBe('no');
  });

  it('is told apart from what else was said', () => {
    expect(asksWhetherMachine('Hello Ava. Are you a robot?')).toBe('only');
    expect(asksWhetherMachine('I want a large latte. Are you a robot?')).toBe('also');
  });
});
