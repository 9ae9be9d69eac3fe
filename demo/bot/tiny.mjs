// A whole bot: checks the signature, answers what customers write, offers quick replies.
//   GUICHET=http://127.0.0.1:4180 TOKEN=… SECRET=whsec_… node demo/bot/tiny.mjs
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const { GUICHET, TOKEN, SECRET, PORT = '4190' } = process.env;
const webhook = new Webhook(SECRET);
const chip = (label) => ({ quick_reply_button: { label, payload: label.toLowerCase() } });

createServer(async (request, response) => {
  try {
    const body = Buffer.concat(await request.toArray());
    const { action, data, event_id, conversation_id } = webhook.verify(body, request.headers);
    response.writeHead(204).end();
    if (action !== 'message_create' || data.message.actor_type !== 'user') return;
    const said = data.message.message_parts.map((part) => part.text?.content).join(' ');
    await fetch(`${GUICHET}/v2/conversations/${conversation_id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', 'idempotency-key': event_id },
      body: JSON.stringify({
        actor_type: 'bot',
        message_parts: [{ text: { content: `You said: ${said}` } }],
        reply_parts: [{ collection: { sub_parts: [chip('Tell me more'), chip('Enough')] } }],
      }),
    });
  } catch (error) {
    if (!response.headersSent) response.writeHead(401).end();
    console.error(error.message);
  }
}).listen(PORT);
