import { post } from '../messages';
import { comma, nothing, type Person, type Surroundings, say, type Talk, type Turn } from '../talk';
import type { WebhookEvent } from '../webhookEvent';
import { menu, menuBut } from './menu';

/** Into the advisers' queue. Until somebody takes it, Freddy stays at hand. */
export function fetchPerson(talk: Talk): Turn {
  const answer = say(
    { ...talk, step: 'with_person' },
    post(
      [
        'A colleague will answer here. People are at work Monday to Friday, 8 to 18; what you write stays in this chat for them.',
      ],
      menuBut('person'),
    ),
  );
  return { talk: answer.talk, actions: [{ do: 'queue', on: true }, ...answer.actions] };
}

/**
 * Somebody else has the conversation: Freddy is silent. Back with him, or with nobody, after somebody had it: he says one
 * line, and it's no longer in the queue.
 */
export function afterAssignment(
  event: WebhookEvent & { action: 'conversation_assignment' },
  talk: Talk,
  person: Person,
  around: Surroundings,
): Turn {
  const isOurs = event.toAgentId === '' || event.toAgentId === around.ownId;
  if (!isOurs) return nothing({ ...talk, taken: true });
  if (!talk.taken) return nothing(talk);
  const { taken: _noMore, ...rest } = talk;
  const back = say(
    { ...rest, step: 'open' },
    post([`I’m back: my colleague has handed you over to me. What else can I do for you${comma(person)}?`], menu),
  );
  return { talk: back.talk, actions: [{ do: 'queue', on: false }, ...back.actions] };
}
