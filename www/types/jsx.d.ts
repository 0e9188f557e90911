/**
 * `<copy-wright>` in JSX that takes its elements from the global namespace: Preact, Solid, React before 19. Import it once:
 * `import type {} from "copywright/jsx"`.
 */
import type { CopyWrightProps } from "./element";

declare global {
  namespace JSX {
    interface IntrinsicElements {
      "copy-wright": CopyWrightProps & {
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
