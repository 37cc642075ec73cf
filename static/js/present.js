"use strict";

// Comfort for whoever presents, also with a clicker: the keys follow the links that are there anyway.

const LINKS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "previous", PageUp: "previous", Escape: "leave" };

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = document.querySelector(`[data-key="${LINKS[event.key]}"]`);
  if (!link) return;
  event.preventDefault();
  link.click();
});
