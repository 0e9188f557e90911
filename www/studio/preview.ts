import { make } from "../demo/dom";
import type { Brief } from "../src/types";

/** Where a format's text is read, and the places in it where the text goes. */
export interface Preview {
  readonly element: HTMLElement;
  /** What it is, in words. */
  readonly place: string;
  /** One for each part of the format; the last takes what is left. */
  readonly slots: readonly HTMLElement[];
}

/** An empty preview of the place that a format is written for. */
export function preview(brief: Brief): Preview {
  const { format } = brief;
  const maker = MAKERS[format] ?? article;
  return maker(brief);
}

const slot = (kind = ""): HTMLElement => make("div", { class: `slot ${kind}` });

/** What the product's owner would put there; bars stand for it, and nobody reads them out. */
function bars(...widths: readonly number[]): HTMLElement {
  return make("div", { class: "bars", "aria-hidden": "true" }, ...widths.map((w) => make("i", { class: `w${w}` })));
}

function box(kind: string, place: string, slots: readonly HTMLElement[], ...children: (Node | string)[]): Preview {
  return { element: make("div", { class: `preview ${kind}` }, ...children), place, slots };
}

const initial = (brief: Brief): HTMLElement =>
  make("span", { class: "avatar", "aria-hidden": "true" }, [...(brief.brand ?? brief.name)][0] ?? "·");

const sender = (brief: Brief): string => brief.brand ?? brief.name;

/** An invented address: names under `.example` belong to nobody. */
function site(brief: Brief): string {
  const name = sender(brief)
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `${name.slice(0, 40) || "shop"}.example`;
}

function source(brief: Brief, ...more: Node[]): HTMLElement {
  const lines = make("div", {}, make("b", {}, sender(brief)), make("span", {}, site(brief)));
  return make("div", { class: "source" }, initial(brief), lines, ...more);
}

function price(brief: Brief): HTMLElement[] {
  const found = Object.entries(brief.facts ?? {}).find(([key]) => /price|pass|cost/i.test(key));
  return found ? [make("span", { class: "price" }, String(found[1]))] : [];
}

function search(brief: Brief, sponsored: boolean, headline: boolean): Preview {
  const text = slot(headline ? "link" : "");
  const badge = sponsored ? [make("span", { class: "badge-ad" }, "Sponsored")] : [];
  const title = make("div", { class: "link" }, brief.category ? `${brief.name}, ${brief.category}` : brief.name);
  const place = sponsored ? "Search ad" : "Search result";
  const body = headline ? [text, bars(11, 8)] : [title, text];
  return box("search", place, [text], ...badge, source(brief), ...body);
}

function tagline(brief: Brief): Preview {
  const text = slot();
  return box("lockup", "Under the logo", [text], make("div", { class: "logo" }, brief.name), text);
}

function product(brief: Brief): Preview {
  const text = slot();
  const head = make("div", { class: "line" }, make("b", {}, brief.name), ...price(brief));
  const shot = make("div", { class: "shot", "aria-hidden": "true" }, [...brief.name][0] ?? "");
  return box("product", "Product page", [text], shot, make("div", { class: "words" }, head, text));
}

function post(brief: Brief): Preview {
  const text = slot();
  const foot = make(
    "div",
    { class: "marks", "aria-hidden": "true" },
    ...["♡", "↻", "⤴"].map((mark) => make("span", {}, mark)),
  );
  return box("post", "Post in a feed", [text], source(brief, make("span", { class: "ago" }, "now")), text, foot);
}

function inbox(brief: Brief): Preview {
  const text = slot("subject");
  const mine = make(
    "div",
    { class: "mail" },
    initial(brief),
    make("div", {}, make("b", {}, sender(brief)), text, bars(9)),
  );
  const other = (a: number, b: number): HTMLElement =>
    make("div", { class: "mail other", "aria-hidden": "true" }, make("span", { class: "avatar" }), bars(a, b));
  return box("inbox", "Line in an inbox", [text], other(3, 7), mine, other(2, 8));
}

function letter(brief: Brief): Preview {
  const text = slot();
  const head = make("div", { class: "head" }, initial(brief), make("b", {}, sender(brief)), bars(6));
  return box("letter", "E-mail", [text], head, text);
}

function push(brief: Brief): Preview {
  const [title, body] = [slot("title"), slot()];
  const head = make("div", { class: "line" }, initial(brief), make("span", {}, sender(brief)), make("i", {}, "now"));
  const note = make("div", { class: "note" }, head, title, body);
  return box(
    "phone",
    "Push notification",
    [title, body],
    make("div", { class: "clock", "aria-hidden": "true" }, "9:41"),
    note,
  );
}

function hero(brief: Brief): Preview {
  const [headline, subline] = [slot("headline"), slot()];
  const bar = make("div", { class: "browser", "aria-hidden": "true" }, make("i"), make("i"), make("i"), site(brief));
  const button = make("span", { class: "call", "aria-hidden": "true" });
  return box(
    "hero",
    "Top of a page",
    [headline, subline],
    bar,
    make("div", { class: "stage" }, headline, subline, button),
  );
}

function recommendation(brief: Brief): Preview {
  const text = slot();
  const why = brief.context?.interest
    ? [make("p", { class: "why" }, `For a reader who ${brief.context.interest}`)]
    : [];
  const shot = make("div", { class: "shot", "aria-hidden": "true" }, [...brief.name][0] ?? "");
  const words = make("div", { class: "words" }, make("b", {}, brief.name), ...price(brief), text);
  return box("recommendation", "Beside a product", [text], ...why, make("div", { class: "row" }, shot, words));
}

function chat(brief: Brief): Preview {
  const text = slot("bubble");
  const question = make("p", { class: "bubble asked" }, brief.context?.question ?? "…");
  return box("chat", "Answer in a chat", [text], question, text);
}

function article(brief: Brief): Preview {
  const text = slot();
  const kicker = make("span", { class: "kicker" }, brief.category ?? sender(brief));
  return box("article", "Beginning of a post", [text], kicker, bars(10, 6), text);
}

const MAKERS: Readonly<Record<Brief["format"], (brief: Brief) => Preview>> = {
  tagline,
  "ad-headline": (brief) => search(brief, true, true),
  "ad-description": (brief) => search(brief, true, false),
  "product-blurb": product,
  "social-post": post,
  "email-subject": inbox,
  "email-body": letter,
  "meta-description": (brief) => search(brief, false, false),
  push,
  hero,
  recommendation,
  "support-reply": chat,
  "blog-intro": article,
};
