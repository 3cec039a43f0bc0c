// The gallery: previews on hover and focus, and words about what a search found.
// Searching and paging are htmx attributes in the page; without scripts they are plain links.
import { say } from "./page.js";

const HOVER_MS = 200;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const results = document.getElementById("results");
const main = document.getElementById("main");
const stale = document.getElementById("stale");
const playing = new WeakMap();

// The bar's field is hidden here: "/" leads to the one in the page.
if (document.querySelector("main [data-search]")) {
  document.querySelector(".top [data-search]")?.removeAttribute("data-search");
}

function begin(card) {
  if (!card.dataset.preview || playing.has(card) || still.matches) return;
  if (navigator.connection?.saveData) return;
  const state = { film: null, timer: 0 };
  playing.set(card, state);
  state.timer = setTimeout(() => {
    const film = document.createElement("video");
    film.muted = true;
    film.loop = true;
    film.playsInline = true;
    film.setAttribute("aria-hidden", "true");
    film.tabIndex = -1;
    film.src = card.dataset.preview;
    const scrub = card.querySelector(".scrub i");
    film.addEventListener("timeupdate", () => {
      if (scrub && film.duration) scrub.style.transform = `scaleX(${film.currentTime / film.duration})`;
    });
    // The poster stays until there is a picture to show, and when there never is one.
    film.addEventListener("playing", () => film.classList.add("is-on"), { once: true });
    film.addEventListener("error", () => film.remove(), { once: true });
    state.film = film;
    // Above the poster, or the sign of what has none.
    card.querySelector(".media > :first-child").after(film);
    film.play().catch(() => film.remove());
  }, HOVER_MS);
}

function end(card) {
  const state = playing.get(card);
  if (!state) return;
  clearTimeout(state.timer);
  if (state.film) {
    state.film.pause();
    state.film.removeAttribute("src");
    state.film.load();
    state.film.remove();
  }
  playing.delete(card);
}

function watch(started, ended) {
  main.addEventListener(started, (event) => {
    if (event.pointerType === "touch") return;
    const card = event.target.closest?.(".card");
    if (card) begin(card);
  });
  main.addEventListener(ended, (event) => {
    const card = event.target.closest?.(".card");
    if (card && !card.contains(event.relatedTarget)) end(card);
  });
}
watch("pointerover", "pointerout");
watch("focusin", "focusout");

let last = null;
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.body.addEventListener(name, (event) => {
    last = event.detail.requestConfig;
    if (stale) stale.hidden = false;
  });
}
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (stale) stale.hidden = true;
  if (event.detail.target.id !== "results") return;
  // Without those of what is new this week.
  const count = results.querySelectorAll(":scope > .grid .card").length;
  const more = results.querySelector("#more") ? ", more below" : "";
  say(count ? `${count} ${results.dataset.what}${count === 1 ? "" : "s"}${more}` : "No results");
});
stale?.querySelector("[data-retry]").addEventListener("click", () => {
  if (!last) return location.reload();
  // What asked asks again, with the words that are there now.
  const asker = last.elt?.isConnected ? last.elt : document.getElementById("find");
  window.htmx.trigger(asker, asker.id === "find" ? "submit" : "click");
});
