/** Hands and eyes for the studio. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { click } from "./demo.mjs";
import { seenBy, until } from "./each.mjs";

export { click };

/** What a visitor sees of the studio's state. */
export function look(page) {
  return page.run(() => {
    const text = (id) => document.getElementById(id).textContent.trim();
    const on = (id) =>
      document.getElementById(id).getAttribute("aria-disabled") !== "true";
    return {
      state: text("state"),
      live: text("live"),
      adapter: text("adapter"),
      software: document.getElementById("software").checkVisibility(),
      speed: text("speed"),
      first: text("first"),
      memory: text("memory"),
      since: Number(
        document.querySelector(".requests-since").textContent.trim(),
      ),
      before: Number(text("requests-before")),
      refused: Number(text("requests-refused")),
      said: text("privacy-said"),
      contradiction: document.getElementById("contradiction").hidden
        ? ""
        : text("contradiction"),
      trouble: document.getElementById("trouble").hidden
        ? ""
        : text("trouble-text"),
      canWrite: on("write"),
      canStop: on("stop"),
      snippet: text("snippet"),
      link: document.getElementById("link").href,
      focus: document.activeElement?.id || document.activeElement?.className,
      variants: [...document.querySelectorAll("#variants > .variant")].map(
        (variant) => ({
          place: variant.querySelector(".place").textContent,
          // Without what only a screen reader hears.
          text: [...variant.querySelectorAll(".slot")]
            .map((slot) => {
              const copy = slot.cloneNode(true);
              for (const hidden of copy.querySelectorAll(".hidden"))
                hidden.remove();
              return copy.textContent;
            })
            .join("\n"),
          origin: variant.querySelector(".origin").textContent,
          draft: variant.classList.contains("draft"),
          count: variant.querySelector(".count").textContent,
          meter: variant
            .querySelector("[role=meter]")
            .getAttribute("aria-valuetext"),
          chips: [...variant.querySelectorAll(".chips li")].map(
            (chip) => chip.textContent,
          ),
          numbers: [...variant.querySelectorAll(".number")].map(
            (number) => number.title,
          ),
        }),
      ),
    };
  });
}

/** Looks until what is seen fits. */
export const seen = seenBy(look);

/** The model is there. */
export const loaded = (page) =>
  seen(page, "the model", (it) => it.state.startsWith("Ready"));

/** Presses Write and waits for the end. */
export async function write(page) {
  await click(page, "write");
  await seen(page, "the beginning", (it) => it.canStop || it.contradiction);
  return seen(page, "the end", (it) => it.canWrite);
}

/** What is refused in airplane mode, and said so. */
const REFUSED = [/Content.Security.Policy/i, /tried=/];
/** How its tests begin. */
export const STUDIO = { path: "/studio/", allow: REFUSED };

/** A short text that says a number: software adapters are slow. */
export async function priced(page) {
  await page.run(() => {
    document.querySelector('input[name="count"][value="3"]').click();
    document.querySelector('input[name="format"][value="ad-headline"]').click();
    document.getElementById("must").value = "€89";
    document.getElementById("seed").value = "11";
    document.getElementById("fresh").checked = false;
    document
      .getElementById("must")
      .dispatchEvent(new Event("input", { bubbles: true }));
  });
}

/** Fills a field, as typing would. */
export const type = (page, id, text) =>
  page.run(
    ([id, text]) => {
      const field = document.getElementById(id);
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
    [id, text],
  );

/** What can be looked at beside the brief. */
export const TABS = ["tab-blind", "tab-privacy", "tab-share", "tab-variants"];

/** Judges the variants against two other texts, and gives what is saved. */
export async function blind(page) {
  await page.run(() => {
    const { createObjectURL } = URL;
    URL.createObjectURL = (blob) => {
      globalThis.saved = blob;
      return createObjectURL.call(URL, blob);
    };
  });
  await click(page, "tab-blind");
  await click(page, "blind-take-a");
  await type(page, "blind-source-b", "a person");
  await type(
    page,
    "blind-texts-b",
    "A quiet grinder for the early cup, for €89\n\nQuiet, and only €89",
  );
  await click(page, "blind-begin");
  const hidden = await page.run(
    () =>
      !document.getElementById("blind-lists").checkVisibility() &&
      document.getElementById("blind-trial").checkVisibility(),
  );
  assert.ok(hidden, "who wrote what is hidden");
  for (let votes = 0; votes < 3; votes++) await page.press("1");
  await until("the result", () =>
    page.run(() =>
      document.getElementById("blind-export").href.startsWith("blob:"),
    ),
  );
  const saved = await page.run(() => globalThis.saved.text());
  if (page.page.waitForEvent) {
    const [download] = await Promise.all([
      page.page.waitForEvent("download"),
      click(page, "blind-export"),
    ]);
    assert.equal(await readFile(await download.path(), "utf8"), saved);
  }
  return JSON.parse(saved);
}
