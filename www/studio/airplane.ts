/**
 * Airplane mode: a policy that allows no connection, put into the page while it runs. The browser then refuses every request of
 * the page. Policies only ever add up, so nothing can take it back but a reload.
 */
const POLICY = [
  "default-src 'none'",
  "connect-src 'none'",
  "img-src 'none'",
  "script-src 'none'",
  "style-src 'none'",
  "font-src 'none'",
  "media-src 'none'",
  "frame-src 'none'",
  "object-src 'none'",
  "worker-src 'none'",
  "manifest-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
].join("; ");

/** Installs the policy. What has been loaded goes on. */
export function closePage(): void {
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = POLICY;
  document.head.append(meta);
}

/** Tries to send a request from the page: why it was refused, or `undefined` where it was not. */
export async function tryPage(address: string): Promise<string | undefined> {
  try {
    // The browser tells of a request when its answer has come to its end.
    await (await fetch(address)).text();
    return undefined;
  } catch (error) {
    return String(error);
  }
}
