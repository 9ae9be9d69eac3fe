import type { FunctionComponent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { isMarkup, plainText } from '../../../../protocol/markup';
import { linkify } from '../../../text/linkify';
import { later } from '../../later';

/** Text by the business: with its markup where it has some. */
export const Words = ({ text }: { text: string }) => (isMarkup(text) ? <Marked text={text} /> : <Plain text={text} />);

/** Text as it was written; bare links become links, nothing else becomes anything. */
export const Plain = ({ text }: { text: string }) => (
  <>
    {linkify(text).map(({ text: words, href }, at) =>
      href ? (
        <a key={at} href={href} target="_blank" rel="noopener noreferrer">
          {words}
        </a>
      ) : (
        words
      ),
    )}
  </>
);

type RichText = FunctionComponent<{ text: string; isSwapped: boolean }>;
/** What reads markup is big, and most chats have none: it comes with the first text that has. */
const rich = later<RichText>(() => import('./RichText').then(({ RichText }) => RichText));

function Marked({ text }: { text: string }) {
  const RichText = rich.value.value;
  const wasPlain = useRef(!RichText);
  useEffect(rich.load, []);
  return RichText ? <RichText text={text} isSwapped={wasPlain.current} /> : <Plain text={plainText(text)} />;
}
