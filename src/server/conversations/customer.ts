import { GuichetError } from '../../protocol/errors';
import type { ClientMessages, SendAnswer, SendRequest } from '../../protocol/live';
import type { CustomerSession } from '../access/sessions';
import { useOwnFile } from '../files/files';
import type { World } from '../world';
import { createConversation, getOwnConversation, listOwn, markRead, wakeUp } from './conversations';
import { addMessage, answerTo, type ConversationRow } from './messages';
import { welcome } from './welcome';

/**
 * A customer's message. The first one makes the customer and the conversation, which its channel's welcome opens; one into
 * a resolved conversation reopens it. The same client id again gives the same answer, whatever happened in between.
 */
export async function send(world: World, session: CustomerSession, request: SendRequest): Promise<SendAnswer> {
  return world.store.transaction(async () => {
    const actor = { actor_type: 'user' as const, actor_id: session.userId };
    const conversation = await conversationFor(world, session, request);
    const said = await saidBy(world, session, conversation, request.content);
    const message = await addMessage(world, conversation, {
      actor,
      source: 'web',
      clientId: request.client_id,
      ...said,
      whenNew: () => wakeUp(world, conversation, actor),
    });
    return { id: message.id, conversation_id: conversation.id, seq: message.seq, created_time: message.created_time };
  });
}

/** The customer has read as far as that. */
export async function read(world: World, session: CustomerSession, message: ClientMessages['read']): Promise<object> {
  const conversation = await getOwnConversation(world, session.userId, message.conversation_id);
  await markRead(world, conversation, 'customer', { actor_type: 'user', actor_id: session.userId }, message.up_to);
  return {};
}

async function saidBy(
  world: World,
  session: CustomerSession,
  conversation: ConversationRow,
  content: SendRequest['content'],
) {
  if ('text' in content) return { parts: [{ text: { content: content.text } }] };
  if ('answer' in content) return answerTo(world, conversation, content.answer);
  return { parts: [await useOwnFile(world, session.userId, content.file.id)] };
}

async function conversationFor(world: World, session: CustomerSession, request: SendRequest): Promise<ConversationRow> {
  if (request.conversation_id) return getOwnConversation(world, session.userId, request.conversation_id);
  const sentTo = await world.store.db
    .selectFrom('messages')
    .innerJoin('conversations', 'conversations.id', 'messages.conversation_id')
    .selectAll('conversations')
    .where('conversations.user_id', '=', session.userId)
    .where('messages.author', '=', 'user')
    .where('messages.client_id', '=', request.client_id)
    .executeTakeFirst();
  if (sentTo) return sentTo; // A retry, however many conversations were begun in between.
  const latest = (await listOwn(world, session.userId))[0];
  if (latest) return latest;
  const site = await world.store.db
    .selectFrom('sites')
    .select(['id', 'channel_id'])
    .where('id', '=', session.siteId)
    .executeTakeFirst();
  if (!site) throw new GuichetError('SITE_NOT_FOUND', `No site has the id ${session.siteId}.`);
  await makeCustomer(world, session);
  const conversation = await createConversation(world, {
    siteId: site.id,
    channelId: site.channel_id,
    userId: session.userId,
    actor: { actor_type: 'user', actor_id: session.userId },
  });
  await welcome(world, conversation);
  return conversation;
}

async function makeCustomer(world: World, session: CustomerSession): Promise<void> {
  const now = world.now();
  await world.store.db
    .insertInto('users')
    .values({
      id: session.userId,
      site_id: session.siteId,
      reference_id: null,
      vouched: 0,
      email: null,
      phone: null,
      profile_json: '{}',
      created: now,
      updated: now,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}
