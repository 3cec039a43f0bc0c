// The browser's permission to show notifications: asked for by a button, and never before.

const section = document.querySelector("[data-browser-notices]");

/** granted, denied, default; insecure or none where it can't be asked for. */
function state() {
  if (!isSecureContext) return "insecure";
  return "Notification" in window ? Notification.permission : "none";
}

function show() {
  for (const part of section.querySelectorAll("[data-when]")) {
    part.hidden = part.dataset.when !== state();
  }
}

section.querySelector("[data-allow]").addEventListener("click", async () => {
  await Notification.requestPermission();
  show();
});
// Site settings may be changed in the meantime.
document.addEventListener("visibilitychange", show);
show();
