import { effect, type ReadonlySignal, untracked } from '@preact/signals';
import * as v from 'valibot';
import { openChannel } from '../../channel/channel';
import { faultLine, faults } from '../../protocol/faults';
import { limits } from '../../protocol/limits';
import { type FromPage, type ToPage, toWidgetFromPage, type ViewContext } from '../../protocol/webview';
import type { View, WebViews } from '../model/webViews';
import type { OpenPageFrame } from './pageFrame';
import { strictPart } from './strictPart';

/** A document that hasn't said by then that it's still the one with the port is shown as another. */
const strangeAfter = 2_000;
/** A page that hasn't said hello by then may have refused to be framed, or be down: the browser doesn't tell. */
const silentAfter = 5_000;
const capabilities = ['request_size', 'resize', 'set_title', 'dirty', 'announce', 'open_link'];
/** What a strict page can't: it could be anybody who got into its frame. */
const forKnownPages = ['save_state', 'submit'];
/** What a page may still ask for while it is closing. A submit isn't among them: by then the customer has left it. */
const lastRequests = ['dirty', 'request_size', 'resize', 'save_state'];
/** For the answer to a submit, out of the moment that the page has to save. */
const answerPatience = 500;
const aMoment = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Our end of the talk with the business's page in a frame: only with this frame's window, only with the declared origin,
 * and a port that dies with the document it was given to. Returns how to end it.
 *
 * @param onEscape the page had no use for the key
 * @param announce says something to screen readers
 */
export function attachPage(
  openFrame: OpenPageFrame,
  view: View,
  webViews: WebViews,
  context: ReadonlySignal<ViewContext>,
  { onEscape, announce }: { onEscape: () => void; announce: (text: string) => void },
): () => void {
  const answer = view.answer.peek();
  if (!answer) return () => {};
  const warn = (fault: string) => console.warn(`guichet: web view ${answer.origin}: ${fault}`);
  let current: Talk | undefined;
  let talks = 0;
  let talksAtLoad = 0;
  let loads = 0;
  const silence = setTimeout(() => {
    if (talks === 0 && !view.trouble.peek()) view.trouble.value = 'silent';
  }, silentAfter);

  function talk(port: MessagePort): void {
    current?.end();
    talks++;
    place(true);
    /** While nobody knows whose the port is, what came over it waits. */
    let doubt: Promise<void> | undefined;
    let isDoubted = false;
    if (view.trouble.peek() === 'silent') view.trouble.value = undefined;
    let submitting: Promise<unknown> | undefined;
    const channel = openChannel<FromPage, ToPage>(port, {
      handlers: afterDoubt({
        ready() {
          view.isReady.value = true;
        },
        request_size: ({ size }) => ({ size: webViews.requestSize(view, size) }),
        resize: ({ height }) => ({ height: webViews.resize(view, height) }),
        set_title({ title }) {
          if (title.trim()) view.title.value = title.trim();
        },
        dirty({ dirty }) {
          view.isDirty.value = dirty;
        },
        announce: ({ text }) => announce(text),
        escape: onEscape,
        save_state: ({ state }) => webViews.save(view, state),
        submit(submission) {
          const answer = webViews.submit(view, submission);
          submitting = Promise.allSettled([submitting, answer]);
          return answer;
        },
        close: () => webViews.leave(view, 'page'),
        open_link: ({ url }) => webViews.openLink(view, url),
      }),
      check(type, data) {
        const schema = (toWidgetFromPage as Record<string, v.GenericSchema>)[type] ?? v.never();
        const { success, output: clean, issues } = v.safeParse(schema, data);
        if (!success) throw new Error(`${type}: ${faultLine(faults(issues))}`);
        if (type === 'submit') bound('result', (clean as FromPage['submit']).result, limits.webViewResult);
        if (type === 'save_state') bound('state', (clean as FromPage['save_state']).state ?? null, limits.webViewState);
        if (answer?.strict && forKnownPages.includes(type))
          throw new Error('a strict page has no origin to be known by: its backend may do that');
        return clean;
      },
      onFault: warn,
      maxBytes: limits.portMessage,
      maxPerSecond: 20,
    });
    view.page = {
      update(data) {
        if (answer?.strict) return;
        void Promise.resolve(doubt).then(
          () => channel.notify('update', { data }),
          () => {},
        );
      },
      async closing(reason, deadline) {
        // Whoever closes by a submit hears of that first, by a message before this one: it has answered this one when its frame goes.
        if (submitting) await Promise.race([submitting.then(() => aMoment(0)), aMoment(answerPatience)]);
        const said = (await channel.request('closing', { reason, deadline }, { timeoutMs: deadline })) as
          | { state?: unknown }
          | undefined;
        if (said?.state === undefined || isDoubted) return undefined;
        bound('state', said.state, limits.webViewState);
        return said.state;
      },
    };
    const told = () => (answer?.strict ? strictPart(context.value) : context.value);
    let known: Partial<ViewContext> = untracked(told);
    const stopContext = effect(() => {
      const now = told();
      const changed = Object.fromEntries(
        Object.entries(now).filter(
          ([key, value]) => JSON.stringify(known[key as keyof ViewContext]) !== JSON.stringify(value),
        ),
      );
      known = now;
      if (Object.keys(changed).length > 0) channel.notify('context_changed', changed);
    });
    const mine: Talk = {
      end() {
        // What the view has of a page belongs to the newest talk.
        if (current !== mine) return;
        current = undefined;
        stopContext();
        channel.close();
        view.page = undefined;
        view.isDirty.value = false;
      },
      doubt(isStill) {
        isDoubted = true;
        const strange = setTimeout(() => current === mine && place(false), strangeAfter);
        doubt = isStill.then((yes) => {
          clearTimeout(strange);
          if (!yes) throw new Error('the document that said it is gone');
          isDoubted = false;
          if (current === mine) place(true);
        });
        doubt.catch(() => {
          mine.end();
          if (!current) place(false);
        });
      },
    };
    current = mine;
    void welcome();

    type Handlers = { [K in keyof FromPage]: (data: FromPage[K]) => unknown };
    function afterDoubt(handlers: Handlers): Handlers {
      const held = Object.entries(handlers).map(([type, handle]) => [
        type,
        async (data: never) => {
          await doubt;
          if (view.phase.peek() === 'leaving' && !lastRequests.includes(type))
            throw new Error('the web view is closing');
          return (handle as (data: never) => unknown)(data);
        },
      ]);
      return Object.fromEntries(held);
    }

    async function givenTo({ data, state }: View) {
      const code = await webViews.code(view);
      return {
        web_view_id: answer?.web_view_id ?? '',
        ...(data ? { data } : {}),
        ...(state === undefined ? {} : { state }),
        code,
      };
    }
    async function welcome(): Promise<void> {
      for (let tries = 0; ; tries++) {
        try {
          const given = answer?.strict ? {} : await givenTo(view);
          channel.notify('welcome', {
            ...given,
            context: untracked(told),
            capabilities: answer?.strict ? capabilities : [...forKnownPages, ...capabilities],
          });
          return;
        } catch (error) {
          if (channel.closed || view.phase.peek() === 'leaving') return;
          if (tries >= 3) return warn(`no one-time code: ${error instanceof Error ? error.message : error}`);
          await new Promise((resolve) => setTimeout(resolve, 1_000 * 2 ** tries));
        }
      }
    }
  }

  const frame = openFrame({
    onPort: talk,
    onLoad() {
      loads++;
      // The frame shows another document now, and who has said nothing since the last one came isn't it; or it shows the one that has said hello meanwhile.
      if (current && talks !== talksAtLoad) {
        view.place.value = 'declared';
        current.doubt(frame.isStill());
      } else {
        current?.end();
        if (loads > 1) place(false);
      }
      talksAtLoad = talks;
    },
  });
  return () => {
    clearTimeout(silence);
    frame.stop();
    current?.end();
  };

  /** A strict page is known by its window alone, and its window by its first document. */
  function place(isKnown: boolean): void {
    const known = answer?.strict ? 'declared' : 'known';
    view.place.value = isKnown && !(answer?.strict && loads > 1) ? known : 'moved';
  }
}

/** The talk with one document. */
type Talk = {
  end(): void;
  /** @param isStill whether the document in the frame says that the port is its; until then nothing is heard */
  doubt(isStill: Promise<boolean>): void;
};

function bound(what: string, value: unknown, bytes: number): void {
  const size = new TextEncoder().encode(JSON.stringify(value)).length;
  if (size > bytes) throw new Error(`${what}: expected at most ${bytes} bytes of JSON, got ${size}`);
}
