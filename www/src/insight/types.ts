/** What goes in and comes out; the Rust structs of `src/insight/` in JavaScript's spelling. */

/** What a span of text is. */
export type SpanKind = "email" | "phone" | "card" | "iban" | "ip" | "address" | "order" | "customer" | "name";

/** What was taken out of a text. */
export interface Span {
  readonly kind: SpanKind;
  /** Where it was in the original text: `text.slice(start, end)` is `value`. */
  readonly start: number;
  readonly end: number;
  readonly value: string;
  /** What stands there now, such as `[EMAIL_1]`. */
  readonly placeholder: string;
}

/** A text without persons, and what it takes to undo that. */
export interface Anonymised {
  readonly text: string;
  readonly spans: readonly Span[];
}

/** A time: a date, its ISO 8601 form, or milliseconds since 1970. */
export type Time = Date | string | number;

/** One of a shop's goods. Only `id` must be there; other fields than these are passed over. */
export interface Item {
  readonly id: string;
  /** Its name in copy; items without one get no brief. */
  readonly name?: string;
  readonly category?: string;
  readonly brand?: string;
  /** What it has in common with others. */
  readonly tags?: readonly string[];
  readonly price?: number;
  /** How many there are, or whether there are any; there are when absent. */
  readonly stock?: number | boolean;
  /** Whether it is used up, so that who has one may want the next. */
  readonly consumable?: boolean;
  /** Days after which a consumable is used up; 30 when absent. */
  readonly refillDays?: number;
  /** How often it is bought, in any unit. */
  readonly popularity?: number;
  /** From an encoder (`Embedder` of `copywright`); all of the same length. */
  readonly embedding?: readonly number[];
}

/** Something that somebody did with an item. What the catalogue does not have is passed over, and the order is no matter. */
export interface Event {
  /** The item's `id`. */
  readonly item: string;
  readonly event: "viewed" | "basket" | "bought" | "returned" | "rated";
  readonly at: Time;
  /** Stars, 1 to 5, where it is rated. */
  readonly rating?: number;
}

/** How to rank. */
export interface RecommendOptions {
  /** Most items of the result; 5 when absent. */
  readonly k?: number;
  /** Now, when absent. */
  readonly now?: Time;
  /** Whether the visitor agreed that the history is used; not when absent. */
  readonly consent?: boolean;
  /** The shop's own rules, beside those that always hold. */
  readonly rules?: {
    /** Items that are never shown. */
    readonly exclude?: readonly string[];
    readonly maxPrice?: number;
    /** Most items of one category. */
    readonly perCategory?: number;
  };
  /** Days after which an event says half as much; 30 when absent. */
  readonly halfLifeDays?: number;
  /** How much each kind of event says; `rated` for each star above three, and against an item below. */
  readonly weights?: {
    readonly viewed?: number;
    readonly basket?: number;
    readonly bought?: number;
    readonly returned?: number;
    readonly rated?: number;
  };
  readonly signal?: AbortSignal;
}

/** One item of a result. */
export interface Recommendation {
  readonly id: string;
  /** Higher is better; only to be compared within one result. */
  readonly score: number;
  readonly reason: Reason;
  /** What the writer needs for a line about it: `writer.write(brief)`. */
  readonly brief?: {
    readonly format: "recommendation";
    readonly name: string;
    readonly category?: string;
    readonly brand?: string;
    readonly features?: readonly string[];
    readonly context: { readonly interest?: string };
  };
}

/** Why an item is there. */
export interface Reason {
  /** It is used up by now; it has what was liked; many buy it. */
  readonly kind: "refill" | "match" | "popular";
  /** In English, about the goods and never about the visitor: it may be shown. */
  readonly text: string;
  /** What of the item speaks for it, in its own words. */
  readonly attributes: readonly string[];
  /** The events behind it, for an account of what was used. Empty without consent. */
  readonly signals: readonly Signal[];
}

/** An event that speaks for an item. */
export interface Signal {
  readonly item: string;
  readonly event: Event["event"];
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly weight: number;
}
