/** Hands and eyes for the studio. */
import { until } from "./each.mjs";

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
export async function seen(page, what, fits) {
  let last;
  return until(what, async () => {
    last = await look(page);
    return fits(last) ? last : undefined;
  }).catch((error) => {
    throw new Error(
      `${error.message}; last seen: ${JSON.stringify(last)}; ${page.problems.join("; ")}`,
    );
  });
}

/** The model is there. */
export const loaded = (page) =>
  seen(page, "the model", (it) => it.state.startsWith("Ready"));

/** Presses Write and waits for the end. */
export async function write(page) {
  await page.run(() => document.getElementById("write").click());
  await seen(page, "the beginning", (it) => it.canStop || it.contradiction);
  return seen(page, "the end", (it) => it.canWrite);
}

/** Few tokens: software adapters are slow. */
export async function short(page, format = "tagline") {
  await page.run(
    ([format]) => {
      document.querySelector('input[name="count"][value="3"]').click();
      document.querySelector(`input[name="format"][value="${format}"]`).click();
    },
    [format],
  );
}
