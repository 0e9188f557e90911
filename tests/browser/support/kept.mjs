/** Everything that a page could have kept, by every way of keeping. Runs in the page. */
export const kept = async () => {
  const folder = await navigator.storage.getDirectory();
  const files = [];
  for await (const name of folder.keys()) files.push(name);
  return {
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    cookies: document.cookie,
    databases: (await indexedDB.databases()).map((each) => each.name),
    caches: await caches.keys(),
    files,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    persisted: await navigator.storage.persisted(),
  };
};

/** What it finds where nothing was. */
export const NOTHING = {
  local: [],
  session: [],
  cookies: "",
  databases: [],
  caches: [],
  files: [],
  workers: 0,
  persisted: false,
};
