// What every page can do: say things, open dialogs, send the CSRF token with partial updates.
// Pages import { say, toast } from "./page.js".

const TOAST_MS = 6000;
// What can be undone is read first, then reached.
const UNDO_MS = 15000;
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
  element.append(words);
  // One at a time.
  for (const other of toasts.querySelectorAll("[data-toast]")) other.remove();
  toasts.append(element);
  prepare(element);
}

function prepare(element) {
  const close = document.getElementById("toast-close").content.cloneNode(true);
  close.firstElementChild.addEventListener("click", () => element.remove());
  element.append(close);
  if (element.dataset.toast === "error") return;
  let timer = 0;
  const wait = () => {
    timer = setTimeout(() => element.remove(), element.querySelector("form") ? UNDO_MS : TOAST_MS);
  };
  // No one loses what they are reading.
  for (const begin of ["pointerenter", "focusin"]) {
    element.addEventListener(begin, () => clearTimeout(timer));
  }
  for (const end of ["pointerleave", "focusout"]) element.addEventListener(end, wait);
  wait();
}

for (const element of toasts.querySelectorAll("[data-toast]")) prepare(element);

// htmx asks as the person who looks at the page.
const token = document.querySelector('meta[name="csrf-token"]')?.content;
if (token) document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));

document.body.addEventListener("htmx:sendError", () => {
  toast("You're offline. Nothing was changed. Try again when you're back online.", "error");
});
document.body.addEventListener("htmx:responseError", (event) => {
  const { status, responseText, getResponseHeader } = event.detail.xhr;
  if (status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  let message = "";
  if (getResponseHeader.call(event.detail.xhr, "Content-Type")?.includes("json")) {
    try {
      ({ message } = JSON.parse(responseText));
    } catch {
      // The general sentence below.
    }
  }
  toast(message || `Something went wrong (${status}). Nothing was changed.`, "error");
});

// `<a href="/x" hx-get="/x" hx-target="#dialog [data-dialog-body]">`: what comes is shown in a dialog.
document.body.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.target.closest?.("dialog:not([open])");
  // A menu that led to it would be drawn above it.
  if (dialog) for (const menu of document.querySelectorAll(":popover-open")) menu.hidePopover();
  dialog?.showModal();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  const closer = event.target.closest?.("[data-closes]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
  } else if (event.target instanceof HTMLDialogElement) {
    event.target.close(); // A click on the backdrop.
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
  const search = document.querySelector("[data-search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// Enter makes a new line in a text area; with Ctrl or ⌘ it sends the form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("[data-submit-keys]")?.form;
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});
