import { answerHello } from '../../channel/hello';

/** The frame that a web view's page stands in, wherever that is, as far as the talk with the page needs it. */
export type PageFrame = {
  /** Posts to whoever is in the frame, provided that it is at the page's declared origin. */
  post(message: unknown): void;
  /** Answers no hello any more. The frame itself stays. */
  stop(): void;
};

export type PageFrameEvents = {
  /** The document in the frame, at the declared origin, has said hello and holds the other end of this port. */
  onPort(port: MessagePort): void;
  /** The frame shows another document than before. */
  onLoad(): void;
};

export type OpenPageFrame = (events: PageFrameEvents) => PageFrame;

/** A frame in the widget's own document. @param origin `null` for a strict page */
export function nestedFrame(window: Window, iframe: HTMLIFrameElement, origin: string): OpenPageFrame {
  return ({ onPort, onLoad }) => {
    const stopHello = answerHello({
      window,
      frame: () => iframe.contentWindow,
      origin,
      hello: 'page',
      welcome: 'widget',
      onPort,
    });
    iframe.addEventListener('load', onLoad);
    return {
      post: (message) => iframe.contentWindow?.postMessage(message, origin === 'null' ? '*' : origin),
      stop() {
        iframe.removeEventListener('load', onLoad);
        stopHello();
      },
    };
  };
}
