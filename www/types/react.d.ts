/** `<copy-wright>` in the JSX of React 19. Import it once: `import type {} from "copywright/react"`. */
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { CopyWright, CopyWrightProps } from "./element";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "copy-wright": DetailedHTMLProps<HTMLAttributes<CopyWright>, CopyWright> & CopyWrightProps;
    }
  }
}
