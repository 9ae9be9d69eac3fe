import { describe, expect, it } from 'vitest';
import { assigned, chosenCard, closed, option, said, sent, submitted } from './sampleWebhooks';
import { readEvent } from './webhookEvent';

describe('readEvent', () => {
  it('reads what a customer wrote', () => {
    expect(readEvent(said('Hello'))).toMatchObject({
      action: 'message_create',
      text: 'Hello',
      userId: 'u1',
      conversationId: 'c1',
      seq: 3,
    });
  });

  it('reads the payload of a quick reply', () => {
    expect(readEvent(option('Account statement', 'statement'))).toMatchObject({
      payload: 'statement',
      fromWebView: false,
    });
  });

  it.each([
    ['said beside the option', said('x', { in_reply_to: { message_id: 'm1', payload: 'offers', part: {} } })],
    [
      'of a button',
      said('x', { in_reply_to: { message_id: 'm1', part: { callback: { label: 'x', payload: 'offers' } } } }),
    ],
    ['of a card', chosenCard('x', 'offers')],
  ])('reads a payload %s', (_where, body) => {
    expect(readEvent(body)).toMatchObject({ payload: 'offers', fromWebView: false });
  });

  it('reads what was sent besides words, and drops parts of another shape', () => {
    const parts = [
      { image: { url: 'http://f.test/1' } },
      { file: { url: 'http://f.test/2', name: 'a.pdf' } },
      { audio: { url: 7 } },
      { video: null },
      { unheard_of: {} },
      null,
    ];

    expect(readEvent(said('', { message_parts: parts }))).toMatchObject({
      files: [
        { kind: 'image', url: 'http://f.test/1' },
        { kind: 'file', url: 'http://f.test/2', name: 'a.pdf' },
      ],
    });
    expect(readEvent(sent({ text: { content: 'only words' } }))).toMatchObject({ text: 'only words', files: [] });
  });

  it('reads to whom a conversation was given', () => {
    expect(readEvent(assigned('maria'))).toMatchObject({ toAgentId: 'maria', conversationId: 'c1', userId: 'u1' });
    expect(readEvent(assigned('', 'g1'))).toMatchObject({ toAgentId: '' });
  });

  it('drops what bots, colleagues and the system wrote, and private notes', () => {
    for (const author of ['bot', 'agent', 'system'])
      expect(readEvent(said('Hello', { actor_type: author }))).toBeUndefined();
    expect(readEvent(said('Hello', { message_type: 'private' }))).toBeUndefined();
  });

  it('takes a message without message_type for a normal one', () => {
    expect(readEvent(said('Hello', { message_type: undefined }))).toBeDefined();
  });

  it('marks the message that tells of a web view’s result', () => {
    expect(readEvent(said('Card confirmed', { in_reply_to: { message_id: 'm1' } }))).toMatchObject({
      fromWebView: true,
    });
  });

  it('takes a result for the customer’s word unless it says business', () => {
    expect(readEvent(submitted({}, 'business'))).toMatchObject({ source: 'business' });
    expect(readEvent(submitted({}, 'page'))).toMatchObject({ source: 'page' });
    expect(readEvent(submitted({}, undefined))).toMatchObject({ source: 'page' });
  });

  it('reads why a page closed', () => {
    expect(readEvent(closed('customer'))).toMatchObject({ reason: 'customer', submitted: false, conversationId: 'c1' });
  });

  it.each([
    undefined,
    null,
    7,
    'x',
    [],
    {},
    { action: 'message_create' },
    { action: 'csat_submit', event_id: 'e', conversation_id: 'c' },
  ])('drops %j', (body) => {
    expect(readEvent(body)).toBeUndefined();
  });
});
