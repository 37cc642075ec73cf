// A journey in Debian's Firefox, by WebDriver BiDi. Prints what it saw as one line of JSON.
// node firefox.mjs ORIGIN FIREFOX
import puppeteer from "puppeteer-core";

const [origin, executablePath] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
const page = await browser.newPage();
await page.setViewport({ width: 1280, height: 720 });
const errors = [];
page.on("pageerror", (error) => errors.push(String(error)));
page.on("console", (message) => message.type() === "error" && errors.push(message.text()));

/** Presses what has these words, and waits for what then has those. */
async function press(words, then) {
  await page.locator(`::-p-aria(${words})`).click();
  await page.locator(then).wait();
}
const text = (selector) => page.$eval(selector, (element) => element.textContent.replace(/\s+/g, " ").trim());
const count = (selector) => page.$$eval(selector, (elements) => elements.length);

const seen = { version: await browser.version() };
await page.goto(origin);
await press("Run it now as a guest", "::-p-text(View credentials only)");
seen.outcome = await text(".run-head .pill");
seen.arrows = await count("svg.diagram a");
await press("Calls", "#call-2[open]");
seen.calls = await page.$$eval(".call h3", (titles) => titles.map((title) => title.textContent.trim()));
seen.request = await text("#call-2 .params");
await press("Why", ".why-groups");
seen.passed = await text(".why-groups");
await press("Credentials", "#credentials-json");
seen.masked = await text("#credentials-json");
await press("Reveal", "::-p-text(These are shown once)");
seen.revealed = JSON.parse(await text("#credentials-json"));
await page.goto(`${origin}/learn/api/GetCredentialsForIdentity/`);
await press("role", ".word-note:popover-open");
seen.word = await text(".word-note:popover-open b");
seen.theme = [];
for (let turn = 0; turn < 3; turn++) {
  await page.locator("[data-theme-toggle]").click();
  seen.theme.push(await page.$eval("html", (root) => root.dataset.theme ?? "system"));
}
seen.sideways = await page.$eval("html", (root) => root.scrollWidth > root.clientWidth);
seen.errors = errors;
await browser.close();
console.log(JSON.stringify(seen));
