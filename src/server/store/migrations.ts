import { type Kysely, type Migration, type MigrationProvider, sql } from 'kysely';

/** In order; one that has been released is never changed, only followed by another. */
const migrations: Record<string, Migration> = {
  '001_start': {
    async up(db: Kysely<unknown>) {
      for (const statement of start) await sql.raw(statement).execute(db);
    },
  },
  '002_every_door': {
    async up(db: Kysely<unknown>) {
      for (const statement of everyDoor) await sql.raw(statement).execute(db);
    },
  },
  '003_files': {
    async up(db: Kysely<unknown>) {
      for (const statement of files) await sql.raw(statement).execute(db);
    },
  },
  '004_delivery_log': {
    async up(db: Kysely<unknown>) {
      for (const statement of deliveryLog) await sql.raw(statement).execute(db);
    },
  },
  '005_kept_states': {
    async up(db: Kysely<unknown>) {
      await sql.raw(keptStates).execute(db);
    },
  },
  '006_lanes': {
    async up(db: Kysely<unknown>) {
      for (const statement of lanes) await sql.raw(statement).execute(db);
    },
  },
  '007_holds': {
    async up(db: Kysely<unknown>) {
      await sql.raw(holds).execute(db);
    },
  },
  '008_own_saves': {
    async up(db: Kysely<unknown>) {
      await sql.raw(ownSaves).execute(db);
    },
  },
};

export const migrationProvider: MigrationProvider = { getMigrations: async () => migrations };

const start = [
  'CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)',
  `CREATE TABLE sites (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, settings_json TEXT NOT NULL, channel_id TEXT NOT NULL, created BIGINT NOT NULL)`,
  'CREATE TABLE channels (id TEXT PRIMARY KEY, site_id TEXT NOT NULL, name TEXT NOT NULL, updated BIGINT NOT NULL)',
  `CREATE TABLE users (
    id TEXT PRIMARY KEY, site_id TEXT, reference_id TEXT, vouched INTEGER NOT NULL, email TEXT, phone TEXT,
    profile_json TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL)`,
  'CREATE UNIQUE INDEX users_vouched ON users (site_id, reference_id) WHERE vouched = 1',
  'CREATE INDEX users_reference ON users (reference_id)',
  'CREATE INDEX users_email ON users (email)',
  'CREATE TABLE agents (id TEXT PRIMARY KEY, name TEXT NOT NULL, actor_type TEXT NOT NULL, created BIGINT NOT NULL)',
  `CREATE TABLE conversations (
    id TEXT PRIMARY KEY, site_id TEXT NOT NULL, channel_id TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES users (id),
    status TEXT NOT NULL, agent_id TEXT, group_id TEXT, properties_json TEXT NOT NULL, seq INTEGER NOT NULL,
    customer_read INTEGER NOT NULL, business_read INTEGER NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL)`,
  'CREATE INDEX conversations_user ON conversations (user_id, created)',
  `CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, conversation_id TEXT NOT NULL REFERENCES conversations (id),
    seq INTEGER NOT NULL, type TEXT NOT NULL, actor_type TEXT NOT NULL, actor_id TEXT NOT NULL, time BIGINT NOT NULL,
    data_json TEXT NOT NULL, UNIQUE (conversation_id, seq))`,
  `CREATE TABLE messages (
    id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL REFERENCES conversations (id), seq INTEGER NOT NULL, author TEXT NOT NULL,
    client_id TEXT, fingerprint TEXT NOT NULL, answers_message_id TEXT, time BIGINT NOT NULL,
    UNIQUE (conversation_id, seq), UNIQUE (conversation_id, author, client_id))`,
  'CREATE UNIQUE INDEX messages_answers ON messages (answers_message_id) WHERE answers_message_id IS NOT NULL',
  'CREATE INDEX messages_time ON messages (conversation_id, time)',
  `CREATE TABLE web_views (
    id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL REFERENCES conversations (id), message_id TEXT NOT NULL, button INTEGER NOT NULL,
    url TEXT NOT NULL, origin TEXT NOT NULL, title TEXT, size TEXT NOT NULL, data_json TEXT, once INTEGER NOT NULL,
    state TEXT NOT NULL, owner TEXT NOT NULL, seen BIGINT NOT NULL, opened BIGINT NOT NULL, expires BIGINT NOT NULL,
    closed BIGINT, reason TEXT, saved_json TEXT, submitted INTEGER NOT NULL, submit_key TEXT, summary TEXT, source TEXT, result_json TEXT)`,
  "CREATE UNIQUE INDEX web_views_live ON web_views (conversation_id) WHERE state <> 'closed'",
  'CREATE INDEX web_views_button ON web_views (message_id, button, opened)',
  "CREATE INDEX web_views_running ON web_views (expires) WHERE state <> 'closed'",
  'CREATE TABLE web_view_codes (hash TEXT PRIMARY KEY, web_view_id TEXT NOT NULL, expires BIGINT NOT NULL)',
  'CREATE TABLE revoked_sessions (id TEXT PRIMARY KEY, time BIGINT NOT NULL)',
  `CREATE TABLE tokens (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, hint TEXT NOT NULL, scopes_json TEXT NOT NULL, agent_id TEXT,
    created BIGINT NOT NULL, used BIGINT, revoked BIGINT)`,
  `CREATE TABLE webhooks (
    id TEXT PRIMARY KEY, url TEXT NOT NULL, events_json TEXT NOT NULL, secrets_json TEXT NOT NULL, enabled INTEGER NOT NULL, created BIGINT NOT NULL)`,
  `CREATE TABLE deliveries (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    lane TEXT NOT NULL, event_id TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, next BIGINT NOT NULL,
    created BIGINT NOT NULL, done BIGINT)`,
  "CREATE INDEX deliveries_waiting ON deliveries (webhook_id, lane, position) WHERE state = 'waiting'",
  'CREATE INDEX deliveries_lane ON deliveries (webhook_id, lane, position)',
  `CREATE TABLE delivery_attempts (
    delivery_id TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE, attempt INTEGER NOT NULL, time BIGINT NOT NULL, status INTEGER,
    error TEXT, duration INTEGER NOT NULL, PRIMARY KEY (delivery_id, attempt))`,
  `CREATE TABLE idempotency (
    token_id TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, created BIGINT NOT NULL,
    PRIMARY KEY (token_id, key))`,
];

const everyDoor = [
  "ALTER TABLE web_views ADD COLUMN options_json TEXT NOT NULL DEFAULT '{}'",
  "ALTER TABLE channels ADD COLUMN settings_json TEXT NOT NULL DEFAULT '{}'",
  'ALTER TABLE agents ADD COLUMN email TEXT',
  "ALTER TABLE agents ADD COLUMN profile_json TEXT NOT NULL DEFAULT '{}'",
  'ALTER TABLE agents ADD COLUMN deactivated BIGINT',
  'CREATE TABLE groups (id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, created BIGINT NOT NULL)',
  `CREATE TABLE group_agents (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE, agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, agent_id))`,
  `CREATE TABLE files (
    id TEXT PRIMARY KEY, secret TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, content_type TEXT NOT NULL, size BIGINT NOT NULL,
    width INTEGER, height INTEGER, sha256 TEXT NOT NULL, created BIGINT NOT NULL, used BIGINT)`,
  'CREATE INDEX files_unused ON files (created) WHERE used IS NULL',
  'ALTER TABLE tokens ADD COLUMN previous_hash TEXT',
  'ALTER TABLE tokens ADD COLUMN previous_until BIGINT',
  'CREATE UNIQUE INDEX tokens_previous ON tokens (previous_hash) WHERE previous_hash IS NOT NULL',
  'CREATE INDEX conversations_updated ON conversations (updated)',
  'CREATE INDEX conversations_status ON conversations (status, updated)',
  'CREATE INDEX conversations_agent ON conversations (agent_id, updated)',
  'CREATE INDEX conversations_group ON conversations (group_id, updated)',
  'CREATE INDEX users_created ON users (created)',
  'CREATE INDEX users_phone ON users (phone)',
  'CREATE UNIQUE INDEX agents_email ON agents (email) WHERE email IS NOT NULL AND deactivated IS NULL',
  'CREATE INDEX deliveries_created ON deliveries (webhook_id, created)',
];

const files = [
  'CREATE UNIQUE INDEX files_secret ON files (secret)',
  'CREATE INDEX files_unsent ON files (owner) WHERE used IS NULL',
];

const deliveryLog = [
  "ALTER TABLE deliveries ADD COLUMN action TEXT NOT NULL DEFAULT ''",
  "UPDATE deliveries SET action = json_extract(body, '$.action')",
  'ALTER TABLE deliveries ADD COLUMN first_attempt INTEGER NOT NULL DEFAULT 0',
  'ALTER TABLE deliveries ADD COLUMN replayed INTEGER NOT NULL DEFAULT 0',
  'ALTER TABLE deliveries ADD COLUMN replayed_time BIGINT',
  'DROP INDEX deliveries_waiting',
  "CREATE INDEX deliveries_waiting ON deliveries (webhook_id, lane, replayed, position) WHERE state = 'waiting'",
  "CREATE INDEX deliveries_dead ON deliveries (webhook_id, created) WHERE state = 'dead'",
  'CREATE INDEX idempotency_created ON idempotency (created)',
  'CREATE INDEX revoked_sessions_time ON revoked_sessions (time)',
];

const keptStates = 'CREATE INDEX web_views_saved ON web_views (conversation_id, closed) WHERE saved_json IS NOT NULL';

/** What waits behind another in its lane is not looked for (webhooks/lanes.ts); the worker straightens what there is when it starts. */
const lanes = ["CREATE INDEX deliveries_due ON deliveries (webhook_id, next) WHERE state = 'waiting'"];

const holds = 'ALTER TABLE webhooks ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0';

const ownSaves = 'ALTER TABLE web_views ADD COLUMN saved BIGINT';
