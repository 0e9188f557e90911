/** The one live region of all elements: a person who asked for a text hears it once. */

let region: HTMLElement | undefined;

/** Has a screen reader say a text. */
export function announce(text: string, language: string): void {
  if (!region?.isConnected) {
    region = document.createElement("div");
    region.setAttribute("role", "status");
    region.dataset["copywright"] = "announcement";
    const hidden = { position: "fixed", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)" };
    Object.assign(region.style, hidden);
    document.body.append(region);
  }
  const { lang } = document.documentElement;
  if (language && language !== lang) region.lang = language;
  // A region that was just made is heard only when its text comes later.
  const place = region;
  place.textContent = "";
  setTimeout(() => (place.textContent = text), 50);
}
