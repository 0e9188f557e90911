/** A model on the visitor's disk: one file, or a folder that the visitor has picked. */

import { damaged, pieces, reason, type Source } from "./source";

/** See the module. */
export class Local implements Source {
  readonly #root: File | FileSystemHandle;

  constructor(root: File | FileSystemHandle) {
    this.#root = root;
  }

  async *chunks(path: string, from = 0): AsyncGenerator<Uint8Array> {
    const file = await this.#file(path);
    try {
      yield* pieces(file.slice(from).stream());
    } catch (error) {
      throw damaged(path, reason(error));
    }
  }

  async size(path: string): Promise<{ readonly size: number }> {
    const { size } = await this.#file(path);
    return { size };
  }

  version(): undefined {
    return undefined;
  }

  /** The disk would only say the same again. */
  blame(): boolean {
    return false;
  }

  async #file(path: string): Promise<File> {
    let at = this.#root;
    try {
      if ("kind" in at && at.kind === "directory") {
        const parts = path.split("/");
        const name = parts.pop() as string;
        for (const part of parts) at = await (at as FileSystemDirectoryHandle).getDirectoryHandle(part);
        at = await (at as FileSystemDirectoryHandle).getFileHandle(name);
      }
      return at instanceof File ? at : await (at as FileSystemFileHandle).getFile();
    } catch (error) {
      const status = error instanceof DOMException && error.name === "NotFoundError" ? 404 : undefined;
      throw Object.assign(damaged(path, reason(error)), { status });
    }
  }
}
