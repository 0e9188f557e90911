import data from "../../src/copy/formats.json";

/** What the page needs to know of a format; the numbers are the crate's own. */
export interface Format {
  readonly id: string;
  readonly title: string;
  /** Two where a headline stands above a text. */
  readonly parts: number;
  /** The most characters that fit, in the format's own count. */
  readonly max: number;
  /** The length to aim at. */
  readonly ideal: number;
  /** How its characters are counted. */
  readonly count: string;
}

export const formats: readonly Format[] = data.map(({ id, parts, max, ideal, count }) => ({
  id,
  title: sentence(id),
  parts: parts.length,
  max,
  ideal,
  count,
}));

/** `meta-description` as a label: `Meta description`. */
function sentence(id: string): string {
  return id.charAt(0).toUpperCase() + id.slice(1).replaceAll("-", " ");
}
