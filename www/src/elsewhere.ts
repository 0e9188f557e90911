/** Workers of a package that lies on another origin than the page. */

/**
 * A worker comes from the page's own origin alone. Where `here`, the address of a script of this package, is on another one,
 * a line of script that the page makes imports `file` from beside it; the page's policy must allow that (`worker-src blob:`).
 * Undefined on the page's own origin, where `new Worker()` with an address that bundlers understand is all it takes.
 */
export function fromElsewhere(here: string, file: string, name: string): Worker | undefined {
  // webpack puts the address of the source here, which says nothing.
  if (!here.startsWith("http") || new URL(here).origin === location.origin) return undefined;
  const line = `import ${JSON.stringify(new URL(file, here))};`;
  const blob = URL.createObjectURL(new Blob([line], { type: "text/javascript" }));
  return new Worker(blob, { type: "module", name });
}
