import type { Generated } from 'kysely';
import type { BusinessStatus } from '../../protocol/event';

/** Times are milliseconds since 1970, booleans 0 or 1, and columns called `*_json` JSON text: the same in every backend. */
export type Tables = {
  settings: { key: string; value: string };
  sites: { id: string; name: string; settings_json: string; channel_id: string; created: number };
  channels: {
    id: string;
    site_id: string;
    name: string;
    updated: number;
    /** What else there is to say of it: tags, locale, welcome message, … */
    settings_json: string;
  };
  users: {
    id: string;
    site_id: string | null;
    reference_id: string | null;
    vouched: number;
    email: string | null;
    phone: string | null;
    profile_json: string;
    created: number;
    updated: number;
  };
  agents: {
    id: string;
    name: string;
    actor_type: 'agent' | 'bot';
    created: number;
    email: string | null;
    profile_json: string;
    /** When it was deleted: what it wrote stays, it writes no more. */
    deactivated: number | null;
  };
  groups: { id: string; name: string; description: string; created: number };
  group_agents: { group_id: string; agent_id: string };
  /** Uploads: the bytes stand in a file of this id in the data folder. */
  files: {
    id: string;
    /** In its URL: nobody can guess it. */
    secret: string;
    /** Who may send it: `user:<id>` or `token:<id>`. */
    owner: string;
    name: string;
    content_type: string;
    size: number;
    width: number | null;
    height: number | null;
    sha256: string;
    created: number;
    /** When a message began to carry it; before that it is cleared away after a day. */
    used: number | null;
  };
  conversations: {
    id: string;
    site_id: string;
    channel_id: string;
    user_id: string;
    status: BusinessStatus;
    agent_id: string | null;
    group_id: string | null;
    properties_json: string;
    seq: number;
    customer_read: number;
    business_read: number;
    created: number;
    updated: number;
  };
  /** The log. `position` orders all of it by commit; `seq` each conversation, from 1 without a gap. */
  events: {
    position: Generated<number>;
    id: string;
    conversation_id: string;
    seq: number;
    type: string;
    actor_type: string;
    actor_id: string;
    time: number;
    data_json: string;
  };
  /** An index into the log: a message's body stands in its event. */
  messages: {
    id: string;
    conversation_id: string;
    seq: number;
    /** The actor's id; `user` for the customer, whoever that turns out to be. */
    author: string;
    client_id: string | null;
    fingerprint: string;
    answers_message_id: string | null;
    time: number;
  };
  web_views: {
    id: string;
    conversation_id: string;
    message_id: string;
    button: number;
    url: string;
    origin: string;
    title: string | null;
    size: 'compact' | 'tall' | 'full';
    data_json: string | null;
    once: number;
    /** What else the button says: `WebViewOptions` that the view needs later. */
    options_json: string;
    state: 'open' | 'paused' | 'closed';
    owner: string;
    seen: number;
    opened: number;
    expires: number;
    closed: number | null;
    reason: string | null;
    saved_json: string | null;
    /** When its own page last saved; null while it has only what was handed over. */
    saved: number | null;
    submitted: number;
    submit_key: string | null;
    summary: string | null;
    source: 'page' | 'business' | null;
    result_json: string | null;
  };
  web_view_codes: { hash: string; web_view_id: string; expires: number };
  revoked_sessions: { id: string; time: number };
  tokens: {
    id: string;
    name: string;
    hash: string;
    hint: string;
    scopes_json: string;
    agent_id: string | null;
    created: number;
    used: number | null;
    revoked: number | null;
    /** The one before the last rotation, good until then. */
    previous_hash: string | null;
    previous_until: number | null;
  };
  webhooks: {
    id: string;
    url: string;
    events_json: string;
    secrets_json: string;
    enabled: number;
    created: number;
    /** Until when its receiver asked to be left alone. */
    held_until: number;
  };
  /** The webhook outbox, written with the event that it tells of. */
  deliveries: {
    position: Generated<number>;
    id: string;
    webhook_id: string;
    /** Deliveries of one webhook and one lane go out in order. */
    lane: string;
    event_id: string;
    body: string;
    /** What it tells of: the body has it too. */
    action: Generated<string>;
    state: 'waiting' | 'delivered' | 'dead';
    attempts: number;
    /** Attempts that were made before it was last replayed: the schedule of retries counts from there. */
    first_attempt: Generated<number>;
    /** It was done with and is sent again; since when. */
    replayed: Generated<number>;
    replayed_time: Generated<number | null>;
    /** When it's due; of what waits behind another, `behind` (webhooks/lanes.ts). */
    next: number;
    created: number;
    done: number | null;
  };
  delivery_attempts: {
    delivery_id: string;
    attempt: number;
    time: number;
    status: number | null;
    error: string | null;
    duration: number;
  };
  idempotency: { token_id: string; key: string; fingerprint: string; status: number; body: string; created: number };
};
