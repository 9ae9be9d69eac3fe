import { limits } from '../../protocol/limits';

/** Why a file is not taken. */
export type Refusal = 'empty' | 'tooLarge' | 'kind' | 'unreadable' | 'pixels' | 'off';

/** Kinds that the server takes, by how a name ends; what a file really is, the server sees by its bytes. */
export const endings = [
  ...['png', 'apng', 'jpg', 'jpeg', 'jpe', 'jfif', 'gif', 'webp', 'avif', 'heic', 'heif'],
  ...['mp4', 'm4v', 'mov', 'qt', 'webm', 'm4a', 'weba', 'mp3', 'ogg', 'oga', 'opus', 'wav'],
  ...['pdf', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'zip', 'csv', 'txt', 'log', 'md', 'json'],
];
const pictures = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'];

/** What messages show in place as a picture. */
export const isPicture = (type: string) => pictures.includes(type);
/** Such files lose size when they're cleaned. */
const isPhoto = (type: string) => /^image\/(jpeg|hei[cf])$/.test(type);

type Facts = { name: string; size: number; type: string; isCleaned?: boolean };

/** What can be said of a file without looking into it. */
export function faultOf({ name, size, type, isCleaned = true }: Facts): Refusal | undefined {
  if (size === 0) return 'empty';
  const isSmallPicture = isPicture(type) && (isCleaned || !isPhoto(type));
  if (size > (isSmallPicture ? limits.imageBytes : limits.fileBytes)) return 'tooLarge';
  const ending = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase();
  // A pasted picture may have no ending, a text none or any: the server looks.
  if (isPicture(type) || type === 'text/plain' || (!ending && !type)) return undefined;
  return ending && endings.includes(ending) ? undefined : 'kind';
}

/** The same for the browser's own chooser. */
export const accept = ['image/png', 'image/jpeg', ...endings.map((ending) => `.${ending}`)].join(',');

/** Bytes that a file of that type may have. */
export const mostBytes = (type: string) => (isPicture(type) ? limits.imageBytes : limits.fileBytes);
