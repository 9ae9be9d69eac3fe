// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failure } from './failure';
import { installShims } from './otherSdks';
import type { View } from './view';

type Names = {
  MessengerExtensions: {
    requestCloseBrowser(success?: unknown, error?: unknown): void;
    isInExtension(): boolean;
    getSupportedFeatures(success: unknown): void;
    getContext(appId: string, success: unknown, error: unknown): void;
  };
  WebviewSdk: {
    close(success?: unknown, error?: unknown): void;
    setTitle(title: string, success?: unknown, error?: unknown): void;
    hasFeature(name: string): boolean;
  };
  extAsyncInit: unknown;
  webviewSdkInit: unknown;
};
const names = window as unknown as Partial<Names>;
const all = names as Names;

beforeEach(() => {
  for (const name of ['MessengerExtensions', 'WebviewSdk', 'extAsyncInit', 'webviewSdkInit'] as const)
    delete names[name];
});
afterEach(() => vi.restoreAllMocks());

const inChat = () => {
  const view = { close: vi.fn(), setTitle: vi.fn() };
  installShims(window, Promise.resolve(view as unknown as View));
  return view;
};
const alone = () => {
  const none = Promise.reject(failure('not_framed', 'this page is not open in a chat'));
  none.catch(() => {});
  installShims(window, none);
};

describe('names that pages for other chats use', () => {
  it.each([
    ['requestCloseBrowser', () => all.MessengerExtensions.requestCloseBrowser.bind(all.MessengerExtensions)],
    ['WebviewSdk.close', () => all.WebviewSdk.close],
  ])('%s closes and then calls back; callbacks may be left out, or null', async (_, close) => {
    const view = inChat();
    const error = vi.fn();
    const success = vi.fn(() => expect(view.close).toHaveBeenCalledTimes(1));

    close()(success, error);
    await vi.waitFor(() => expect(success).toHaveBeenCalledTimes(1));
    close()();
    close()(null, null);
    await vi.waitFor(() => expect(view.close).toHaveBeenCalledTimes(3));

    expect(error).not.toHaveBeenCalled();
  });

  it('say what is wrong where there is no chat', async () => {
    alone();
    const success = vi.fn();
    const byCode = vi.fn();
    const byError = vi.fn();

    all.MessengerExtensions.requestCloseBrowser(success, byCode);
    all.WebviewSdk.close(success, byError);
    all.WebviewSdk.close();

    await vi.waitFor(() => expect(byError).toHaveBeenCalledWith(expect.objectContaining({ code: 'not_framed' })));
    expect(byCode).toHaveBeenCalledWith('not_framed', 'this page is not open in a chat');
    expect(success).not.toHaveBeenCalled();
  });

  it('set the title, tell a wrong one, and what there is', async () => {
    const view = inChat();
    view.setTitle.mockImplementationOnce(() => {
      throw failure('invalid', 'title: expected a text, got 7');
    });
    const success = vi.fn();
    const error = vi.fn();

    all.WebviewSdk.setTitle(7 as never, success, error);
    await vi.waitFor(() => expect(error).toHaveBeenCalledWith(expect.objectContaining({ code: 'invalid' })));
    all.WebviewSdk.setTitle('Seats', success, error);
    await vi.waitFor(() => expect(success).toHaveBeenCalledTimes(1));

    expect(view.setTitle).toHaveBeenLastCalledWith('Seats');
    expect([all.WebviewSdk.hasFeature('close'), all.WebviewSdk.hasFeature('camera')]).toEqual([true, false]);
    expect(all.MessengerExtensions.isInExtension()).toBe(false);
  });

  it('give nobody’s identity away: the page’s own way for errors is taken', () => {
    inChat();
    const success = vi.fn();
    const error = vi.fn();

    all.MessengerExtensions.getContext('123', success, error);

    expect(success).not.toHaveBeenCalled();
    expect(error).toHaveBeenCalledWith('unsupported', expect.stringContaining('view.code'));
  });

  it('start the page, once, also where it names its start behind the script', async () => {
    inChat();
    names.extAsyncInit = vi.fn();
    names.webviewSdkInit = vi.fn();

    await vi.waitFor(() => expect(names.webviewSdkInit).toHaveBeenCalledExactlyOnceWith(all.WebviewSdk));
    expect(names.extAsyncInit).toHaveBeenCalledTimes(1);
  });

  it('leave the others’ own alone, unless the page is in our chat', async () => {
    const theirs = { requestCloseBrowser: vi.fn() } as unknown as Names['MessengerExtensions'];
    all.MessengerExtensions = theirs;
    names.extAsyncInit = vi.fn();
    alone();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(all.MessengerExtensions).toBe(theirs);
    expect(names.extAsyncInit).not.toHaveBeenCalled();

    inChat();
    await vi.waitFor(() => expect(all.MessengerExtensions).not.toBe(theirs));
  });
});
