// What the scripts of a run's page say: see frontend/src/frame, which other pages use.

const TOAST_MS = 6000;
const live = document.getElementById("live");
const toasts = document.getElementById("toasts");

/** Say something to screen readers only. */
export function say(text) {
  live.textContent = text;
}

/** Show something for six seconds, or with kind "error" until it is closed. */
export function toast(text, kind = "info") {
  const element = document.createElement("div");
  element.className = kind === "error" ? "toast toast-bad" : "toast";
  element.dataset.toast = kind;
  const words = document.createElement("p");
  words.className = "grow";
  words.textContent = text;
  const close = document.getElementById("toast-close").content.cloneNode(true);
  close.firstElementChild.addEventListener("click", () => element.remove());
  element.append(words, close);
  for (const other of toasts.querySelectorAll("[data-toast]")) other.remove();
  toasts.append(element);
  if (kind !== "error") setTimeout(() => element.remove(), TOAST_MS);
}
