// The console by keyboard: J K next and back, V show media, 1–3 decide, U undo, Ctrl Enter send.
// Everything here is also a link, a field or a button; without this file they work as such.
import { say } from "./page.js";

const form = document.querySelector("[data-decide]");
const message = document.getElementById("decision-message");
const reason = document.getElementById("decision-reason");
const decides = document.querySelector("[data-decides]");
// The last words this page filled in itself: what a person typed is never replaced.
let filled = "";

function chosen() {
  return form?.querySelector('input[name="action"]:checked');
}

/** Name the button after what it does, and write the usual words into an untouched letter. */
function follow() {
  const choice = chosen();
  if (!choice) return;
  decides.textContent = choice.dataset.title;
  const letters = choice.dataset.letters;
  const tells = letters !== "";
  message.closest(".field").hidden = !tells;
  if (message.value !== filled && message.value !== "") return;
  filled = tells ? (JSON.parse(letters)[reason.value] ?? "") : "";
  message.value = filled;
}

form?.addEventListener("change", follow);
follow();

for (const sorter of document.querySelectorAll("[data-sends]")) {
  sorter.addEventListener("change", () => sorter.requestSubmit());
}

/** Show the media in place, so that nothing typed so far is lost. */
async function look(event) {
  event.preventDefault();
  const asked = event.target;
  let page = null;
  try {
    const answer = await fetch(asked.action, { method: "POST", body: new FormData(asked) });
    if (answer.ok) page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    // Offline: the form itself says so below.
  }
  const fresh = page?.getElementById("subject");
  if (!fresh) {
    asked.removeEventListener("submit", look);
    asked.requestSubmit();
    return;
  }
  document.getElementById("subject").replaceWith(fresh);
  fresh.focus();
  say("Media shown. The view was logged.");
}
document.querySelector("[data-look]")?.addEventListener("submit", look);

const typing = "input:not([type=radio]), textarea, select, dialog, [popover]";

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form?.contains(event.target)) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(typing)) return;
  const key = event.key.toLowerCase();
  if (key === "v") {
    document.querySelector("[data-look]")?.requestSubmit();
  } else if (key >= "1" && key <= "3" && key.length === 1) {
    const choice = form?.querySelector(`[data-choice="${key}"]`);
    if (!choice) return;
    choice.checked = true;
    choice.focus();
    follow();
  } else if (key === "j" || key === "k" || key === "u") {
    document.querySelector(`[data-key="${key}"]`)?.click();
  } else {
    return;
  }
  event.preventDefault();
});
