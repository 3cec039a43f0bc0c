// Comments below a player: writing at a moment and a point, going there, and others' as they come.

import { clockOf, isSeen, keyOf, lasts, mediumOf, Pins, players, seek } from "./comment_pins.js";
import { say, toast } from "./page.js";

const EVERY_MS = 10_000;
const GONE = new Set([401, 403, 404, 410]);

const section = () => document.getElementById("comments");
const form = () => section()?.querySelector("[data-comment-form]");
const part = (name) => form()?.querySelector(`[data-pin-${name}]`);

const pins = new Map();
// The player that was used last, and what the next comment is pinned to.
let current = null;
let draft = null;
let isLive = true;

// -- places ---------------------------------------------------------------------------------------

function remarks() {
  return [...document.querySelectorAll("#comments .comment")].map((element) => {
    const { number, author, atMs, x, y, position, artifact } = element.dataset;
    return {
      id: element.id.slice("comment-".length),
      key: position ?? artifact ?? "",
      number,
      author,
      text: element.querySelector(".comment-text").textContent,
      isResolved: element.classList.contains("is-resolved"),
      atMs: atMs === undefined ? null : Number(atMs),
      x: x === undefined ? null : Number(x),
      y: y === undefined ? null : Number(y),
    };
  });
}

function draw() {
  const listed = remarks();
  for (const player of players()) {
    if (!pins.has(player)) {
      const made = new Pins(player, {
        placed: (x, y) => place(player, x, y),
        cancelled: () => {
          unpin();
          part("point")?.focus();
        },
        chosen: (id) => show(id, { from: "player" }),
      });
      pins.set(player, made);
    }
  }
  for (const [player, one] of pins) {
    if (!player.isConnected) {
      one.strip.remove();
      pins.delete(player);
      continue;
    }
    const key = keyOf(player);
    one.remarks = listed.filter((remark) => remark.key === key);
    one.draft = draft?.player === player && draft.x !== null ? draft : null;
    one.draw();
  }
  if (!current?.isConnected) current = players()[0] ?? null;
  drawForm();
}

/** Go to a comment: its player shows its moment, with its pin. */
function show(id, { from = "list" } = {}) {
  const element = document.getElementById(`comment-${id}`);
  const remark = element?.closest(".comment");
  if (!remark) return false;
  for (const other of document.querySelectorAll("#comments .is-shown")) other.classList.remove("is-shown");
  element.classList.add("is-shown");
  const { artifact, atMs } = remark.dataset;
  const key = remark.dataset.position ?? artifact;
  if (artifact && !players().some((player) => keyOf(player) === artifact)) {
    document.querySelector(`[data-shows="${CSS.escape(artifact)}"]`)?.click();
  }
  const player = players().find((one) => keyOf(one) === key);
  draw();
  for (const [owner, one] of pins) {
    one.selected = owner === player ? remark.id.slice("comment-".length) : "";
    one.draw();
  }
  const film = player && mediumOf(player);
  if (lasts(film) && atMs !== undefined) seek(film, Number(atMs));
  if (player && (atMs !== undefined || remark.dataset.x !== undefined)) {
    current = player;
    if (from === "list") player.scrollIntoView({ block: "center" });
  } else if (from === "list") element.scrollIntoView({ block: "center" });
  return true;
}

// -- what the next comment is pinned to -------------------------------------------------------------

const nowMs = () => {
  const film = current && mediumOf(current);
  return lasts(film) ? Math.round(1000 * film.currentTime) : null;
};

function pinMoment() {
  const film = current && mediumOf(current);
  film?.pause?.();
  draft = { player: current, key: keyOf(current), atMs: nowMs(), x: null, y: null };
}

function place(player, x, y) {
  current = player;
  if (draft?.player !== player) pinMoment();
  draft = { ...draft, x, y };
  draw();
  form()?.elements.text.focus();
  say("Point pinned");
}

function unpin() {
  draft = null;
  for (const one of pins.values()) one.rest();
  draw();
}

/** The form says what is pinned, and sends it. */
function drawForm() {
  if (!form()) return;
  const { elements } = form();
  const medium = current && mediumOf(current);
  const isFilm = lasts(medium);
  const [moment, point] = [part("moment"), part("point")];
  moment.hidden = !isFilm;
  point.hidden = !isSeen(medium);
  const at = draft?.atMs ?? null;
  moment.setAttribute("aria-pressed", String(at !== null));
  moment.querySelector("[data-words]").textContent = `At ${clockOf(at ?? nowMs() ?? 0)}`;
  const hasPoint = draft !== null && draft.x !== null;
  point.setAttribute("aria-pressed", String(hasPoint));
  point.querySelector("[data-words]").textContent = hasPoint ? "Point pinned" : "Pin a point";
  elements.atMs.value = at ?? "";
  elements.x.value = hasPoint ? draft.x.toFixed(5) : "";
  elements.y.value = hasPoint ? draft.y.toFixed(5) : "";
  const key = draft?.key ?? (current ? keyOf(current) : "");
  const isOnCreation = current?.dataset.position !== undefined;
  elements.position.value = isOnCreation && draft ? key : "";
  if (!isOnCreation && key) elements.artifact.value = key;
}

document.addEventListener("click", (event) => {
  const go = event.target.closest?.("[data-go]");
  if (go) {
    event.preventDefault();
    history.replaceState(null, "", go.href);
    show(go.closest(".comment").id.slice("comment-".length));
    return;
  }
  const moment = event.target.closest?.("[data-pin-moment]");
  const point = event.target.closest?.("[data-pin-point]");
  const isPressed = (moment ?? point)?.getAttribute("aria-pressed") === "true";
  if (!current || !(moment ?? point)) return;
  if (isPressed && moment) return unpin();
  if (isPressed) {
    draft = { ...draft, x: null, y: null };
    if (draft.atMs === null) return unpin();
    return draw();
  }
  if (draft?.player !== current || moment) pinMoment();
  draw();
  if (isSeen(mediumOf(current))) pins.get(current)?.ask({ byKeys: Boolean(point) });
  if (point) current.scrollIntoView({ block: "center" });
  return undefined;
});

// A picture has no controls of its own: a click into it is a point.
document.addEventListener("click", (event) => {
  const player = event.target.closest?.(".has-pins");
  if (!form() || !player || event.target !== mediumOf(player) || event.target.tagName !== "IMG") return;
  const box = player.querySelector(".pins")?.getBoundingClientRect();
  const x = (event.clientX - box.left) / box.width;
  const y = (event.clientY - box.top) / box.height;
  if (x < 0 || x > 1 || y < 0 || y > 1) return;
  pins.get(player).ask();
  place(player, x, y);
});

for (const name of ["timeupdate", "seeking", "play", "loadedmetadata"]) {
  document.addEventListener(
    name,
    (event) => {
      const player = event.target.closest?.(".has-pins");
      if (!player) return;
      if (name !== "loadedmetadata") current = player;
      if (name === "play" && pins.get(player).selected) pins.get(player).selected = "";
      drawForm();
    },
    true,
  );
}

// -- the list, as it changes ------------------------------------------------------------------------

let known = null;
const idsOf = (within) => [...within.querySelectorAll("[id^=comment-]:is(li)")].map((one) => one.id);

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "comments") known = new Set(idsOf(document));
});
document.addEventListener("htmx:afterSwap", () => {
  const list = section();
  if (!list || known === null) return;
  const wasRefused = Boolean(list.querySelector("#comment-problem"));
  if (wasRefused) form()?.elements.text.focus();
  else {
    const made = idsOf(list).find((id) => !known.has(id));
    unpin();
    if (made) {
      document.getElementById(made).scrollIntoView({ block: "nearest" });
      say("Comment added");
    } else say("Comments updated");
  }
  known = null;
  draw();
});

/** Whether someone writes there or is about to. */
const isBusy = (thread) =>
  thread.querySelector("details[open], :popover-open") !== null || thread.contains(document.activeElement);

function swap(old, fresh) {
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
}

function merge(fresh) {
  const [list, then] = [section(), fresh.querySelector("[data-threads]")];
  const before = new Set(idsOf(list));
  const threads = list.querySelector("[data-threads]");
  const wanted = [...then.children];
  const ids = new Set(wanted.map((one) => one.id));
  for (const old of [...threads.children]) if (!ids.has(old.id)) old.remove();
  for (const [place, thread] of wanted.entries()) {
    const old = threads.children[place];
    if (old?.id !== thread.id) {
      threads.insertBefore(thread, old ?? null);
      window.htmx?.process(thread);
    } else if (!isBusy(old)) {
      if (thread.classList.contains("is-shown") !== old.classList.contains("is-shown")) {
        thread.classList.add("is-shown");
      }
      swap(old, thread);
    } else {
      // Half-written words stay; what others said is renewed around them.
      old.querySelector(":scope > .comment-body").replaceWith(thread.querySelector(":scope > .comment-body"));
      const [there, came] = [old, thread].map((one) => one.querySelector(":scope > .answers"));
      if (came && there && !isBusy(there)) swap(there, came);
      else if (came && !there) {
        old.insertBefore(came, old.lastElementChild);
        window.htmx?.process(came);
      } else if (there && !came) there.remove();
      old.classList.toggle("is-resolved", thread.classList.contains("is-resolved"));
    }
  }
  list.querySelector("h2").replaceWith(fresh.querySelector("h2"));
  list.dataset.etag = fresh.dataset.etag ?? "";
  const added = [...document.querySelectorAll("#comments li")].filter(
    (one) => one.id.startsWith("comment-") && !before.has(one.id),
  );
  if (added.length) say(added.length === 1 ? "1 new comment" : `${added.length} new comments`);
  draw();
}

async function look() {
  const list = section();
  if (!isLive || !list?.dataset.etag || document.hidden || known !== null) return;
  const { etag } = list.dataset;
  try {
    const answer = await fetch(list.dataset.list, { headers: { "If-None-Match": etag } });
    if (GONE.has(answer.status) || answer.redirected) {
      isLive = false;
      list.querySelector("[data-threads]").replaceChildren();
      draw();
      toast("You can't see these comments any more. Reload the page.", "error");
    } else if (answer.status === 200) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("comments");
      // A comment sent in the meantime has renewed the list.
      if (fresh && section()?.dataset.etag === etag) merge(fresh);
    }
  } catch {
    // Asked again at the next turn.
  }
}

setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", look);

draw();
// A result that comes while the run goes on has its own comments.
const thumbs = document.querySelector("#run [data-thumbs]");
if (thumbs) new MutationObserver(draw).observe(thumbs, { attributeFilter: ["data-shown"] });

const wanted = new URLSearchParams(location.search).get("comment");
if (wanted && section()) {
  if (!show(wanted)) toast("This comment was deleted, or you can't see it.", "error");
  // Once the page is there the browser goes to the comment in the list: back to its player.
  else if (document.readyState !== "complete") {
    addEventListener("load", () => setTimeout(() => show(wanted)), { once: true });
  }
}
