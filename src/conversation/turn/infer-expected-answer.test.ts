import { describe, expect, it } from 'vitest';
import type { ExpectedAnswer } from '../../ports/expected-answer.js';
import { inferExpectedAnswer } from './infer-expected-answer.js';

const free: ExpectedAnswer = { kind: 'free' };
const more: ExpectedAnswer = { kind: 'anything-else' };
const yesNo: ExpectedAnswer = { kind: 'yes-no' };
const date: ExpectedAnswer = { kind: 'date' };
const email: ExpectedAnswer = { kind: 'email' };
const spelling: ExpectedAnswer = { kind: 'spelling' };
const choice = (...options: string[]): ExpectedAnswer => ({ kind: 'choice', options });
const number = (of: 'phone' | 'card' | 'other', minDigits: number, maxDigits = minDigits): ExpectedAnswer => ({
  kind: 'number',
  of,
  minDigits,
  maxDigits,
});
const phone = number('phone', 10, 11);
const card = number('card', 15, 16);

describe('what an agent waits for, by what it said', () => {
  it.each<[string, ExpectedAnswer]>([
    // Yes or no.
    ['Is that correct?', yesNo],
    ['So that is one large latte. Is that right?', yesNo],
    ['Would you like milk with that?', yesNo],
    ['Do you want to go ahead?', yesNo],
    ['Shall I book it for you?', yesNo],
    ['Are you a member?', yesNo],
    ['Have you called us before?', yesNo],
    ['Can I put you on hold for a moment?', yesNo],
    ["Great, that's two coffees, right?", yesNo],
    ['Okay, so you are at home now, is that correct?', yesNo],
    ['Ready?', yesNo],
    ['Is that all?', yesNo],
    ['Do you have a membership number?', yesNo],
    ['Did you receive the e-mail?', yesNo],
    ['Can I use the card number on file?', yesNo],
    ["Don't you want sugar?", yesNo],
    ['And would you like a receipt?', yesNo],
    ['The total is nine dollars. Does that work for you?', yesNo],
    // A choice.
    ['Would you like a small, medium or large coffee?', choice('small', 'medium', 'large coffee')],
    ['Small, medium, or large?', choice('small', 'medium', 'large')],
    ['Would you prefer tea or coffee?', choice('tea', 'coffee')],
    ['Is it for here or to go?', choice('here', 'go')],
    ['Do you want whole milk or oat milk?', choice('whole milk', 'oat milk')],
    ['Do you mean Springfield or Shelbyville?', choice('springfield', 'shelbyville')],
    ['Which one: red, green or blue?', choice('red', 'green', 'blue')],
    ['Morning or afternoon?', choice('morning', 'afternoon')],
    ['Hot or iced?', choice('hot', 'iced')],
    ['Will that be cash or card?', choice('cash', 'card')],
    // Numbers.
    ["What's your phone number?", phone],
    ['Could you give me your phone number, please?', phone],
    ['Please tell me your mobile number.', phone],
    ['What is the best number to reach you?', phone],
    ['What number can we call you back on?', phone],
    ['I just need your telephone number.', phone],
    ['Can I have a contact number?', phone],
    ["What's the card number?", card],
    ['Please read me the long number on the front of your card.', card],
    ['May I have your credit card number?', card],
    ['And the security code on the back, what is it?', number('card', 3, 4)],
    ['What are the last four digits of your card?', number('other', 4)],
    ['Could you tell me the last 4 of your social?', number('other', 4)],
    ["What's your zip code?", number('other', 5, 9)],
    ['Please say your six digit code.', number('other', 6)],
    ['What is your ten-digit phone number?', number('phone', 10)],
    ['Can I have your account number?', number('other', 5, 20)],
    ['Could you read me the order number?', number('other', 5, 20)],
    ['What is the verification code that we sent you?', number('other', 4, 8)],
    ['Please tell me your PIN.', number('other', 4, 6)],
    // Dates.
    ['What date would you like?', date],
    ['Which day works for you?', date],
    ['When would you like to come in?', date],
    ['What is your date of birth?', date],
    ['Could you tell me the date of your appointment?', date],
    ['When do you want to travel?', date],
    // E-mail and spelling.
    ["What's your email address?", email],
    ['Could you give me your e-mail?', email],
    ['Can you spell that for me?', spelling],
    ['How do you spell your last name?', spelling],
    ['Could you spell your name, please?', spelling],
    ['Please spell your street letter by letter.', spelling],
    // Anything else.
    ['', free],
    ['Hello.', free],
    ['Hi, how can I help you today?', free],
    ['What can I get you?', free],
    ['What would you like to drink?', free],
    ['Would you like anything else?', more],
    ['Anything else?', more],
    ['Can I get you something else?', more],
    ['Can you tell me what happened?', free],
    ['Do you have any questions?', free],
    ["What's your name?", free],
    ['Where are you calling from?', free],
    ['Why do you want to cancel?', free],
    ['Your coffee will be ready in five minutes.', free],
    ['We open at nine and close at five.', free],
    ['I have sent your number to the driver.', free],
    ['How many would you like?', free],
    ['Would you like coffee, or something else?', free],
    ['Could you describe the problem?', free],
    ['Is there anything else I can do for you?', more],
    ['When do you close?', free],
    // The last question counts.
    ['Is that right? And what is your phone number?', phone],
    ['What is your phone number? Thank you. Is that a mobile?', yesNo],
    ['Sure. Would you like milk? It is free today.', yesNo],
  ])('"%s"', (said, expected) => {
    expect(inferExpectedAnswer(said)).toEqual(expected);
  });

  it.each([
    "Sorry, I didn't catch that. Could you say it again?",
    'Could you repeat that, please?',
    'Sorry, could you say that once more?',
    'Pardon?',
    'One moment, please.',
    'Just a second.',
  ])('is what it was before when it only asks to hear it again, or for patience: "%s"', (said) => {
    expect(inferExpectedAnswer(said)).toBeUndefined();
  });
});
