import type { Migration } from '../migrations.js';

export const keysAndUsage: Migration = {
  id: 1,
  name: 'keys and usage',
  statements: [
    `create table api_keys (
      id text primary key,
      name text not null,
      prefix text not null,
      secret_hash text not null unique,
      scopes text[] not null,
      requests_per_minute integer check (requests_per_minute > 0),
      max_concurrent integer check (max_concurrent > 0),
      created_at timestamptz(3) not null,
      expires_at timestamptz(3),
      revoked_at timestamptz(3)
    )`,
    `create table usage_hours (
      key_id text not null,
      hour timestamptz(3) not null,
      scope text not null,
      requests bigint not null default 0,
      audio_in_seconds double precision not null default 0,
      audio_out_seconds double precision not null default 0,
      characters bigint not null default 0,
      input_tokens bigint not null default 0,
      output_tokens bigint not null default 0,
      primary key (key_id, hour, scope)
    )`,
    'create index usage_hours_by_hour on usage_hours (hour)',
    `create table usage_writers (
      id text primary key,
      last_batch bigint not null,
      written_at timestamptz(3) not null
    )`,
  ],
};
