/** Every limit of the wire. A namespace rather than an object: a bundle takes along only those that it names. */
export * as limits from './limitTable';
