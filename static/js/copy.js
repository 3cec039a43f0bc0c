// Copy buttons: `<button data-copy="<id of a field>" data-copied="what to say" hidden>`.
import { say, toast } from "./page.js";

async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // No permission, or a plain http address: the text is selected, ready for the keyboard.
    field.focus();
    field.select();
    return false;
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (await copy(field)) {
      toast("Copied.");
      say(button.dataset.copied);
    } else {
      toast("Press Ctrl C to copy.");
    }
  });
  field.addEventListener("focus", () => field.select());
}
