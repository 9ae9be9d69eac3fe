import { answerHello } from '../../channel/hello';
import { askStill } from '../../channel/still';

/** The frame that a web view's page stands in, wherever that is, as far as the talk with the page needs it. */
export type PageFrame = {
  /** Whether the document in the frame is one that has a port of ours; false too when it hasn't said so within `stillWithin`. */
  isStill(): Promise<boolean>;
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

/** Milliseconds. A page may be busy when it has just loaded; until it answers, nothing of it is heard. */
export const stillWithin = 10_000;

/** A frame in the widget's own document. @param origin `null` for a strict page */
export function nestedFrame(window: Window, iframe: HTMLIFrameElement, origin: string): OpenPageFrame {
  return ({ onPort, onLoad }) => {
    const frame = () => iframe.contentWindow;
    const stopHello = answerHello({ window, frame, origin, hello: 'page', welcome: 'widget', onPort });
    iframe.addEventListener('load', onLoad);
    return {
      isStill: () => askStill({ window, frame, origin, timeoutMs: stillWithin }),
      stop() {
        iframe.removeEventListener('load', onLoad);
        stopHello();
      },
    };
  };
}
