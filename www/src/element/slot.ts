/** Where the copy stands in the page: found, measured, filled, emptied again. Text goes in as text, never as markup. */

/** What a new text must not throw away. */
const VALUABLE =
  "a,button,input,select,textarea,label,summary,img,picture,svg,video,audio,canvas,iframe,object,[tabindex]";

/** Texts beside a slot that are looked at, at most. */
const MOST_TEXTS = 200;

/** How an element was before. */
interface Saved {
  readonly element: HTMLElement;
  readonly nodes: readonly Node[];
  readonly lang: string | null;
  readonly dir: string | null;
  readonly height: string;
}

/** Boxes of the slot and of what stands around it, and how much of them overflows, in CSS pixels. */
interface Measures {
  readonly boxes: readonly number[];
  readonly overflow: readonly number[];
}

const ownText = (element: Element): boolean =>
  [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());

/**
 * The elements that hold the copy, one for each line of it: those marked `data-copy`; else the only child, and its only
 * child, and so on; else all children, where there is nothing but children.
 */
function holders(host: HTMLElement): HTMLElement[] {
  const marked = [...host.querySelectorAll<HTMLElement>("[data-copy]")];
  if (marked.length > 0) return marked;
  let at = host;
  while (!ownText(at)) {
    const children = [...at.children].filter((child) => child instanceof HTMLElement);
    const [only] = children;
    if (!only) break;
    if (children.length > 1) return children;
    at = only;
  }
  return [at];
}

/** The slot of an element, as it is when this is made. */
export class Slot {
  readonly #host: HTMLElement;
  readonly #saved: readonly Saved[];
  #observer: ResizeObserver | undefined;

  constructor(host: HTMLElement) {
    this.#host = host;
    this.#saved = holders(host).map((element) => ({
      element,
      nodes: [...element.childNodes],
      lang: element.getAttribute("lang"),
      dir: element.getAttribute("dir"),
      height: element.style.minBlockSize,
    }));
  }

  /** The first element that is seen, for observers: a host without a box of its own is never near. */
  get shown(): HTMLElement {
    return this.#host.getClientRects().length > 0 ? this.#host : (this.#saved[0]?.element ?? this.#host);
  }

  /** Whether a person is at it: the focus is on it or in it, or some of it is selected. */
  get inUse(): boolean {
    const root = this.#host.getRootNode() as Document | ShadowRoot;
    const active = root.activeElement;
    const selection = document.getSelection();
    return this.#saved.some(({ element }) => {
      if (active && (element.contains(active) || (this.#host.contains(active) && active.contains(element))))
        return true;
      if (!selection || selection.isCollapsed) return false;
      for (let i = 0; i < selection.rangeCount; i++) if (selection.getRangeAt(i).intersectsNode(element)) return true;
      return false;
    });
  }

  /** Resolves once nobody is at it. */
  async free(signal: AbortSignal): Promise<void> {
    while (this.inUse) {
      await new Promise<void>((resolve, reject) => {
        const stop = new AbortController();
        const listen = { signal: stop.signal };
        const look = (): void => {
          stop.abort();
          // The focus has not arrived anywhere else yet.
          setTimeout(resolve);
        };
        document.addEventListener("selectionchange", look, listen);
        document.addEventListener("focusout", look, listen);
        const end = (): void => {
          stop.abort();
          reject(signal.reason);
        };
        if (signal.aborted) end();
        else signal.addEventListener("abort", end, listen);
      });
    }
  }

  /**
   * Puts a text in its place and keeps it there if nothing around it moves (`strict`), nothing is cut off and nothing of
   * worth is lost. All of it happens between two frames: what does not fit is never seen.
   */
  put(text: string, language: string, strict: boolean): boolean {
    const lines = text.split("\n").filter((line) => line.trim());
    const [only] = this.#saved;
    const pieces = this.#saved.length === 1 ? [text] : lines;
    if (!only || pieces.length !== this.#saved.length) return false;
    if (this.#saved.some(({ element }) => element.querySelector(VALUABLE))) return false;
    const before = this.#measure();
    this.#saved.forEach(({ element }, i) => {
      if (strict) lock(element);
      element.textContent = pieces[i] ?? "";
      speak(element, language);
    });
    if (strict && !same(before, this.#measure())) {
      this.restore();
      return false;
    }
    if (strict) this.#unlockOnResize();
    return true;
  }

  /** The page's own copy again: the very nodes. */
  restore(): void {
    this.#observer?.disconnect();
    for (const { element, nodes, lang, dir, height } of this.#saved) {
      element.replaceChildren(...nodes);
      set(element, "lang", lang);
      set(element, "dir", dir);
      element.style.minBlockSize = height;
      if (element.getAttribute("style") === "") element.removeAttribute("style");
    }
  }

  /** A text that comes into view softly, for those who do not mind. Nothing moves. */
  fade(): void {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const { element } of this.#saved)
      element.animate?.({ opacity: [0.3, 1] }, { duration: 250, easing: "ease-out" });
  }

  #measure(): Measures {
    const host = this.#host;
    const own = this.#saved.map(({ element }) => element);
    const around = [host, host.parentElement, host.nextElementSibling, host.parentElement?.nextElementSibling];
    const inside = [...host.querySelectorAll("*")].filter((each) => !own.some((o) => o !== each && o.contains(each)));
    const root = document.documentElement;
    const boxes = [root.scrollWidth, root.scrollHeight];
    const add = ({ x, y, width, height }: DOMRect, sized = true): void => {
      boxes.push(x, y, sized ? width : 0, sized ? height : 0);
    };
    // How long a line is moves nothing by itself; what comes after it on the line is looked at below.
    for (const each of [...around, ...inside]) if (each) add(each.getBoundingClientRect(), !inline(each));
    let block: Element | null = host;
    while (block?.parentElement && inline(block)) block = block.parentElement;
    const texts = document.createTreeWalker(block ?? host, NodeFilter.SHOW_TEXT);
    for (let seen = 0; seen < MOST_TEXTS && texts.nextNode();) {
      const text = texts.currentNode;
      if (!text.nodeValue?.trim() || own.some((element) => element.contains(text))) continue;
      const range = document.createRange();
      range.selectNode(text);
      add(range.getBoundingClientRect());
      seen += 1;
    }
    const overflow: number[] = [];
    for (const each of [...own, host, host.parentElement]) {
      if (each) overflow.push(each.scrollHeight - each.clientHeight, each.scrollWidth - each.clientWidth);
    }
    return { boxes, overflow };
  }

  /** In a window of another width the place may be as high as its text wants. */
  #unlockOnResize(): void {
    this.#observer?.disconnect();
    const widths = this.#saved.map(({ element }) => element.offsetWidth);
    this.#observer = new ResizeObserver(() => {
      if (this.#saved.every(({ element }, i) => element.offsetWidth === widths[i])) return;
      this.#observer?.disconnect();
      for (const { element, height } of this.#saved) element.style.minBlockSize = height;
    });
    for (const { element } of this.#saved) this.#observer.observe(element);
  }
}

const inline = (element: Element): boolean => getComputedStyle(element).display === "inline";

/** As high as it is, whatever is in it. A style set by script is none that a policy forbids. */
function lock(element: HTMLElement): void {
  const { blockSize } = getComputedStyle(element);
  if (blockSize.endsWith("px")) element.style.minBlockSize = blockSize;
}

/** Says which language the text is in where the page around it is in another, and which way it runs. */
function speak(element: HTMLElement, language: string): void {
  if (!language) return;
  element.removeAttribute("lang");
  const around = languageOf(element);
  if (around?.toLowerCase() !== language.toLowerCase()) element.lang = language;
  const direction = directionOf(language);
  if (getComputedStyle(element).direction !== direction) element.dir = direction;
}

/** The language that an element is in, as the page says. */
export function languageOf(element: Element): string | undefined {
  const said = element.closest<HTMLElement>("[lang]")?.lang;
  try {
    return Intl.getCanonicalLocales(said || undefined)[0];
  } catch {
    // No tag that anybody knows says nothing.
    return undefined;
  }
}

function directionOf(language: string): "ltr" | "rtl" {
  type WithInfo = Intl.Locale & {
    getTextInfo?(): { direction: "ltr" | "rtl" };
    textInfo?: { direction: "ltr" | "rtl" };
  };
  const locale = new Intl.Locale(language) as WithInfo;
  const known = locale.getTextInfo?.() ?? locale.textInfo;
  if (known?.direction) return known.direction;
  return ["ar", "dv", "fa", "he", "ks", "ku", "ps", "sd", "ug", "ur", "yi"].includes(locale.language) ? "rtl" : "ltr";
}

function set(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** Equal but for what rounding makes of fractions of a pixel; less may overflow, and nothing more. */
function same(before: Measures, after: Measures): boolean {
  const near = (value: number, i: number): boolean => Math.abs(value - (after.boxes[i] ?? NaN)) < 0.05;
  const within = (value: number, i: number): boolean => Math.max(0, after.overflow[i] ?? NaN) <= Math.max(0, value);
  return before.boxes.length === after.boxes.length && before.boxes.every(near) && before.overflow.every(within);
}
