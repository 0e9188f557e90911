/** The pages under /examples/, but for their list. */
export const EXAMPLES = [
  "product",
  "landing",
  "catalogue",
  "completions",
  "insight-privacy",
  "insight-recommend",
  "insight-research",
  "insight-support",
];
