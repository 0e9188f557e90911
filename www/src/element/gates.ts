/** What the visitor has agreed to, and what the page says of them. In memory alone, but for what they agreed to. */

import type { Consent } from "./types";

/** Name of the one entry in `localStorage`, made only with consent to storage. */
const VISITOR = "copywright-1:visitor";

/** Told when anything here changes. */
export const changes = new EventTarget();

let consent: Consent = {};
let interest: string | undefined;
/** The number of this visitor: kept, or of this page alone. */
let visitor: string | undefined;

/**
 * Says what the visitor has agreed to. Both consents are refused until this is called, on every page: it is not kept.
 * Elements that waited for one begin; what was personalised goes back to the page's own text when that is withdrawn.
 */
export function setConsent(given: Consent): void {
  consent = { ...consent, ...given };
  changes.dispatchEvent(new Event("change"));
}

/**
 * Says what the visitor is interested in, in words of the site's own ("hiking boots"): from the categories they viewed, a
 * query, a campaign. It goes into briefs only with consent to personalisation, never to an endpoint, and is kept nowhere.
 */
export function setInterest(words: string | undefined): void {
  interest = words;
  changes.dispatchEvent(new Event("change"));
}

/** Whether the visitor has agreed. */
export const agreed = (gate: keyof Consent): boolean => consent[gate] === true;

/** What the page said of the visitor's interest. */
export const interestGiven = (): string | undefined => interest;

/** Gates that an element names and the visitor has not opened. A gate that is not known stays closed. */
export function closed(names: string | null): string[] {
  return (names ?? "").split(/\s+/).filter((name) => name && name !== "none" && !agreed(name as keyof Consent));
}

/** A seed of this visitor and this place: the same on every visit if it may be kept, on this page otherwise. */
export function visitorSeed(place: string): number {
  if (agreed("storage")) {
    try {
      const kept = localStorage.getItem(VISITOR);
      if (kept) visitor = kept;
      else localStorage.setItem(VISITOR, (visitor ??= crypto.randomUUID()));
    } catch {
      // A browser that keeps nothing.
    }
  }
  visitor ??= crypto.randomUUID();
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${visitor}\n${place}`)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Forgets the visitor: the interest, the number of their seeds, and the models that are kept on the device. */
export async function erase(): Promise<void> {
  visitor = undefined;
  try {
    localStorage.removeItem(VISITOR);
  } catch {
    // There is nothing to forget where nothing can be kept.
  }
  setInterest(undefined);
  const { Copywright } = await import("../index");
  for (const { model } of await Copywright.stored()) await Copywright.remove({ model });
}
