import type { Migration } from '../migrations.js';

export const pronunciationDicts: Migration = {
  id: 2,
  name: 'pronunciation dictionaries',
  statements: [
    `create table pronunciation_dicts (
      id text primary key,
      owner text not null,
      items jsonb not null,
      created_at timestamptz(3) not null,
      updated_at timestamptz(3) not null
    )`,
    'create index pronunciation_dicts_by_owner on pronunciation_dicts (owner, created_at)',
  ],
};
