import { effect } from '@preact/signals';
import { cleanPhoto } from '../client/photo';
import { upload } from '../client/upload';
import { createAttachments } from './model/attachments';
import { newId } from './model/id';
import type { Model } from './model/model';
import { createUploads } from './model/uploads';
import { AttachButton } from './view/files/AttachButton';
import { Tray } from './view/files/Tray';
import { announceFailed, f } from './view/files/words';

export type FileTools = { Button: typeof AttachButton; Tray: typeof Tray };

/** Wires what chooses, shows and uploads files together: a download of its own, after one can type. */
export function openAttachments(model: Model, base: string): FileTools {
  const means = {
    token() {
      const now = model.session.state.peek();
      return now.phase === 'ready' ? now.token : undefined;
    },
    clean: cleanPhoto,
    upload: (token: string, file: Blob, name: string, onProgress: (part: number) => void) =>
      upload(base, token, file, name, onProgress),
  };
  const uploads = createUploads(means);
  const attachments = createAttachments({
    ...means,
    newId,
    sendFile: model.sendFile,
    sendLater: model.sendLater,
    uploads,
    draft: model.composer,
    onSessionOver: (token) => model.session.renew(token),
    onFailed: (attachment) => model.panel.announce(announceFailed(attachment)),
    onAllDone: () => model.panel.announce(f('allDone')),
  });
  effect(() => {
    // Each step towards a connection is a reason to try again.
    if (model.connection.value === 'offline' || model.session.state.value.phase !== 'ready') return;
    queueMicrotask(attachments.kick);
  });
  // What is uploaded needs a session to belong to.
  effect(() => {
    if (attachments.items.value.length > 0 && model.session.state.peek().phase === 'idle') void model.session.open();
  });
  model.attachments.value = { ...attachments, uploads };
  // What a former visit left is waiting for this.
  model.wake();
  return { Button: AttachButton, Tray };
}
