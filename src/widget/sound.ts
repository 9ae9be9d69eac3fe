/** Milliseconds in which another tab may show the message: then somebody looks, and it stays quiet. */
const patience = 900;
/** Milliseconds between two sounds: a burst of messages is one. */
const rest = 3_000;
let restsUntil = 0;

/**
 * A short, quiet sound for a new message, made here; of all tabs that got it one makes it. Comes with the first message that needs it.
 *
 * @param id the message's
 * @param isUnread after a moment: nobody has looked, in any tab
 */
export async function ring(id: string, isUnread: () => boolean): Promise<void> {
  if (performance.now() < restsUntil) return;
  restsUntil = performance.now() + rest;
  await new Promise((resolve) => setTimeout(resolve, patience));
  if (!isUnread()) return;
  const { locks } = navigator;
  if (!locks) return play();
  await locks.request(`guichet:sound:${id}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    await play();
    // Held until every tab has had its moment.
    await new Promise((resolve) => setTimeout(resolve, rest));
  });
}

/** Two soft notes, a fourth apart. */
async function play(): Promise<void> {
  const audio = new AudioContext();
  try {
    await Promise.race([audio.resume(), new Promise((resolve) => setTimeout(resolve, 500))]);
    if (audio.state !== 'running') return;
    const ends: Promise<unknown>[] = [];
    for (const [hertz, delay] of [
      [587, 0],
      [784, 0.11],
    ] as const) {
      const from = audio.currentTime + delay;
      const note = audio.createOscillator();
      const loudness = audio.createGain();
      note.frequency.value = hertz;
      loudness.gain.setValueAtTime(0, from);
      loudness.gain.linearRampToValueAtTime(0.08, from + 0.015);
      loudness.gain.exponentialRampToValueAtTime(0.0005, from + 0.35);
      note.connect(loudness).connect(audio.destination);
      note.start(from);
      note.stop(from + 0.4);
      ends.push(new Promise((resolve) => note.addEventListener('ended', resolve)));
    }
    await Promise.all(ends);
  } finally {
    await audio.close();
  }
}
