// The bell: how many notices there are, in the page and the tab's title, and the browser's own
// notifications for those that someone asked for.

import { say } from "./page.js";

const EVERY_MS = 20_000;
const bell = document.querySelector("[data-bell]");
const title = document.title;
let newest = Number(bell?.dataset.newest ?? 0);

function show(unread) {
  const count = bell.querySelector("[data-bell-count]");
  count.textContent = unread > 99 ? "99+" : String(unread);
  count.hidden = unread === 0;
  bell.setAttribute("aria-label", unread ? `Notices, ${unread} unread` : "Notices");
  document.title = unread ? `(${unread}) ${title}` : title;
}

function tell(notice) {
  say(notice.text);
  if (!notice.inBrowser || !("Notification" in window) || Notification.permission !== "granted") {
    return;
  }
  // Of several open tabs one shows it: they share its tag.
  const shown = new Notification("Reelgraph", { body: notice.text, tag: `notice-${notice.id}` });
  shown.addEventListener("click", () => {
    window.focus();
    location.assign(notice.url);
    shown.close();
  });
}

async function look() {
  try {
    const answer = await fetch(`/me/notices/later?after=${newest}`, {
      headers: { Accept: "application/json" },
    });
    if (!answer.ok) return;
    const { unread, notices } = (await answer.json()).data;
    show(unread);
    for (const notice of notices) {
      newest = Math.max(newest, notice.id);
      tell(notice);
    }
  } catch {
    // Asked again at the next turn.
  }
}

if (bell) {
  show(Number(bell.querySelector("[data-bell-count]").textContent) || 0);
  setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") look();
  });
}

// The settings page asks for the browser's permission when someone wants its notifications.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.name?.endsWith(".browser") && box.checked && "Notification" in window) {
    Notification.requestPermission();
  }
});
