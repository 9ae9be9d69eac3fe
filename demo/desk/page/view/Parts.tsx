import { useState } from 'preact/hooks';
import type { Message, Part } from '../wire';
import {
  cardOf,
  inside,
  kindOf,
  listOf,
  pieces,
  read,
  safeUrl,
  sectionsOf,
  sizeOf,
  withoutTags,
  words,
} from '../words';
import { Icon } from './icons';

type Seen = { by: Message['actor_type']; chosen: string | undefined };

/** Everything that a message holds, so that an agent sees what the customer sees. Nothing of it can be pressed in his stead. */
export const Parts = ({ parts, seen }: { parts: readonly unknown[]; seen: Seen }) => (
  <>
    {parts.map((part, at) => (
      <OnePart key={at} part={part as Part} seen={seen} />
    ))}
  </>
);

function OnePart({ part, seen }: { part: Part; seen: Seen }) {
  const kind = kindOf(part);
  const it = inside(part, kind);
  switch (kind) {
    case 'text':
      return <Text text={read(words(it.content), seen.by)} />;
    case 'image':
      return <Picture it={it} />;
    case 'video':
    case 'audio':
      return <Player kind={kind} it={it} />;
    case 'file':
      return <FileRow it={it} />;
    case 'url_button':
      return <UrlButton it={it} />;
    case 'quick_reply_button':
    case 'callback':
      return <Option label={words(it.label)} chosen={seen.chosen} />;
    case 'collection':
      return (
        <div class="options">
          <Parts parts={listOf(it.sub_parts)} seen={seen} />
        </div>
      );
    case 'template_content':
      return <Template it={it} seen={seen} />;
    case 'reference':
      return (
        <p class="reference">
          <Icon name="document" /> <Link url={it.url} label={words(it.label) || 'Article'} />
        </p>
      );
    case 'email':
      return (
        <div class="email">
          {words(it.subject) && (
            <p class="email-subject" dir="auto">
              {words(it.subject)}
            </p>
          )}
          <Text text={read(words(it.content), seen.by)} />
        </div>
      );
    default:
      return <p class="unknown">Something that this desk can’t show{kind ? ` (${kind.slice(0, 40)})` : ''}.</p>;
  }
}

export const Text = ({ text }: { text: string }) => (
  <p class="text" dir="auto">
    {pieces(text).map((piece, at) =>
      piece.href ? (
        <a key={at} href={piece.href} target="_blank" rel="noopener noreferrer">
          {piece.text}
        </a>
      ) : (
        piece.text
      ),
    )}
  </p>
);

function Link({ url, label }: { url: unknown; label: string }) {
  const href = safeUrl(url);
  return href ? (
    <a href={href} target="_blank" rel="noopener noreferrer" dir="auto">
      {label}
    </a>
  ) : (
    <span dir="auto">{label}</span>
  );
}

const pixels = (value: unknown) => (typeof value === 'number' && value > 0 ? value : undefined);

function Picture({ it }: { it: Record<string, unknown> }) {
  const [broken, setBroken] = useState(false);
  const href = safeUrl(it.url);
  const name = words(it.alt_text) || 'Picture';
  if (!href || broken) {
    return (
      <p class="unknown">
        <Icon name="alert" /> <Link url={href} label={`${name}: could not be loaded`} />
      </p>
    );
  }
  return (
    <a class="picture" href={href} target="_blank" rel="noopener noreferrer">
      <img
        src={href}
        alt={name}
        width={pixels(it.width)}
        height={pixels(it.height)}
        loading="lazy"
        decoding="async"
        referrerpolicy="no-referrer"
        onError={() => setBroken(true)}
      />
    </a>
  );
}

function Player({ kind, it }: { kind: 'video' | 'audio'; it: Record<string, unknown> }) {
  const href = safeUrl(it.url);
  if (!href) return <p class="unknown">A {kind} without an address.</p>;
  const label = words(it.name) || (kind === 'video' ? 'Video' : 'Recording');
  // biome-ignore lint/a11y/useMediaCaption: what customers and bots send has no captions
  if (kind === 'audio') return <audio class="player" src={href} controls preload="none" aria-label={label} />;
  // biome-ignore lint/a11y/useMediaCaption: what customers and bots send has no captions
  return <video class="player" src={href} controls preload="metadata" playsInline aria-label={label} />;
}

function FileRow({ it }: { it: Record<string, unknown> }) {
  const href = safeUrl(it.url);
  const size = sizeOf(it.file_size_in_bytes);
  const inner = (
    <>
      <span class="file-icon">
        <Icon name="document" />
      </span>
      <span class="file-words">
        <bdi class="file-name">{words(it.name) || 'File'}</bdi>
        {size && <span class="meta">{size}</span>}
      </span>
      {href && <Icon name="download" />}
    </>
  );
  return href ? (
    <a class="file" href={href} target="_blank" rel="noopener noreferrer" download>
      {inner}
    </a>
  ) : (
    <span class="file">{inner}</span>
  );
}

function UrlButton({ it }: { it: Record<string, unknown> }) {
  const href = safeUrl(it.url);
  const host = href ? new URL(href).host : 'no address';
  return (
    <p class="url-button">
      <span class="url-label" dir="auto">
        {words(it.label)}
      </span>
      <span class="meta">
        {it.target === '_self' ? 'opens in the chat' : 'opens a tab'} · <bdi>{host}</bdi>
      </span>
    </p>
  );
}

const Option = ({ label, chosen }: { label: string; chosen: string | undefined }) => (
  <span class="option" data-chosen={chosen === label || undefined} dir="auto">
    {chosen === label && <Icon name="check" />}
    {label}
    {chosen === label && <span class="unseen"> (chosen)</span>}
  </span>
);

function Template({ it, seen }: { it: Record<string, unknown>; seen: Seen }) {
  const sections = sectionsOf(it);
  if (it.type === 'quick_reply_dropdown') {
    const options = sections.flatMap(({ parts }) => parts);
    const name = sections[0]?.name ?? '';
    return (
      <details class="dropdown" open={options.length <= 6}>
        <summary>
          {name && name !== 'options' ? name : 'A list to choose from'} · {options.length}
          {seen.chosen && ` · ${seen.chosen}`}
        </summary>
        <div class="options">
          <Parts parts={options} seen={seen} />
        </div>
      </details>
    );
  }
  if (it.type !== 'carousel') return <p class="unknown">Something that this desk can’t show (template).</p>;
  const title = words(inside(sections.find(({ name }) => name === 'carousel_title')?.parts[0], 'text').content);
  const cards = sections.filter(({ name }) => name === 'cards').flatMap(({ parts }) => parts);
  return (
    <div class="carousel">
      {title && <Text text={withoutTags(title)} />}
      <ul class="cards" aria-label={`${cards.length} cards`}>
        {cards.map((part, at) => (
          <Card key={at} card={cardOf(inside(part, 'template_content'))} seen={seen} />
        ))}
      </ul>
    </div>
  );
}

function Card({ card, seen }: { card: ReturnType<typeof cardOf>; seen: Seen }) {
  const chosen = seen.chosen !== undefined && (seen.chosen === card.title || seen.chosen === card.callback);
  const href = safeUrl(card.image.url);
  return (
    <li class="card" data-chosen={chosen || undefined}>
      {href && <img src={href} alt={words(card.image.alt_text)} loading="lazy" referrerpolicy="no-referrer" />}
      <p class="card-title" dir="auto">
        {withoutTags(card.title)}
        {chosen && <Icon name="check" />}
      </p>
      {card.description && <p dir="auto">{withoutTags(card.description)}</p>}
      <p class="meta">{[card.callback, words(card.view.label)].filter(Boolean).join(' · ')}</p>
    </li>
  );
}
