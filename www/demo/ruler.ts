import { make } from "./dom";
import type { Format } from "./formats";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The length of a text that is still growing. Only the plain ways of counting are known here; for the others this is
 * near enough while words arrive, and the crate's own count takes its place when the text is checked.
 */
export function measure(text: string, format: Format): number {
  if (format.count === "utf16") return text.length;
  let count = 0;
  for (const _ of segmenter.segment(text)) count += 1;
  return count;
}

/** Where the format's limit stands on the ruler, in percent of its width. What lies right of it is too long. */
const LIMIT = 90;

/** Draws `count` on the ruler and says it in words. */
export function draw(ruler: HTMLElement, words: HTMLElement, count: number, format: Format): void {
  const { max, ideal } = format;
  const at = (characters: number): string => `${Math.min(100, (LIMIT * characters) / max)}%`;
  ruler.style.setProperty("--limit", `${LIMIT}%`);
  ruler.style.setProperty("--fill", at(count));
  ruler.style.setProperty("--tick", at(max > 200 ? 20 : max > 100 ? 10 : 5));
  ruler.style.setProperty("--ideal", at(ideal));
  ruler.setAttribute("aria-valuemax", String(max));
  ruler.setAttribute("aria-valuenow", String(Math.min(count, max)));
  ruler.setAttribute("aria-valuetext", `${count} of ${max} characters`);
  const unit = format.count === "xweighted" ? "characters as X counts" : "characters";
  const over = count > max ? `, ${count - max} too many` : "";
  words.replaceChildren(make("b", {}, String(count)), ` of ${max} ${unit}${over}`);
}
