/** Pictures that may move: by their type, else by how their address ends. */
export function moves({ url, content_type: type }: { url: string; content_type?: string | undefined }): boolean {
  if (type) return /^image\/(gif|apng)\b/i.test(type);
  return URL.canParse(url) && /\.(gif|apng)$/i.test(new URL(url).pathname);
}
