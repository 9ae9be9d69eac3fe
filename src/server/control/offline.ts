import type { Config } from '../config';
import { openInstallation } from '../installation';
import { guardedAgent } from '../webhooks/guard';
import { createPost } from '../webhooks/post';
import { createSigner } from '../webhooks/sign';
import { createCommands } from './commands';
import { type ControlAnswer, runCommand } from './socket';

/** Runs a command on the database itself, of which no server must be the owner meanwhile. */
export async function runOffline(config: Config, command: string, input: object): Promise<ControlAnswer> {
  const installation = await openInstallation(config);
  const agent = guardedAgent(config.allowPrivateNetwork);
  try {
    const { world, publicKey } = installation;
    const post = createPost({ sign: createSigner(installation.privateKey), agent, now: world.now });
    return await runCommand(
      createCommands(world, { allowPrivateNetwork: config.allowPrivateNetwork, publicKey, post }),
      command,
      input,
    );
  } finally {
    await agent.destroy();
    await installation.world.store.close();
  }
}
