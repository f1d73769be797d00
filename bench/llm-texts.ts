/** Turns of about ten words. */
export const spokenTurns: readonly string[] = [
  'Can I have a large latte with oat milk please?',
  "I'd like two small espressos and a glass of water.",
  'Could you make me a medium roast cappuccino with cinnamon?',
  'A twelve ounce iced coffee with a bit of brown sugar.',
  "Hi, I'd like a green tea with honey and lemon.",
  'Give me a double shot mocha with lots of whipped cream.',
  'May I get a dark roast americano with no sugar today?',
  "I'll take a small hot chocolate with two extra marshmallows.",
  'Please make it a sixteen ounce flat white with soy milk.',
  'One toasted bagel with butter and a black coffee, please.',
  'Can you do a decaf latte with almond milk and vanilla?',
  'I want three chai lattes, all of them large and hot.',
  'Could I order a macchiato with caramel and whole milk please?',
  'Just a regular drip coffee with a splash of cream, thanks.',
  'Do you have time to make four iced teas for us?',
  "Let's do a large peppermint mocha with skim milk, no foam.",
  'A single shot espresso and a croissant with strawberry jam.',
  'Get me a tall cold brew with sweet cream on top.',
  'I need a small oat latte with an extra shot please.',
  'What about a medium white mocha with coconut milk and ice?',
];

/** Nothing that the prompt has, of about 160 tokens. */
export const longText = [
  'The morning train from the coast was late again, so we walked along the harbour and watched the boats come in.',
  'An old man was mending a green net while his dog slept between two crates of herring.',
  'Later the sun came out, the shops lifted their shutters one by one, and a girl on a bicycle delivered the papers.',
  'We asked her where one could find breakfast, and she pointed up the hill to a yellow house with a broken sign.',
  'Inside it smelled of toast and oranges, and somebody was playing the piano rather badly in another room.',
  'When the clock struck nine we paid, thanked the cook, and hurried back down to the platform just in time.',
].join(' ');

/** An order, as a form. */
export const jsonOrderSchema = {
  type: 'object',
  properties: {
    items: {
      type: 'array',
      minItems: 1,
      maxItems: 4,
      items: {
        type: 'object',
        properties: {
          drink: { type: 'string', maxLength: 30 },
          size: { enum: ['small', 'medium', 'large', 'unknown'] },
          count: { type: 'integer' },
          extras: { type: 'array', items: { type: 'string', maxLength: 30 }, maxItems: 4 },
        },
        required: ['drink', 'size', 'count'],
      },
    },
  },
  required: ['items'],
} as const;
