"use strict";

// What only this browser can find out: which addresses it reaches, its clock, its cookies. The page has the fixes.

const PATIENCE_MS = 6000;
const CLOCK_WARN_MS = 60_000;
const CLOCK_MS = 300_000; // where AWS refuses a signature
const place = document.getElementById("room-check");

function mark(line, state) {
  line.dataset.state = state;
  for (const pill of line.querySelectorAll("[data-when]")) pill.hidden = pill.dataset.when !== state;
}

function show(key, state, said) {
  const line = document.getElementById(`check-${key}`);
  if (!line) return;
  mark(line, state);
  line.querySelector(".check-said").textContent = said;
  line.querySelector("details").open = state !== "ok";
}

function ask(url, options = {}) {
  return fetch(url, { cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS), ...options });
}

async function echo() {
  const nonce = Math.random().toString(36).slice(2);
  const sent = Date.now();
  const answer = await ask(`${place.dataset.echo}?n=${nonce}`, { credentials: "same-origin" });
  const said = await answer.json();
  if (said.n !== nonce) throw new Error("an old answer");
  return { ...said, ahead: (sent + Date.now()) / 2 - said.now };
}

async function checkSite() {
  let said;
  try {
    await echo();
    said = await echo();
  } catch {
    show("proxy", "no", "The site’s answers do not come through, or old ones do: something else answers in between.");
    for (const key of ["clock", "cookies"]) show(key, "warn", "Not tried, since no fresh answer came.");
    return;
  }
  if (said.via) show("proxy", "warn", `Answers come fresh, by way of a proxy: ${said.via}`);
  else show("proxy", "ok", "Answers come fresh, and nothing answers in between.");
  if (said.cookie) show("cookies", "ok", "This browser keeps them.");
  else show("cookies", "no", "This browser did not bring back the one that it was given.");
  const off = Math.abs(said.ahead);
  const by = off < 120_000 ? `${Math.round(off / 1000)} seconds` : `${Math.round(off / 60_000)} minutes`;
  const words = `This device’s clock is ${by} ${said.ahead > 0 ? "ahead of" : "behind"} the server’s.`;
  if (off >= CLOCK_MS) show("clock", "no", words);
  else if (off >= CLOCK_WARN_MS) show("clock", "warn", words);
  else show("clock", "ok", "It agrees with the server’s.");
}

async function checkStandIns() {
  const { standIns } = place.dataset;
  const here = new URL(standIns).origin === location.origin;
  try {
    // From another port pages come without leave to be read; that one came is all there is to know.
    const answer = await ask(standIns, { mode: here ? "same-origin" : "no-cors" });
    if (here && !answer.ok) throw new Error(`status ${answer.status}`);
    show("stand-ins", "ok", `This browser reaches them at ${new URL(standIns).origin}.`);
  } catch {
    show("stand-ins", "no", `This browser does not reach them at ${new URL(standIns).origin}.`);
  }
}

async function checkCli() {
  const { cli } = place.dataset;
  if (location.protocol === "https:" && cli.startsWith("http:")) {
    show("cli", "warn", `From a page with https a browser may not ask ${cli}: try it by hand.`);
    return;
  }
  try {
    const said = await (await ask(`${cli}/_sandbox/health`)).json();
    if (said.status !== "ok") throw new Error("another answer");
    show("cli", "ok", `This device reaches ${cli}.`);
  } catch {
    show("cli", "no", `This device does not reach ${cli}.`);
  }
}

async function checkAll() {
  const told = document.getElementById("check-summary");
  const wanted = [checkSite()];
  // Where the sandbox does not run, the page says so already.
  if (document.getElementById("check-stand-ins")?.dataset.state === "script") wanted.push(checkStandIns(), checkCli());
  for (const line of document.querySelectorAll('.check-lines > [data-state="script"]')) mark(line, "wait");
  told.textContent = "Checking …";
  await Promise.all(wanted);
  const bad = document.querySelectorAll('.check-lines > [data-state="no"]').length;
  const look = document.querySelectorAll('.check-lines > [data-state="warn"]').length;
  if (bad) told.textContent = `${bad} of these ${bad === 1 ? "is" : "are"} to mend. What to do stands below each.`;
  else if (look) told.textContent = "Nothing is broken. Look at what is marked.";
  else told.textContent = "Everything is fine on this device.";
}

checkAll();
