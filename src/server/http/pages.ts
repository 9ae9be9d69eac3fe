import type { Context } from 'hono';

type Asked = { page: number; items_per_page: number };

/** v2's `pagination` and `links` for a list that is counted. */
export function pagesOf(context: Context, asked: Asked, total: number) {
  const last = Math.max(1, Math.ceil(total / asked.items_per_page));
  const link = (page: number, rel: string) => {
    const query = new URLSearchParams(context.req.query());
    query.set('page', String(page));
    query.set('items_per_page', String(asked.items_per_page));
    return { href: `${context.req.path}?${query}`, rel, type: 'GET' };
  };
  return {
    pagination: {
      total_items: total,
      total_pages: last,
      current_page: asked.page,
      items_per_page: asked.items_per_page,
    },
    links: {
      first_page: link(1, 'first_page'),
      last_page: link(last, 'last_page'),
      ...(asked.page < last ? { next_page: link(asked.page + 1, 'next_page') } : {}),
      ...(asked.page > 1 ? { previous_page: link(asked.page - 1, 'previous_page') } : {}),
    },
  };
}

export const offsetOf = (asked: Asked) => (asked.page - 1) * asked.items_per_page;
