import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import { GuichetError } from '../../protocol/errors';
import type { Actor } from '../../protocol/event';
import type { InReplyTo, Message } from '../../protocol/message';
import { optionsOf } from '../../protocol/options';
import type { MessagePart, ReplyPart } from '../../protocol/parts';
import type { Tables } from '../store/tables';
import type { World } from '../world';
import { append, type MessageEventDraft } from './append';
import { readMessage } from './log';

export type ConversationRow = Selectable<Tables['conversations']>;

export type NewMessage = {
  actor: Actor;
  actorName?: string | undefined;
  source: 'web' | 'api' | 'system';
  type?: 'normal' | 'private';
  parts: MessagePart[];
  replyParts?: ReplyPart[];
  inReplyTo?: InReplyTo | undefined;
  clientId?: string | undefined;
  /** Runs before the message is stored, and not at all when it is there already. */
  whenNew?: () => Promise<void>;
};

/**
 * Stores a message. The same client id by the same author in the same conversation gives the message that is there.
 *
 * @throws GuichetError CLIENT_ID_REUSED when that message has other content; ALREADY_ANSWERED when the question has its answer
 */
export async function addMessage(world: World, conversation: ConversationRow, message: NewMessage): Promise<Message> {
  const { store } = world;
  const fingerprint = createHash('sha256')
    .update(
      JSON.stringify([message.parts, message.replyParts ?? [], message.inReplyTo ?? null, message.type ?? 'normal']),
    )
    .digest('base64url');
  // A customer who becomes known by name stays the same author: what was retried meanwhile is not doubled.
  const author = message.actor.actor_type === 'user' ? 'user' : message.actor.actor_id;
  return store.transaction(async () => {
    if (message.clientId) {
      const known = await store.db
        .selectFrom('messages')
        .select(['id', 'fingerprint'])
        .where('conversation_id', '=', conversation.id)
        .where('author', '=', author)
        .where('client_id', '=', message.clientId)
        .executeTakeFirst();
      if (known && known.fingerprint !== fingerprint) {
        throw new GuichetError(
          'CLIENT_ID_REUSED',
          `The client id ${message.clientId} was sent before with other content. Use a new id for each message.`,
        );
      }
      if (known) return readMessage(world, conversation.id, known.id);
    }
    const answers = message.inReplyTo?.part ? message.inReplyTo.message_id : null;
    if (answers) await refuseSecondAnswer(world, answers);
    await message.whenNew?.();
    const id = world.newId();
    const draft: MessageEventDraft = {
      type: 'message_create',
      actor: message.actor,
      message: {
        id,
        app_id: world.appId,
        channel_id: conversation.channel_id,
        conversation_id: conversation.id,
        interaction_id: conversation.id,
        user_id: conversation.user_id,
        ...message.actor,
        message_type: message.type ?? 'normal',
        message_source: message.source,
        message_parts: message.parts,
        reply_parts: message.replyParts ?? [],
        ...(message.inReplyTo ? { in_reply_to: message.inReplyTo } : {}),
        ...(message.actorName ? { actor_name: message.actorName } : {}),
        ...(message.clientId ? { client_id: message.clientId } : {}),
      },
    };
    const events = await append(world, conversation.id, [draft]);
    const event = events.at(-1);
    if (event?.type !== 'message_create') throw new Error('append gave back another event than it was given');
    await store.db
      .insertInto('messages')
      .values({
        id,
        conversation_id: conversation.id,
        seq: event.seq,
        author,
        client_id: message.clientId ?? null,
        fingerprint,
        answers_message_id: answers,
        time: Date.parse(event.time),
      })
      .execute();
    return event.data.message;
  });
}

async function refuseSecondAnswer(world: World, messageId: string): Promise<void> {
  const answer = await world.store.db
    .selectFrom('messages')
    .select('id')
    .where('answers_message_id', '=', messageId)
    .executeTakeFirst();
  if (answer) throw new GuichetError('ALREADY_ANSWERED', `The question ${messageId} has its answer already.`);
}

/**
 * What the customer says by choosing an option: text for whoever reads text, and the option as it was offered, payload
 * included, for bots. The browser only named which one.
 *
 * @throws GuichetError NOT_OFFERED
 */
export async function answerTo(
  world: World,
  conversation: ConversationRow,
  answer: { message_id: string; option: number },
): Promise<Pick<NewMessage, 'parts' | 'inReplyTo'>> {
  const notOffered = () =>
    new GuichetError(
      'NOT_OFFERED',
      `Option ${answer.option} of message ${answer.message_id} was not offered in this conversation.`,
    );
  const question = await readMessage(world, conversation.id, answer.message_id).catch((error) => {
    throw error instanceof GuichetError ? notOffered() : error;
  });
  const option = optionsOf(question)[answer.option];
  if (!option || question.message_type === 'private' || question.actor_type === 'user') throw notOffered();
  return {
    parts: [{ text: { content: option.reply } }],
    inReplyTo: {
      message_id: question.id,
      part: option.part,
      ...(option.payload !== undefined ? { payload: option.payload } : {}),
    },
  };
}
