/** When an element begins. */

/** The page has been parsed: all of the element's own copy is there. */
export async function parsed(): Promise<void> {
  if (document.readyState !== "loading") return;
  await new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));
}

/** The page has come, and what it shows has been painted: nothing of ours was in its way. */
export async function loaded(): Promise<void> {
  if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done, { once: true }));
  // Pages in the background paint nothing and are not to wait for ever.
  await Promise.race([new Promise(requestAnimationFrame), new Promise((done) => setTimeout(done, 500))]);
}

/** The element is in the window, or within half a window of it. */
export async function near(element: Element, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const end = (): void => {
      observer.disconnect();
      reject(signal.reason);
    };
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        observer.disconnect();
        signal.removeEventListener("abort", end);
        resolve();
      },
      { rootMargin: "50%" },
    );
    if (signal.aborted) return end();
    signal.addEventListener("abort", end, { once: true });
    observer.observe(element);
  });
}

/** The visitor asked for less data. */
export function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData === true || matchMedia("(prefers-reduced-data: reduce)").matches;
}
