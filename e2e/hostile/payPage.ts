import type { Page } from '@playwright/test';
import { openChat, openView, type World, webViewButton } from './world';

/** A page of a business that keeps what is typed in a variable and sends it to its own server. */
const payPage = `<script>
  let typed = '';
  addEventListener('input', ({ target }) => {
    typed = target.value;
    void fetch('/pay', { method: 'POST', body: typed });
  });
</script>`;

/** That page, open in the chat on a host page of a third site. */
export async function withPayPage(page: Page, world: World) {
  world.web.put('page', '/pay', 'ok');
  const talk = await world.talk([
    { text: { content: 'Please pay.' } },
    webViewButton(world.puppet(undefined, { body: payPage })),
  ]);
  const chat = await openChat(page, world.hostPage(talk, { body: '<label>Search <input></label>' }));
  return { talk, chat, view: await openView(chat) };
}
