// Comments: pinned to a moment of the film that is shown, and to a point of its picture.

const film = () => document.querySelector(".player video, .player audio, #run video.film");

function words(ms) {
  const s = Math.floor(ms / 1000);
  const rest = `${String(Math.floor(s / 60) % 60).padStart(s >= 3600 ? 2 : 1, "0")}:${String(s % 60).padStart(2, "0")}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${rest}` : rest;
}

function now() {
  return Math.round((film()?.currentTime ?? 0) * 1000);
}

/** Show the moment of a comment, and its place in the picture. */
export function jump(ms, x, y) {
  const shown = film();
  if (shown) {
    shown.pause();
    shown.currentTime = ms / 1000;
    shown.scrollIntoView({ block: "center" });
  }
  pin(x, y);
}

function pin(x, y) {
  document.querySelector(".comment-pin")?.remove();
  const host = document.querySelector(".player");
  if (!host || x === undefined || y === undefined) return;
  const mark = document.createElement("span");
  mark.className = "comment-pin";
  mark.style.left = `${100 * x}%`;
  mark.style.top = `${100 * y}%`;
  host.append(mark);
}

function placeOf(comment) {
  const { x, y } = comment?.dataset ?? {};
  return x === undefined ? [] : [Number(x), Number(y)];
}

document.addEventListener("click", (event) => {
  const chip = event.target.closest?.("[data-jump]");
  if (chip) jump(Number(chip.dataset.jump), ...placeOf(chip.closest(".comment")));
  const button = event.target.closest?.("[data-pin]");
  if (!button) return;
  const form = button.closest("form");
  const isPinned = button.getAttribute("aria-pressed") === "true";
  const at = form.querySelector("[data-at]");
  at.value = isPinned ? "" : now();
  button.setAttribute("aria-pressed", String(!isPinned));
  button.querySelector("[data-pin-words]").textContent = isPinned
    ? "Pin to this moment"
    : `Pinned to ${words(Number(at.value))}`;
  if (!isPinned) film()?.pause();
});

// A click into the picture while a comment is being pinned says where.
document.addEventListener("pointerdown", (event) => {
  const host = event.target.closest?.(".player");
  const form = document.querySelector("[data-comment-form]");
  if (!host || form?.querySelector("[data-pin]").getAttribute("aria-pressed") !== "true") return;
  const box = host.getBoundingClientRect();
  const x = (event.clientX - box.left) / box.width;
  const y = (event.clientY - box.top) / box.height;
  // The controls of a player are not a place in its picture.
  if (y > 0.85) return;
  form.querySelector("[data-x]").value = x.toFixed(5);
  form.querySelector("[data-y]").value = y.toFixed(5);
  pin(x, y);
});

function prepare() {
  for (const button of document.querySelectorAll("[data-pin]")) button.hidden = !film();
}

document.addEventListener("htmx:afterSwap", prepare);
prepare();

const wanted = new URLSearchParams(location.search).get("comment");
const comment = wanted && document.getElementById(`comment-${wanted}`);
if (comment) {
  comment.classList.add("is-shown");
  if (comment.dataset.atMs) jump(Number(comment.dataset.atMs), ...placeOf(comment));
  else comment.scrollIntoView({ block: "center" });
}
