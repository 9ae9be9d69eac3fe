import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { log } from '../log';
import { webApp } from '../service';
import type { Freddy } from './freddy';
import { type WebhookKeys, webhookCheck } from './signatures';
import { readEvent } from './webhookEvent';

const largest = 256 * 1_024;

/** Freddy's one door: Guichet knocks, Freddy looks who it is, writes down what it says and lets it go at once. */
export function botApp(origin: string, keys: WebhookKeys, worker: Pick<Freddy, 'take'>): Hono {
  const app = webApp(origin);
  const check = webhookCheck(keys);

  app.use(bodyLimit({ maxSize: largest, onError: (c) => c.json({ error: 'too_large' }, 413) }));
  app.post('/webhook', async (c) => {
    // The bytes as they came: parsed and written again they would no longer fit their signature.
    const raw = Buffer.from(await c.req.arrayBuffer());
    const verdict = check(raw, c.req.header());
    if (!verdict.genuine) {
      log.warn(`refused a webhook: ${verdict.why}`);
      return c.json({ error: 'signature' }, 401);
    }
    const event = readEvent(parse(raw));
    if (event) await worker.take(event);
    return c.body(null, 204);
  });
  return app;
}

function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
}
