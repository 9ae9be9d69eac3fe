import type { Logger } from 'pino';
import type { Message } from '../../protocol/message';
import { urlButtonsOf } from '../../protocol/options';
import type { UrlButton } from '../../protocol/parts';
import type { World } from '../world';
import { checkFraming } from './check';
import { pageOf } from './known';

const mostAtOnce = 4;
const mostWaiting = 100;

/**
 * Looks at the headers of each page that a message offers as a web view, once it is stored and behind the guard that webhooks have: before a
 * customer taps, it's known whether the browser will show it. Browsers themselves don't tell a page that refuses from one that is slow.
 *
 * Nothing waits for a look, and none is made when there is too much to look at. What it finds is a guess, since a page may answer
 * customers otherwise: it is logged for the operator, and the customer is offered a tab at once instead of after a while.
 *
 * @returns how to stop
 */
export function watchFraming(
  world: World,
  { allowPrivateNetwork, log }: { allowPrivateNetwork: boolean; log: Logger },
): () => void {
  const waiting: { message: Message; button: UrlButton }[] = [];
  let running = 0;
  let isStopped = false;

  async function look({ message, button }: { message: Message; button: UrlButton }): Promise<void> {
    const { site_id: site } = await world.store.db
      .selectFrom('conversations')
      .select('site_id')
      .where('id', '=', message.conversation_id)
      .executeTakeFirstOrThrow();
    if (isStopped || world.framing.isFresh(site, button.url)) return;
    world.framing.keep(site, button.url, false);
    const {
      status = 0,
      problems,
      add,
    } = await checkFraming(world, allowPrivateNetwork, {
      url: pageOf(button.url),
      site,
      mount: button.web_view?.mount,
    });
    const codes = problems.map(({ code }) => code);
    // What answers a stranger by an error or a log-in may be framed well enough for a customer.
    const isRefused = status >= 200 && status < 300 && codes.includes('refused');
    world.framing.keep(site, button.url, isRefused);
    if (isRefused || codes.includes('open_to_all'))
      log.warn(
        { site, page: new URL(button.url).origin, problems: codes, add },
        "a web view's page needs another header",
      );
  }
  function next(): void {
    const wanted = running < mostAtOnce && !isStopped ? waiting.shift() : undefined;
    if (!wanted) return;
    running += 1;
    look(wanted)
      .catch((error) => log.error({ err: error }, "a web view's page could not be looked at"))
      .finally(() => {
        running -= 1;
        next();
      });
  }

  const unsubscribe = world.hub.subscribe((happening) => {
    if (happening.type !== 'event' || happening.event.type !== 'message_create') return;
    const { message } = happening.event.data;
    if (message.actor_type === 'user') return;
    for (const button of urlButtonsOf(message)) {
      if (button.target !== '_self' || waiting.length >= mostWaiting) continue;
      waiting.push({ message, button });
      next();
    }
  });
  return () => {
    isStopped = true;
    unsubscribe();
  };
}
