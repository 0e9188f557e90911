/** `<copy-wright>` in the JSX of React 19. Import it once: `import "copywright/react"`. */
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { CopyWright, CopyWrightAttributes } from "./element";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "copy-wright": DetailedHTMLProps<HTMLAttributes<CopyWright>, CopyWright> &
        CopyWrightAttributes &
        Partial<Pick<CopyWright, "brief" | "context">>;
    }
  }
}
