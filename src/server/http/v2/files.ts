import type { fileRoutes } from '../../../protocol/rest/files';
import { type FileRow, keepFile, urlOf } from '../../files/files';
import { extensionOf } from '../../files/names';
import type { World } from '../../world';
import type { Handlers } from './door';

export function fileHandlers(world: World): Pick<Handlers, keyof typeof fileRoutes> {
  return {
    async uploadImage({ token, upload }) {
      const file = await keepFile(world, `token:${token.id}`, upload);
      const { id, content_type } = file;
      return { id, url: urlOf(world, file), content_type, width: file.width ?? 0, height: file.height ?? 0 };
    },
    uploadFile: async ({ token, upload }) => fileOf(world, await keepFile(world, `token:${token.id}`, upload)),
  };
}

const fileOf = (world: World, file: FileRow) => ({
  file_name: file.name,
  file_size: file.size,
  file_content_type: file.content_type,
  file_extension_type: extensionOf(file.name),
  file_hash: file.secret,
  file_security_status: 'not_scanned' as const,
  id: file.id,
  url: urlOf(world, file),
});
