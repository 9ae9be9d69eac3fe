import * as v from 'valibot';

export const WithId = v.object({ id: v.pipe(v.string(), v.nonEmpty()) });
