import type { FileAnswer } from '../protocol/live';
import { asFailure, Failure, failureOf } from './failure';
import { readFileAnswer } from './fileAnswer';
import { attempt } from './shape';

export type Upload = {
  /** Throws `Failure`; never settles once it is cancelled. */
  answer: Promise<FileAnswer>;
  cancel(): void;
};

/** Milliseconds without a byte that moves until it counts as cut off. */
const patience = 30_000;

/**
 * `POST /widget/v1/files`, with XMLHttpRequest: `fetch` tells nothing of how much went out.
 *
 * @param onProgress gets the part of the bytes that went out, 0 to 1
 */
export function upload(
  base: string,
  token: string,
  file: Blob,
  name: string,
  onProgress: (part: number) => void,
): Upload {
  const request = new XMLHttpRequest();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const answer = new Promise<FileAnswer>((resolve, reject) => {
    const fail = (failure: Failure) => {
      clearTimeout(timer);
      reject(failure);
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        fail(new Failure('timeout', `Nothing of the file moved for ${patience} ms.`));
        request.abort();
      }, patience);
    };
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      wait();
      onProgress(total > 0 ? loaded / total : 0);
    });
    request.addEventListener('load', () => {
      const body = attempt((json) => JSON.parse(String(json)) as unknown, request.responseText);
      if (request.status < 200 || request.status > 299) {
        return fail(failureOf(body, request.status, request.getResponseHeader('Retry-After')));
      }
      clearTimeout(timer);
      const read = attempt(readFileAnswer, body);
      if (read) resolve(read);
      else fail(new Failure('garbled', 'The answer is no file of Guichet.'));
    });
    request.addEventListener('error', () => fail(new Failure('unreachable', 'The file could not be sent.')));
    try {
      request.open('POST', `${base}/files`);
      request.setRequestHeader('Authorization', `Bearer ${token}`);
      request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
      request.setRequestHeader('X-File-Name', encodeURIComponent(wellFormed(name)));
      request.send(file);
      wait();
    } catch (error) {
      fail(asFailure(error));
    }
  });
  return {
    answer,
    cancel() {
      clearTimeout(timer);
      request.abort();
    },
  };
}

/** Without half characters, which `encodeURIComponent` throws at. */
const wellFormed = (name: string) => name.replace(/\p{Surrogate}/gu, '\ufffd');
