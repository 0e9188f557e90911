/** The names of the GPU, as far as the browser tells them. */

import type { EngineOptions } from "./protocol";
import type { AdapterInfo } from "./types";

/** Renderers without a GPU behind them. Browsers do not always mark them; their names do. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

/** What the engine knows of its adapter, with the names that its own layer leaves out. */
export async function adapterInfo(known: AdapterInfo, options: EngineOptions): Promise<AdapterInfo> {
  const { powerPreference } = options;
  const adapter = await navigator.gpu.requestAdapter(powerPreference ? { powerPreference } : {}).catch(() => null);
  if (!adapter) return known;
  const { vendor, architecture, device, description } = adapter.info;
  const name = description || [vendor, device || architecture].filter(Boolean).join(" ") || known.name;
  const software = known.software || SOFTWARE.test([vendor, architecture, device, description].join(" "));
  return { ...known, name, vendor, architecture, software };
}
