"use strict";

// Pages of a class that ask for what is new. Without this script they are complete, and there is a link to refresh them.

const STUCK_MS = 600_000;
const PAUSED = "lab_paused";
const polls = () => document.querySelectorAll("[data-poll]");

function paused() {
  return localStorage.getItem(PAUSED) === "yes";
}

function showPause() {
  for (const button of document.querySelectorAll("[data-poll-pause]")) {
    button.hidden = false;
    button.textContent = paused() ? "Paused: go on" : "Pause";
    button.setAttribute("aria-pressed", String(paused()));
  }
}

function asOf(words) {
  const place = document.getElementById("board-as-of");
  if (place) place.textContent = words;
}

/** Whoever makes no progress for ten minutes is stuck, whether anything changes or not. */
function markStuck() {
  for (const time of document.querySelectorAll("time[data-stuck]")) {
    time.nextElementSibling.hidden = Date.now() - Date.parse(time.dateTime) < STUCK_MS;
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-poll-pause]")) return;
  localStorage.setItem(PAUSED, paused() ? "no" : "yes");
  showPause();
  if (!paused()) for (const poll of polls()) htmx.trigger(poll, "poll-now");
});

// A page that nobody sees asks nothing, and asks at once when it is seen again.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches?.("[data-poll]") && (document.hidden || paused())) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) for (const poll of polls()) htmx.trigger(poll, "poll-now");
});

// What goes wrong while asking stays a word in its place: the page is still true, only older.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.elt.matches?.("[data-poll]") || event.detail.xhr.status < 400) return;
  event.detail.shouldSwap = false;
  asOf("no answer; refresh the page");
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.elt.matches?.("[data-poll]") || !event.detail.successful) return;
  asOf(new Date().toLocaleTimeString([], { hour12: false }));
});
document.addEventListener("htmx:afterSettle", markStuck);

showPause();
markStuck();
setInterval(markStuck, 30_000);
