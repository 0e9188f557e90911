/**
 * `<copy-wright>` in JSX that takes its elements from the global namespace: Preact, Solid, React before 19. Import it once:
 * `import "copywright/jsx"`.
 */
import type { CopyWright, CopyWrightAttributes } from "./element";

declare global {
  namespace JSX {
    interface IntrinsicElements {
      "copy-wright": CopyWrightAttributes &
        Partial<Pick<CopyWright, "brief" | "context">> & {
          id?: string;
          lang?: string;
          dir?: string;
          class?: string;
          className?: string;
          ref?: unknown;
          key?: string | number | null;
          children?: unknown;
        };
    }
  }
}
