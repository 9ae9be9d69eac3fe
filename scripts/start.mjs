/** `npm start`: sets up what is missing, then runs the demo (chat server, bank, card page, bot) until Ctrl-C. */
import { runDemo, whenAskedToStop } from './demo.mjs';
import { setUp } from './setup.mjs';

await setUp();
const demo = runDemo();
whenAskedToStop((signal) => demo.stop(signal));
process.exitCode = await demo.ended;
