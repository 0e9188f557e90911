/** What is kept of models on the visitor's device, as a page can see it. The worker puts it there: `store.ts`. */

import { find, get, names, remove, resumes, type Kind, type Place } from "./places";
import type { Storage } from "./protocol";
import type { Entry } from "./source";
import type { StoredModel } from "./types";

/** What a folder says of itself. Files are named by their number in the manifest. */
export interface Index {
  readonly model: string;
  readonly manifest: string;
  /** Numbers of the files that are whole. */
  readonly whole: readonly number[];
}

export const INDEX = "index.json";

/** The lock that a tab holds while it fetches a model. */
export const lockName = (model: string): string => `copywright ${model}`;

/** One model's files. */
export class Shelf {
  /** Where to look, in this order. */
  readonly kinds: readonly Kind[];
  readonly model: string;
  name = "";
  place: Place | undefined;
  index: Index | undefined;
  files: readonly Entry[] = [];
  readonly whole = new Set<number>();
  /** Bytes here of all files, also unfinished ones. */
  bytes = 0;

  constructor(storage: Storage, model: string) {
    this.kinds = storage === "auto" ? ["opfs", "cache"] : storage === "none" ? [] : [storage];
    this.model = model;
  }

  /** Looks at what is there, without making anything. */
  async open(): Promise<this> {
    this.name ||= await digest(this.model);
    for (const kind of this.kinds) {
      this.place = await find(kind, this.name).catch(() => undefined);
      if (await this.#look()) break;
    }
    return this;
  }

  /** Whether all of a model is here; of the one with this manifest, if one is given. */
  complete(manifest = this.index?.manifest): boolean {
    return (
      this.index !== undefined && this.index.manifest === manifest && this.files.every((_, i) => this.whole.has(i))
    );
  }

  /** Forgets the model. */
  async remove(): Promise<void> {
    for (const kind of this.kinds) await remove(kind, this.name).catch(() => undefined);
    this.index = this.place = undefined;
    this.whole.clear();
    this.bytes = 0;
  }

  async #look(): Promise<boolean> {
    const { place } = this;
    this.index = undefined;
    this.whole.clear();
    this.bytes = 0;
    try {
      if (!place) return false;
      const index = JSON.parse(await new Response((await get(place, INDEX))?.stream()).text()) as Index;
      this.files = (JSON.parse(index.manifest) as { files: Entry[] }).files;
      for (const [i, { size }] of this.files.entries()) {
        const { size: here = 0 } = (await get(place, String(i))) ?? {};
        if (here === size && index.whole.includes(i)) this.whole.add(i);
        if (resumes(place) || this.whole.has(i)) this.bytes += here;
      }
      this.index = index;
    } catch {
      // Damaged, or a model that was never begun.
    }
    return this.index !== undefined;
  }
}

/** All models that are kept. */
export async function stored(): Promise<StoredModel[]> {
  const found: StoredModel[] = [];
  for (const kind of ["opfs", "cache"] as const) {
    for (const name of await names(kind).catch(() => [])) {
      const shelf = new Shelf(kind, "");
      shelf.name = name;
      const { index, bytes } = await shelf.open();
      if (index) found.push({ model: index.model, bytes, complete: shelf.complete() });
    }
  }
  return found;
}

async function digest(words: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(words)));
  return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
