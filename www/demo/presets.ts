import { byId, make } from "./dom";
import type { Ticket } from "./ticket";

/** A product to begin with. All of them are invented for this page. */
export interface Preset extends Ticket {
  readonly id: string;
  /** What the button says under the name. */
  readonly kind: string;
}

const blank = { brand: "", interest: "", question: "" };

/** Lays out their buttons. */
export function layPresets(choose: (preset: Preset) => void): void {
  byId("presets", HTMLDivElement).replaceChildren(
    ...presets.map((each) => {
      const button = make(
        "button",
        { type: "button", "data-preset": each.id },
        make("b", {}, each.name),
        make("small", {}, each.kind),
      );
      button.addEventListener("click", () => choose(each));
      return button;
    }),
  );
}

/** Marks the button of one of them, or of none. */
export function pressPreset(id: string | undefined): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("#presets button")) {
    button.setAttribute("aria-pressed", String(button.dataset["preset"] === id));
  }
}

export const presets: readonly Preset[] = [
  {
    ...blank,
    id: "quernel",
    kind: "coffee grinder",
    format: "product-blurb",
    tone: "playful",
    name: "Quernel",
    brand: "Ashlin",
    category: "hand coffee grinder",
    features: [
      "steel burrs",
      "grinds from espresso to press",
      "quiet enough for early mornings",
      "lid doubles as a scoop",
    ],
    facts: [
      ["price", "€89"],
      ["capacity", "40 g"],
    ],
    audience: "people who are up before the household",
    interest: "drinks one careful cup before work",
    question: "Can it grind for a moka pot?",
  },
  {
    ...blank,
    id: "ottersby",
    kind: "rain jacket",
    format: "social-post",
    tone: "playful",
    name: "Ottersby",
    brand: "Lowmoor",
    category: "rain jacket",
    features: [
      "waterproof with taped seams",
      "long back for the saddle",
      "two-way zip",
      "reflective piping",
      "packs into its own pocket",
    ],
    facts: [
      ["price", "€129"],
      ["weight", "310 g"],
    ],
    audience: "people who cycle to work",
    interest: "rides to work in all weathers",
    question: "Does it come with a hood?",
  },
  {
    ...blank,
    id: "wexholt",
    kind: "co-working",
    format: "meta-description",
    tone: "warm",
    name: "Wexholt Yard",
    category: "co-working space",
    features: ["desks by the day", "quiet room", "phone booths", "bike parking", "kitchen with a long table"],
    facts: [
      ["day pass", "€18"],
      ["open", "7:00 to 22:00"],
    ],
    audience: "freelancers who miss having colleagues",
    interest: "works from the kitchen table",
    question: "Can I bring my bicycle?",
  },
  {
    ...blank,
    id: "tallywren",
    kind: "invoicing app",
    format: "ad-description",
    tone: "plain",
    name: "Tallywren",
    category: "invoicing app",
    features: [
      "drafts invoices from your timesheet",
      "reminds late payers politely",
      "exports to CSV",
      "works offline",
    ],
    facts: [
      ["price", "€9 a month"],
      ["trial", "30 days"],
    ],
    audience: "people who work for themselves",
    interest: "still writes invoices by hand",
    question: "Can I get my data out again?",
  },
  {
    ...blank,
    id: "orchard-hush",
    kind: "evening tea",
    format: "hero",
    tone: "premium",
    name: "Orchard Hush",
    brand: "Thornwick",
    category: "herbal tea",
    features: ["caffeine-free", "dried apple and lemon balm", "a little lavender", "compostable sachets"],
    facts: [
      ["box", "20 sachets"],
      ["price", "€7.50"],
    ],
    audience: "anyone winding down after dinner",
    interest: "has given up coffee in the evening",
    question: "Is there any caffeine in it?",
  },
  {
    ...blank,
    id: "puddlejack",
    kind: "speaker that floats",
    format: "push",
    tone: "bold",
    name: "Puddlejack",
    category: "portable speaker",
    features: ["floats", "strap for a branch or a hook", "charges by USB-C", "pairs with another one"],
    facts: [
      ["battery", "14 hours"],
      ["colours", "moss, brick or chalk"],
    ],
    audience: "people who take music to the lake",
    interest: "swims outdoors with friends",
    question: "What happens if it falls in the water?",
  },
];
