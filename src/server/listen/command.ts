import { parseArgs } from 'node:util';
import { plainText } from '../../protocol/markup';
import type { WebhookBody } from '../../protocol/webhook';
import { UsageError } from '../control/words';
import { guardedAgent } from '../webhooks/guard';
import { mintSecret } from '../webhooks/sign';
import { type Attempt, createForwarder, type Forwarded, type Told } from './forward';
import { listenTo } from './listen';

/** Runs until `signal` ends it. What was told goes to `print`, what concerns a person to `note`. */
export async function listenFromCommandLine(
  words: string[],
  tools: { print: (text: string) => void; note: (text: string) => void; signal: AbortSignal },
  env: Record<string, string | undefined> = process.env,
): Promise<void> {
  const wanted = read(words, env);
  const { print, note, signal } = tools;
  const agent = guardedAgent(true); // Both ends are named by whoever sits here, and *.localhost is among them.
  const tell = (told: Told, attempt?: Attempt) =>
    print(
      wanted.json
        ? JSON.stringify({ ...told, body: JSON.parse(told.body), ...(attempt ? { attempt } : {}) })
        : line(told, attempt),
    );
  const forward = wanted.forward
    ? createForwarder({ url: wanted.forward, secret: wanted.secret }, { agent, tell, signal })
    : async (told: Told): Promise<Forwarded> => {
        tell(told);
        return 'printed';
      };
  try {
    const cursor = await listenTo(wanted, {
      agent,
      take: forward,
      note,
      ready: () => {
        note(`Listening to ${wanted.server}${wanted.forward ? ` for ${wanted.forward}` : ''}. Ctrl+C ends it.`);
        if (wanted.forward) note(`Secret of this listener (Standard Webhooks): ${wanted.secret}`);
      },
      signal,
    });
    if (cursor !== 'latest') note(`Go on from here with --from ${cursor}`);
  } finally {
    await agent.destroy();
  }
}

function read(words: string[], env: Record<string, string | undefined>) {
  const { values } = parsed(words);
  const { server, forward } = values;
  const token = values.token ?? env.GUICHET_TOKEN;
  if (!server) throw new UsageError('--server is missing: the origin of the server, such as https://chat.example.');
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol))
    throw new UsageError(`--server ${server}: expected an origin such as https://chat.example.`);
  if (!token)
    throw new UsageError('--token is missing (or GUICHET_TOKEN, which other users of this machine do not see).');
  if (forward !== undefined && (!URL.canParse(forward) || !/^https?:$/.test(new URL(forward).protocol)))
    throw new UsageError(`--forward ${forward}: expected a URL such as http://localhost:3000/hook.`);
  const secret = values.secret ?? mintSecret();
  if (!/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(secret))
    throw new UsageError('--secret: expected whsec_ and at least 24 bytes in base64.');
  return {
    server: new URL(server).origin,
    token,
    forward,
    secret,
    events: values.event,
    from: values.from ?? 'latest',
    json: values.json ?? false,
  };
}

function parsed(words: string[]) {
  try {
    return parseArgs({
      args: words,
      options: {
        server: { type: 'string' },
        token: { type: 'string' },
        forward: { type: 'string' },
        event: { type: 'string', multiple: true },
        from: { type: 'string' },
        secret: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** `09:41:07 message_create 0199…3f2a #4 user: Hello → 200 in 12 ms` */
function line(told: Told, attempt: Attempt | undefined): string {
  const body = JSON.parse(told.body) as WebhookBody;
  const { conversation_id: id = '', seq } = body;
  const parts = [
    body.action_time.slice(11, 19),
    body.action,
    id.length > 13 ? `${id.slice(0, 4)}…${id.slice(-4)}` : id,
    `#${seq}`,
    `${body.actor.actor_type}${gist(body)}`,
  ];
  if (!attempt) return parts.join(' ');
  const { status, error, milliseconds, again } = attempt;
  const next = again === undefined ? '' : `, again in ${again} s`;
  return `${parts.join(' ')} → ${status ?? error} in ${milliseconds} ms${next}`;
}

/** What it is about, in a few words; what came from outside moves no cursor and colours nothing. */
function gist({ data }: WebhookBody): string {
  const text = data.message?.message_parts
    .map((part) => ('text' in part ? plainText(part.text.content) : `[${Object.keys(part)[0]}]`))
    .join(' ');
  const words = text ?? data.web_view?.title ?? data.summary ?? '';
  const clean = words.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  if (clean === '') return '';
  const characters = [...clean];
  return `: ${characters.length > 80 ? `${characters.slice(0, 79).join('')}…` : clean}`;
}
