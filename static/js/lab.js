"use strict";

// Everything here is comfort. Each page is complete without it: links are links, forms are forms, times are written out.

const COPIED_FOR_MS = 4000;

function announce(text) {
  document.getElementById("live").textContent = text;
}

/** Copies the text of the element that the button names; selects it where the browser lets nobody copy. */
async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const text = source.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    tell(button, "Copied");
  } catch {
    if (copyBySelection(text, button)) return tell(button, "Copied");
    getSelection().selectAllChildren(source);
    tell(button, "Selected, to be copied");
  }
}

/** The clipboard of today is there over https only, and a class is on plain http. What forms have always done works, by
 * touch too. */
function copyBySelection(text, button) {
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true; // or a telephone would bring up its keyboard
  area.className = "visually-hidden";
  button.after(area);
  area.select();
  area.setSelectionRange(0, text.length);
  let copied = false;
  try {
    copied = document.execCommand("copy");
  } catch {
    copied = false;
  }
  area.remove();
  button.focus();
  return copied;
}

function tell(button, words) {
  const label = button.querySelector("[data-label]");
  const before = (label.dataset.before ??= label.textContent);
  label.textContent = words;
  button.dataset.done = "";
  announce(words);
  setTimeout(() => {
    label.textContent = before;
    delete button.dataset.done;
  }, COPIED_FOR_MS);
}

/** Light, dark, or what the system has: first the other one. Remembered in a cookie, so that the server writes it into
 * the next page and nothing flickers. */
function toggleTheme(button) {
  const root = document.documentElement;
  const [same, other] = matchMedia("(prefers-color-scheme: dark)").matches ? ["dark", "light"] : ["light", "dark"];
  const next = { [other]: same, [same]: "" }[root.dataset.theme ?? ""] ?? other;
  if (next) root.dataset.theme = next;
  else delete root.dataset.theme;
  document.cookie = `lab_theme=${next}; path=/; max-age=${next ? 31536000 : 0}; samesite=lax`;
  button.querySelector("[data-theme-name]").textContent = next || "system";
  announce(next ? `${next === "dark" ? "Dark" : "Light"} colours` : "Colours as the system has them");
}

/** "in 59 minutes", "3 hours ago": the same words as the server's. */
function relative(seconds) {
  const minutes = Math.round(Math.abs(seconds) / 60);
  let words = `${Math.round(minutes / 60 / 24)} days`;
  if (minutes < 1) words = "less than a minute";
  else if (minutes < 90) words = `${minutes} minute${minutes === 1 ? "" : "s"}`;
  else if (minutes < 60 * 48) words = `${Math.round(minutes / 60)} hours`;
  return seconds > 0 ? `in ${words}` : `${words} ago`;
}

/** Where there is little room: the filter `since` says the same. */
function since(seconds) {
  const minutes = Math.round(Math.abs(seconds) / 60);
  if (minutes < 1) return "now";
  if (minutes < 90) return `${minutes} min`;
  return minutes < 60 * 48 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 60 / 24)} days`;
}

/** Keeps "in 59 minutes" true while the page stays open. */
function refreshTimes() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const words = time.dataset.relative === "since" ? since : relative;
    time.textContent = words((Date.parse(time.dateTime) - Date.now()) / 1000);
  }
}

/** On a narrow screen the row of tabs scrolls; the current one should be in sight. */
function showCurrentTab() {
  for (const link of document.querySelectorAll(".tabs a[aria-current]")) {
    const row = link.closest(".tabs");
    row.scrollLeft = link.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
  }
}

/** Says so where messages stand, which is a live region, and brings it into view. */
function noAnswer(event) {
  if (event.target.matches?.("[data-poll]")) return;
  const note = document.createElement("div");
  note.className = "notice notice-no";
  note.append("No answer came from this site, so nothing has changed. Is it still running? Try again when it is.");
  document.getElementById("messages").replaceChildren(note);
  note.scrollIntoView({ block: "nearest" });
}

/** Shows the controls that only a script can serve. */
function reveal(root) {
  for (const control of root.querySelectorAll("[data-copy], [data-theme-toggle]")) control.hidden = false;
}

/** Beside a policy's text: as many numbers as it has lines, at the same height. */
function number(area) {
  const numbers = area.previousElementSibling;
  const lines = Math.max(area.value.split("\n").length + 1, area.rows);
  numbers.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
  numbers.scrollTop = area.scrollTop;
}

for (const kind of ["input", "scroll"]) {
  document.addEventListener(
    kind,
    (event) => {
      if (event.target instanceof Element && event.target.matches("[data-numbered] > textarea")) number(event.target);
    },
    true,
  );
}

/** An open menu closes when something else is clicked; Escape closes it too, and goes back to its button. */
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
  const button = event.target.closest("[data-copy], [data-theme-toggle]");
  if (!button) return;
  if ("copy" in button.dataset) copy(button);
  else toggleTheme(button);
});

/** A browser without popovers goes to where the word is explained, below. */
document.addEventListener("click", (event) => {
  const word = !("popover" in HTMLElement.prototype) && event.target.closest("[popovertarget]");
  if (word) document.getElementById(word.getAttribute("popovertarget")).scrollIntoView({ block: "center" });
});

/** A folded line follows what is ticked in it. */
document.addEventListener("change", (event) => {
  const line = event.target.closest?.(".answered")?.querySelector(`[data-shows="${event.target.name}"]`);
  if (line) line.textContent = event.target.closest("label").querySelector(".choice-title").textContent;
});

/** A file that is too large is named before it is sent: a server stops in the middle, which looks like no network. */
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-largest]")) return;
  const tooLarge = [...input.files].some((file) => file.size > Number(input.dataset.largest));
  input.setCustomValidity(tooLarge ? input.dataset.tooLarge : "");
  input.reportValidity();
});

/** Under a list of exercises to tick: how many are ticked, and their minutes. */
document.addEventListener("change", (event) => {
  const list = event.target.closest?.("[data-minutes-summed]");
  if (!list) return;
  const ticked = [...list.querySelectorAll("[data-minutes]:checked")];
  const minutes = ticked.reduce((sum, each) => sum + Number(each.dataset.minutes), 0);
  const words = `${ticked.length} exercise${ticked.length === 1 ? "" : "s"}, ${minutes} minutes`;
  list.querySelector("[data-minutes-sum]").textContent = words;
});

// An answer may take a second, and whoever presses again meanwhile would join twice, or get a second account.
const SENT_ONCE_IN_MS = 5000;
const sent = new WeakMap(); // forms, and when they were sent

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return; // htmx sees to its own
  const now = performance.now();
  if (now - sent.get(form) < SENT_ONCE_IN_MS) event.preventDefault();
  else sent.set(form, now);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) sent.delete(form);
});

// After a swap the place that the visitor asked for takes the focus, and the one live region says what came. Where the
// focus has to stay, it says only what came.
document.addEventListener("htmx:afterSettle", (event) => {
  reveal(event.target);
  showCurrentTab();
  const said = event.target.querySelector("[data-said]");
  if (said) announce(said.dataset.said);
  const place = event.target.querySelector("[data-focus]");
  if (!place) return;
  place.focus();
  announce(place.dataset.focus || place.textContent.trim());
});

/** Whether it asks again and again, without anybody pressing anything. */
function asksByItself(element) {
  return element.matches('[data-poll], [hx-trigger*="every"]');
}

// Somebody may be quicker than the answers. What they ask for last is what they see, under its own address.
const looks = new Map(); // requests under way that change nothing, and what of the page their answers replace

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const { elt, requestConfig, target, xhr } = detail;
  if (asksByItself(elt)) return;
  for (const [earlier, part] of looks) if (target.contains(part)) earlier.abort();
  if (requestConfig.verb !== "get") return;
  looks.set(xhr, target);
  xhr.addEventListener("loadend", () => looks.delete(xhr));
  // The answer to what was sent before may have put another part into its place. htmx takes the target from here.
  xhr.addEventListener("readystatechange", () => {
    if (!target.isConnected) detail.target = document.getElementById(target.id) ?? target;
  });
});

// A call to AWS may take seconds. Who does not see the bar across the top is told, when it comes.
const ANNOUNCED_AFTER_MS = 300;

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig, xhr } = event.detail;
  if (asksByItself(elt)) return;
  const words = requestConfig.verb === "post" ? "Sending" : "Loading";
  const waiting = setTimeout(announce, ANNOUNCED_AFTER_MS, words);
  // The request says when it ended: the element that sent it may be swapped out by then, and its events reach nobody.
  xhr.addEventListener("loadend", () => {
    clearTimeout(waiting);
    if (document.getElementById("live").textContent === words) announce("");
  });
});

document.addEventListener("htmx:sendError", noAnswer);
// The database is away for a moment: what was to be looked at leaves the page as it is.
document.addEventListener("htmx:responseError", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (xhr.status === 503 && requestConfig.verb === "get") noAnswer(event);
});

reveal(document);
showCurrentTab();
setInterval(refreshTimes, 60_000);

// A personal QR code has its code behind #, which browsers send to nobody. It goes into the form, and out of the address.
const codeForm = document.querySelector("[data-code-from-hash]");
if (codeForm && location.hash.length > 1) {
  codeForm.elements.code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
