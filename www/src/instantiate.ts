/** Fetches and compiles a module. */

import { reason } from "./source";

/** Makes a module, by its address, with the bindings' own function; says why when it cannot. */
export async function instantiate(
  init: (from: { module_or_path: URL | WebAssembly.Module }) => Promise<unknown>,
  from: URL | WebAssembly.Module,
): Promise<void> {
  try {
    await init({ module_or_path: from });
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) {
      const hint = "the page's Content-Security-Policy may lack script-src 'wasm-unsafe-eval'";
      throw new DOMException(`WebAssembly was refused (${hint}): ${error.message}`, "NotSupportedError");
    }
    throw new DOMException(`${String(from)}: ${reason(error)}`, "NetworkError");
  }
}
