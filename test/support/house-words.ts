/** What the scripted house hears, whatever is said to it, and what it answers. */
export const houseTranscript = 'nightingale marzipan';
export const houseReply = 'Velociraptor.';
