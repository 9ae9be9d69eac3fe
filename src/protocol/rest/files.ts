import * as v from 'valibot';
import { Id } from '../parts';
import type { Route } from './route';

/** An uploaded picture. */
export const ImageUpload = v.object({
  id: Id,
  /** Unguessable and stable, on an origin that serves nothing else: goes into an `image` part. */
  url: v.string(),
  /** As its bytes say. */
  content_type: v.string(),
  width: v.number(),
  height: v.number(),
});
export type ImageUpload = v.InferOutput<typeof ImageUpload>;

/** An uploaded file: v2's fields, then ours. A `file` part may name it by `file_hash` in place of a URL. */
export const FileUpload = v.object({
  /** Without what can't be shown, and with an ending that fits what the file is. */
  file_name: v.string(),
  /** Bytes. */
  file_size: v.number(),
  file_content_type: v.string(),
  file_extension_type: v.string(),
  file_hash: v.string(),
  /** Kinds are checked; nothing looks for viruses. */
  file_security_status: v.literal('not_scanned'),
  id: Id,
  url: v.string(),
});
export type FileUpload = v.InferOutput<typeof FileUpload>;

export const fileRoutes = {
  uploadImage: {
    method: 'post',
    path: '/images/upload',
    scope: 'files:write',
    summary: 'Upload a picture',
    multipart: { field: 'image', takes: 'image/png, image/jpeg, image/gif, image/webp, image/avif', only: 'image' },
    status: 200,
    answer: ImageUpload,
  },
  uploadFile: {
    method: 'post',
    path: '/files/upload',
    scope: 'files:write',
    summary: 'Upload a file',
    multipart: { field: 'file', takes: '*/*' },
    status: 200,
    answer: FileUpload,
  },
} as const satisfies Record<string, Route>;
