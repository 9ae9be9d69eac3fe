// Loaded into every process of the demo by `--import`: when the one that started it is gone, however it went, its end
// of our standard input closes, and we go too. So nothing is ever left behind.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const goodbye = () => {
    setTimeout(() => process.exit(1), 5_000).unref();
    process.kill(process.pid, 'SIGTERM');
  };
  process.stdin.once('end', goodbye).once('error', goodbye).resume();
  process.stdin.unref?.();
}
