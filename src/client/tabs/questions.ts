import { asFailure, Failure } from '../failure';
import { failureAsFields, failureFromFields, type RelayMessage } from './relay';

type Message<K extends RelayMessage['is']> = Extract<RelayMessage, { is: K }>;

/** What this tab asks the tab that holds the socket, and what other tabs ask this one. */
export type Questions = {
  /** Throws `Failure`: `unreachable` when nobody has taken the question, `timeout` when it was taken and not answered. */
  ask(to: string, type: string, data: unknown, ms: number): Promise<unknown>;
  answer(question: Message<'ask'>, ask: () => Promise<unknown>): Promise<void>;
  /** Of what another tab says about a question of ours. */
  take(message: Message<'heard' | 'answer'>): void;
  /** Nobody will answer any more. */
  drop(): void;
};

/**
 * @param heardWithin milliseconds in which a question has to be taken
 * @param onSilence somebody didn't answer
 */
export function createQuestions(
  me: string,
  say: (message: RelayMessage) => void,
  heardWithin: number,
  onSilence: () => void,
): Questions {
  const open = new Map<number, { heard: () => void; end: (answer: Message<'answer'> | Failure) => void }>();
  let lastId = 0;
  return {
    ask: (to, type, data, ms) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        let timer: ReturnType<typeof setTimeout>;
        const end = (answer: Message<'answer'> | Failure) => {
          clearTimeout(timer);
          open.delete(id);
          if (answer instanceof Failure) reject(answer);
          else if (answer.failure) reject(failureFromFields(answer.failure));
          else resolve(answer.value);
        };
        const wait = (within: number, kind: 'unreachable' | 'timeout' = 'timeout') => {
          clearTimeout(timer);
          timer = setTimeout(() => {
            end(new Failure(kind, `No answer to ${type} from the tab that has the socket within ${within} ms.`));
            onSilence();
          }, within);
        };
        open.set(id, { heard: () => wait(ms), end });
        wait(heardWithin, 'unreachable');
        say({ is: 'ask', from: me, to, id, type, data, ms });
      }),
    async answer({ from, id }, ask) {
      say({ is: 'heard', to: from, id });
      try {
        say({ is: 'answer', to: from, id, value: await ask() });
      } catch (error) {
        say({ is: 'answer', to: from, id, value: undefined, failure: failureAsFields(asFailure(error)) });
      }
    },
    take(message) {
      if (message.to !== me) return;
      const question = open.get(message.id);
      if (message.is === 'answer') question?.end(message);
      else question?.heard();
    },
    drop() {
      for (const { end } of [...open.values()]) end(new Failure('unreachable', 'This tab lets go of the others.'));
    },
  };
}
