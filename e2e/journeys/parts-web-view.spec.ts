/** A card of a carousel that hands over a page of the bank's own. */
import { conversationOf, expect, test } from './journey';

test('a card opens the bank’s page by its own number among all buttons, and gets the focus back', async ({
  bank,
  chat,
  business,
  stack,
}) => {
  await bank.goto();
  await chat.open();
  await chat.askForStatement();
  const id = await conversationOf(chat, business);
  const [asked] = (await business.messages(id)).filter(({ message_parts }) =>
    message_parts.some((part) => 'url_button' in part),
  );
  const offered = asked?.message_parts.find((part) => 'url_button' in part);
  if (!offered || !('url_button' in offered)) throw new Error('Freddy offered no page');
  const { url, web_view } = offered.url_button;
  const card = (title: string) => ({
    template_content: {
      type: 'carousel_card_default',
      sections: [
        { name: 'title', parts: [{ text: { content: title } }] },
        { name: 'view', parts: [{ url_button: { label: `Open ${title}`, url, target: '_self', web_view } }] },
      ],
    },
  });
  await business.api(`/conversations/${id}/messages`, {
    method: 'POST',
    body: {
      message_parts: [{ url_button: { label: 'A link before', url: stack.addresses.bank } }],
      reply_parts: [
        { template_content: { type: 'carousel', sections: [{ name: 'cards', parts: [card('one'), card('two')] }] } },
      ],
      actor_type: 'bot',
    },
  });

  await chat.openCardPage(chat.pageButton('Open two'));
  await chat.closeSheet.click();
  await expect(chat.sheet).toHaveCount(0);
  await expect(chat.pageButton('Open two')).toBeFocused();
  await expect(chat.pageButton('Open one')).toBeEnabled();
  const told = business.told(id).filter(({ action }) => action === 'web_view_open');
  expect(told.map(({ data }) => 'web_view' in data && data.web_view?.button)).toEqual([2]);
});
