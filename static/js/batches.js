// The items of a batch on a run's page: a tile each, their details below, how many are where.
// Without this, tiles are links into a fold that holds all details.

const COUNTED = {
  failed: "failed",
  running: "running",
  waiting_for_user: "waiting",
  skipped: "skipped",
  cancelled: "stopped",
};
const OVER = new Set(["completed", "failed", "skipped", "cancelled"]);
const one = (name, within) => within.querySelector(`[data-${name}]`);
const by = (name, value, within = document) =>
  within.querySelector(`[data-${name}="${CSS.escape(value)}"]`);
const patternOf = (state) => document.querySelector(`template[data-step-pill="${state}"]`).content;
const rowsOf = (batch) => [...batch.querySelectorAll("[data-item-of]")];
const tilesOf = (batch) => [...batch.querySelectorAll("[data-tile]")];

// A film's first frame is fetched once its tile is in view: there may be hundreds.
const watcher = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) {
    if (!isIntersecting) continue;
    target.preload = "metadata";
    watcher.unobserve(target);
  }
});
export const lazily = (film) => watcher.observe(film);

/** A batch knows its elements: a tile, details and a line of the timeline for each. */
export function expand(root, event) {
  const batch = by("batch", event.stepId, root);
  const times = by("tracks-of", event.stepId, root);
  if (!batch || !times) return;
  const made = (name) => document.getElementById(name).content.firstElementChild.cloneNode(true);
  const [tiles, items, tracks] = [[], [], []];
  for (const { id, index, label } of event.data.items) {
    const [tile, item, track] = [made("new-tile"), made("new-item"), made("new-track")];
    const link = one("tile", tile);
    item.id = `item-${batch.dataset.sequence}-${index}`;
    link.href = `#${item.id}`;
    link.dataset.tile = item.dataset.step = track.dataset.track = id;
    item.dataset.itemOf = event.stepId;
    item.dataset.title = label;
    one("item-title", item).textContent = one("track-name", track).textContent = label;
    tiles.push(tile);
    items.push(item);
    tracks.push(track);
  }
  one("tiles", batch).replaceChildren(...tiles);
  one("item-list", batch).replaceChildren(...items);
  one("tracks", times).replaceChildren(...tracks);
  batch.hidden = times.hidden = !items.length;
  for (const item of items) drawTile(item);
  prepare(batch);
}

/** What an item has made, or how it is, on its tile. */
export function drawTile(item) {
  const tile = by("tile", item.dataset.step);
  if (!tile) return;
  const state = item.dataset.state;
  const media = one("artifact", one("media", item));
  const percent = state === "running" ? Math.round(100 * Number(item.dataset.progress || 0)) : 0;
  tile.dataset.state = state;
  tile.querySelector("progress").value = Number(item.dataset.progress || 0);
  const face = one("face", tile);
  const shows = media ? media.dataset.artifact : `${state} ${percent}`;
  if (face.dataset.face !== shows) {
    face.dataset.face = shows;
    face.replaceChildren(...faceOf(state, percent, media));
  }
  const reason = ["failed", "skipped"].includes(state) ? one("note", item).textContent : "";
  const word = one("word", patternOf(state)).textContent.toLowerCase();
  const name = `${item.dataset.title}, ${word}${reason && `: ${reason}`}`;
  tile.setAttribute("aria-label", name);
  const batch = tile.closest("[data-batch]");
  if (batch.pointed === tile) one("tip", batch).textContent = name;
}

function faceOf(state, percent, media) {
  const icon = (name) => document.getElementById(name).content.cloneNode(true);
  if (media?.tagName === "AUDIO") return [icon("thumb-audio")];
  if (media) {
    const small = document.createElement(media.tagName);
    if (media.tagName === "IMG") {
      small.alt = "";
      small.loading = "lazy";
    } else {
      small.muted = small.playsInline = true;
      small.preload = "none";
      small.tabIndex = -1;
      small.ariaHidden = "true";
      lazily(small);
    }
    small.src = media.src;
    return media.tagName === "IMG" ? [small] : [icon("thumb-video"), small];
  }
  if (percent) return [`${percent}%`];
  return [patternOf(state).querySelector(".i, .dot").cloneNode(true)];
}

/** How many items are where, in words beside the batch; how far all of it is, 0 to 1. */
export function countItems(root, key) {
  const batch = by("batch", key, root);
  const items = batch ? rowsOf(batch) : [];
  if (!items.length) return null;
  const counts = {};
  let far = 0;
  for (const { dataset } of items) {
    counts[dataset.state] = (counts[dataset.state] ?? 0) + 1;
    if (OVER.has(dataset.state)) far += 1;
    else if (dataset.state === "running") far += Number(dataset.progress || 0);
  }
  const rest = Object.entries(COUNTED).filter(([state]) => counts[state]);
  const words = [
    `${counts.completed ?? 0} of ${items.length}`,
    ...rest.map(([state, word]) => `${counts[state]} ${word}`),
  ];
  one("count-words", by("step", key, root)).textContent = words.join(", ");
  return far / items.length;
}

/** Show one item's details below the tiles; without one, none. */
function show(batch, item) {
  batch.dataset.chosen = item?.dataset.step ?? "";
  one("items", batch).open = Boolean(item);
  for (const row of rowsOf(batch)) row.hidden = Boolean(item) && row !== item;
  for (const film of item?.querySelectorAll("video") ?? []) film.preload = "metadata";
  for (const tile of tilesOf(batch)) {
    tile.setAttribute("aria-expanded", String(tile.dataset.tile === batch.dataset.chosen));
  }
}

function onClick(event) {
  const tile = event.target.closest?.("[data-tile]");
  const summary = event.target.closest?.("[data-items] > summary");
  const batch = (tile ?? summary)?.closest("[data-batch]");
  if (!batch || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (summary) {
    // With one item below, this shows the others too.
    if (!batch.dataset.chosen) return;
    event.preventDefault();
    show(batch, null);
    one("items", batch).open = true;
    return;
  }
  event.preventDefault();
  stand(batch, tile);
  const item = by("step", tile.dataset.tile, batch);
  show(batch, batch.dataset.chosen === item.dataset.step ? null : item);
  if (batch.dataset.chosen) item.scrollIntoView({ block: "nearest" });
}

/** Tiles are one stop for Tab; arrows go from one to the next. */
function onKey(event) {
  const tile = event.target.closest?.("[data-tile]");
  if (!tile || event.ctrlKey || event.altKey || event.metaKey) return;
  const batch = tile.closest("[data-batch]");
  const tiles = tilesOf(batch);
  const here = tiles.indexOf(tile);
  const across = tiles.filter((other) => other.offsetTop === tiles[0].offsetTop).length;
  const to = {
    ArrowRight: here + 1,
    ArrowLeft: here - 1,
    ArrowDown: here + across,
    ArrowUp: here - across,
    Home: 0,
    End: tiles.length - 1,
  }[event.key];
  if (event.key === "Escape" && batch.dataset.chosen) show(batch, null);
  if (event.key === " ") tile.click();
  if (to === undefined && event.key !== " ") return;
  event.preventDefault();
  if (!tiles[to]) return;
  stand(batch, tiles[to]);
  tiles[to].focus();
}

function stand(batch, tile) {
  for (const other of tilesOf(batch)) other.tabIndex = other === tile ? 0 : -1;
}

/** The name of the tile that is pointed at, or has the focus, below all of them. */
function point(event) {
  const batch = event.target.closest?.("[data-batch]");
  if (!batch) return;
  const left = event.type === "mouseout" || event.type === "focusout";
  const tile = left ? document.activeElement : event.target.closest("[data-tile]");
  batch.pointed = tile?.matches("[data-tile]") && batch.contains(tile) && tile;
  one("tip", batch).textContent = batch.pointed ? batch.pointed.getAttribute("aria-label") : "";
}

function prepare(batch) {
  const tiles = tilesOf(batch);
  for (const tile of tiles) {
    // Its words are below the tiles.
    tile.removeAttribute("title");
    tile.setAttribute("aria-expanded", String(tile.dataset.tile === batch.dataset.chosen));
    tile.querySelectorAll("video").forEach(lazily);
  }
  if (tiles.length) stand(batch, tiles[0]);
}

export function prepareBatches(root) {
  for (const batch of root.querySelectorAll("[data-batch]")) prepare(batch);
}

/** What is unfolded and how far it is scrolled; the answer does the same to what is there now. */
export function holdBatches(root) {
  const held = [...root.querySelectorAll("[data-batch]")].map((batch) => ({
    key: batch.dataset.batch,
    chosen: batch.dataset.chosen,
    isOpen: one("items", batch).open,
    isTimed: by("tracks-of", batch.dataset.batch, root).querySelector("details").open,
    top: one("tiles", batch).scrollTop,
    focus: document.activeElement?.closest("[data-tile]")?.dataset.tile,
  }));
  return () => {
    for (const { key, chosen, isOpen, isTimed, top, focus } of held) {
      const batch = by("batch", key, root);
      if (!batch) continue;
      const item = chosen && by("step", chosen, batch);
      if (item) show(batch, item);
      one("items", batch).open = isOpen;
      by("tracks-of", key, root).querySelector("details").open = isTimed;
      one("tiles", batch).scrollTop = top;
      const tile = focus && by("tile", focus, batch);
      if (!tile) continue;
      stand(batch, tile);
      tile.focus({ preventScroll: true });
    }
  };
}

/** A link into the details that a person followed, or came with, opens them. */
function follow() {
  const item = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (item?.matches("[data-item-of]")) show(item.closest("[data-batch]"), item);
}

document.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
for (const type of ["mouseover", "mouseout", "focusin", "focusout"]) {
  document.addEventListener(type, point);
}
addEventListener("hashchange", follow);
follow();
