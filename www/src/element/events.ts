/** What an element tells the page. */

import type { CopyDetail, CopyWrightEventMap, Proposal } from "./types";

/** False when a listener declined. */
export function tell<K extends keyof CopyWrightEventMap>(
  host: Element,
  type: K,
  detail: CopyWrightEventMap[K]["detail"],
  cancelable = false,
): boolean {
  return host.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, cancelable, detail }));
}

/** What an event may say of a text. */
export function detailOf({ text, checks, source, model, personalised }: Proposal): CopyDetail {
  const kept = checks.map(({ rule, pass }) => ({ rule, pass }));
  return { source, model, personalised, ...(!personalised && { text }), checks: kept };
}
