/** Files of a model, as text or in chunks. What goes wrong on the way is a NetworkError that names the address. */

/** A small file, whole. */
export async function bytes(url: URL, signal: AbortSignal): Promise<Uint8Array> {
  const whole = (await answer(url, signal)).arrayBuffer().catch((error: unknown) => broken(url, error));
  return new Uint8Array(await whole);
}

/** Hands a file over chunk by chunk; the next one is read when `take` is done with the last. */
export async function chunks(url: URL, signal: AbortSignal, take: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  const { body } = await answer(url, signal);
  if (!body) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => broken(url, error));
      if (done) return;
      await take(value);
    }
  } finally {
    // After a damaged chunk the rest need not come; after the end this does nothing.
    reader.cancel().catch(() => undefined);
  }
}

async function answer(url: URL, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal }).catch((error: unknown) => broken(url, error));
  if (!response.ok) return broken(url, `the server answered ${response.status}`);
  return response;
}

function broken(url: URL, why: unknown): never {
  const reason = why instanceof Error ? why.message : String(why);
  throw new DOMException(`${url.href}: ${reason}`, "NetworkError");
}
