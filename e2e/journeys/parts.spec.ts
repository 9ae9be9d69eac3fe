/** Each part that asks or shows something: posted through /v2, used in the chat, and the bot hears what was chosen. */
import { dropdown, findings, many, offers, option, reasons, test, text } from './asked';
import { conversationOf, expect } from './journey';
import { tabTo } from './tabTo';

test('a drop-down of many options is searched and answered by the keyboard alone', async ({
  page,
  guest,
  ask,
  heard,
  look,
}) => {
  const question = await ask([text('What happened?')], [dropdown(many.map((label) => option(label, `r:${label}`)))]);
  const box = guest.frame.getByRole('combobox');
  const options = guest.frame.getByRole('option');
  await expect(guest.frame.locator('.prompt')).toHaveText('Choose above, or write instead');
  await expect(box).toHaveAttribute('aria-expanded', 'false');

  // From the composer, where the focus is after a message was sent.
  await expect(guest.composer).toBeFocused();
  await tabTo(page, box, 'Shift+Tab');
  await page.keyboard.press('ArrowDown');
  await expect(options).toHaveCount(many.length);
  await page.keyboard.press('End');
  await expect(options.last()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Home');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Escape');
  await expect(options).toHaveCount(0);
  await expect(guest.iframe).toBeVisible();
  await page.keyboard.type('lo');
  await expect(options.locator('b')).toHaveText(['Lo', 'Lo', 'lo']);
  await look('parts-dropdown');
  expect(await findings(page)).toEqual([]);
  await expect(guest.frame.locator('.panel > [aria-live]', { hasText: /./ })).toHaveText('3 answers');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('credit refuse');
  await expect(options).toHaveText(['Crédit refusé']);
  await page.keyboard.press('Enter');

  await expect(guest.said('Crédit refusé')).toBeVisible();
  await expect(box).toHaveCount(0);
  await expect(guest.composer).toBeFocused();
  await expect(guest.frame.locator('.prompt')).toHaveCount(0);
  expect(await heard()).toMatchObject({
    message_parts: [text('Crédit refusé')],
    in_reply_to: {
      message_id: question,
      part: { quick_reply_button: { label: 'Crédit refusé' } },
      payload: 'r:Crédit refusé',
    },
  });
});

test('a drop-down may be left alone: Escape leaves it, and one can write instead', async ({
  page,
  guest,
  ask,
  heard,
}) => {
  await ask([text('What happened?')], [dropdown(many.map((label) => option(label)))]);
  const box = guest.frame.getByRole('combobox');
  await box.click();
  await page.keyboard.type('zzz');
  await expect(guest.frame.getByText('Nothing found')).toBeVisible();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(guest.frame.getByText('Nothing found')).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(box).toHaveValue('');
  await expect(guest.iframe).toBeVisible();

  await guest.frame.locator('.prompt').click({ force: true });
  await expect(guest.composer).toBeFocused();
  await page.keyboard.type('None of these');
  await expect(guest.frame.locator('.prompt')).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(guest.said('None of these')).toBeVisible();
  expect((await heard()).in_reply_to).toBeUndefined();
  // Still there for who finds it after all.
  await expect(box).toBeVisible();
});

test('what is asked anew takes the focus to the composer, and two taps are one answer', async ({
  guest,
  ask,
  desk,
  pictures,
}) => {
  const id = await ask([text('What happened?')], [dropdown(many.map((label) => option(label)))]);
  await guest.frame.getByRole('combobox').focus();
  await ask([text('Or so:')], [dropdown(reasons.map((label) => option(label)))]);
  await expect(guest.frame.getByRole('combobox')).toHaveCount(0);
  await expect(guest.composer).toBeFocused();

  await guest.frame.getByRole('button', { name: 'Damaged' }).focus();
  await ask([text('Or by these:')], [offers(pictures)]);
  await expect(guest.frame.getByRole('button', { name: 'Damaged' })).toHaveCount(0);
  await expect(guest.composer).toBeFocused();
  await guest.frame.getByRole('button', { name: 'Choose' }).first().focus();
  await ask([text('Or chips?')], [option('Yes'), option('No')]);
  await expect(guest.frame.getByRole('button', { name: 'Choose' })).toHaveCount(0);
  await expect(guest.composer).toBeFocused();

  await guest.chip('Yes').evaluate((chip: HTMLElement) => {
    chip.click();
    chip.click();
  });
  await expect(guest.said('Yes')).toHaveCount(1);
  await guest.settled();
  const all = await desk.messages(await conversationOf(guest, desk));
  expect(all.filter(({ in_reply_to }) => in_reply_to && in_reply_to.message_id !== id)).toHaveLength(1);
  await expect(guest.frame.locator('.failed-state')).toHaveCount(0);
});

test('a drop-down of few is a list; three hundred are found in no time', async ({ page, guest, ask, heard, look }) => {
  await ask(
    [text('Why?')],
    [
      dropdown(
        reasons.map((label) => option(label)),
        'Reason',
      ),
    ],
  );
  const list = guest.frame.getByRole('list', { name: 'Reason' });
  await expect(list.getByRole('button')).toHaveCount(reasons.length);
  await look('parts-list');
  expect(await findings(page)).toEqual([]);
  await list.getByRole('button', { name: 'Damaged' }).click();
  await expect(guest.said('Damaged')).toBeVisible();
  expect(await heard()).toMatchObject({ in_reply_to: { payload: 'Damaged' } });
  await expect(list).toHaveCount(0);

  const branches = Array.from({ length: 300 }, (_, at) =>
    option(`Branch ${at} in the quarter number ${at % 17}`, `b${at}`),
  );
  await ask([text('Which branch?')], [dropdown(branches)]);
  const box = guest.frame.getByRole('combobox');
  await box.fill('299');
  await expect(guest.frame.getByRole('option')).toHaveCount(1);
  await box.press('Enter');
  await expect(guest.said('Branch 299 in the quarter number 10')).toBeVisible();
  expect(await heard()).toMatchObject({ in_reply_to: { payload: 'b299' } });
});

test('a carousel is gone through by its arrows and keys, and answered by a card', async ({
  page,
  guest,
  ask,
  heard,
  pictures,
  look,
}) => {
  const question = await ask([text('Three offers fit your account:')], [offers(pictures)]);
  const group = guest.frame.getByRole('region', { name: 'Choices' });
  const cards = group.getByRole('group');
  const position = group.locator('.position');
  const standing = (nth: number) =>
    cards.nth(nth).evaluate((element) => {
      const track = element.parentElement?.getBoundingClientRect();
      const box = element.getBoundingClientRect();
      return box.left >= (track?.left ?? 0) - 1 && box.right <= (track?.right ?? 0) + 1;
    });
  await expect(cards).toHaveCount(3);
  await expect(cards.first()).toHaveAttribute('aria-label', '1 of 3: Sunny saver');
  await expect(cards.first().locator('img')).toBeVisible();
  await expect(position).toHaveText('1 of 3');
  // It grew when its download came, and the log stayed at its end.
  await expect(guest.frame.locator('.pill')).toHaveCount(0);
  await expect(group.getByRole('button', { name: 'Previous card' })).toHaveAttribute('aria-disabled', 'true');
  await look('parts-carousel');
  expect(await findings(page)).toEqual([]);

  await group.getByRole('button', { name: 'Next card' }).click();
  await expect(position).toHaveText('2 of 3');
  await expect.poll(() => standing(1)).toBe(true);
  await expect(guest.frame.locator('.panel > [aria-live]', { hasText: /./ })).toHaveText('2 of 3: First home');
  await group.getByRole('button', { name: 'Next card' }).click();
  await expect(position).toHaveText('3 of 3');
  await expect(group.getByRole('button', { name: 'Next card' })).toHaveAttribute('aria-disabled', 'true');
  await expect(group.getByRole('button', { name: 'Next card' })).toBeFocused();

  await cards.nth(2).getByRole('button', { name: 'Choose' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(cards.nth(1).getByRole('button', { name: 'Choose' })).toBeFocused();
  await page.keyboard.press('Home');
  await expect(cards.nth(0).getByRole('button', { name: 'Choose' })).toBeFocused();
  await expect.poll(() => standing(0)).toBe(true);
  await page.keyboard.press('Tab');
  await expect(cards.nth(0).getByRole('link', { name: /^Details/ })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');

  await expect(guest.said('First home')).toBeVisible();
  await expect(guest.composer).toBeFocused();
  await expect(cards.nth(1)).toContainText('Chosen');
  await expect(cards.nth(0)).not.toContainText('Chosen');
  await expect(group.getByRole('button', { name: 'Choose' })).toHaveCount(0);
  await expect(group.getByRole('link', { name: /^Details/ })).toHaveCount(2);
  await look('parts-chosen');
  expect(await heard()).toMatchObject({
    message_parts: [text('First home')],
    in_reply_to: {
      message_id: question,
      part: { template_content: { type: 'carousel_card_default' } },
      payload: 'First home',
    },
  });
  // From the server's own words, too, after a reload.
  await page.reload();
  await guest.live();
  await expect(cards.nth(1)).toContainText('Chosen');
});

test('chips, callbacks and buttons stand in their order, and the right one is heard', async ({
  page,
  guest,
  ask,
  heard,
  pictures,
  look,
}) => {
  await ask(
    [text('May we?'), { url_button: { label: 'Open the page', url: pictures } }],
    [
      {
        collection: {
          sub_parts: [
            option('Yes'),
            { url_button: { label: 'Terms', url: pictures } },
            option('No'),
            { callback: { label: 'Call me', payload: 'call' } },
          ],
        },
      },
    ],
  );
  await expect(guest.chips.locator('> :is(button, a)')).toHaveText([/Yes/, /Terms/, /No/, /Call me/]);
  await look('parts-chips');
  expect(await findings(page)).toEqual([]);
  await guest.chip('Call me').click();

  await expect(guest.said('Call me')).toBeVisible();
  await expect(guest.chips).toHaveCount(0);
  await expect(guest.log.getByRole('link', { name: /^Terms/ })).toBeVisible();
  expect(await heard()).toMatchObject({ in_reply_to: { part: { callback: { label: 'Call me' } }, payload: 'call' } });
});

test('markup is shown as markup, for the customer never, and in the peek as plain words', async ({
  page,
  guest,
  ask,
  desk,
  look,
}) => {
  const rich =
    '<h2>Your account</h2><p>Dear <b>Ana</b>, see <a href="https://bank.example/terms" class="x" id="y">our terms</a> or https://bank.example/help.</p><ul><li>One</li><li>Two</li></ul><blockquote>Quoted</blockquote><pre>code</pre>';
  await ask([text(rich)]);
  const bubble = guest.frame.locator('.rich');
  await expect(bubble.getByRole('heading', { name: 'Your account' })).toBeVisible();
  await expect(bubble.locator('b')).toHaveText('Ana');
  await expect(bubble.getByRole('listitem')).toHaveText(['One', 'Two']);
  await expect(bubble.locator('[id], [class]')).toHaveCount(0);
  expect(
    await bubble
      .locator('a')
      .evaluateAll((all) =>
        all.map((one) => [...one.attributes].map(({ name, value }) => `${name}=${value}`).join(' ')),
      ),
  ).toEqual([
    'href=https://bank.example/terms target=_blank rel=noopener noreferrer',
    'href=https://bank.example/help target=_blank rel=noopener noreferrer',
  ]);
  await look('parts-markup');
  expect(await findings(page)).toEqual([]);

  await guest.send('<b>not bold</b>');
  await expect(guest.said('<b>not bold</b>')).toBeVisible();
  await guest.minimise.click();
  const id = await conversationOf(guest, desk);
  const body = { message_parts: [text('<p>All <i>done</i></p><p>now</p>')], message_type: 'normal', actor_type: 'bot' };
  await desk.api(`/conversations/${id}/messages`, { method: 'POST', body });
  await expect(guest.peek).toContainText('All done now');
});

test('a reference, a letter and what nobody knows', async ({ page, guest, ask, pictures, look }) => {
  await ask([
    { reference: { label: 'How to block a card', url: `${pictures}/faq` } },
    { reference: { label: 'An article without an address', reference_id: '17' } },
    { email: { subject: 'Your statement', content: '<p>Dear Ana,</p><p>Here it is.</p>' } },
  ]);
  await expect(guest.log.getByRole('link', { name: 'How to block a card' })).toHaveAttribute('href', `${pictures}/faq`);
  await expect(guest.log.getByText('An article without an address')).toBeVisible();
  await expect(guest.frame.locator('.letter')).toContainText('Your statement');
  await expect(guest.frame.locator('.letter .rich p')).toHaveText(['Dear Ana,', 'Here it is.']);
  await look('parts-letter');
  expect(await findings(page)).toEqual([]);
});
