// Lighthouse, with Debian's Chromium: prints the median score of each category for each page as one line of JSON.
// node lighthouse.mjs CHROMIUM TIMES COOKIES ADDRESS...
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const [executablePath, times, cookies, ...addresses] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, headless: true, args: ["--no-sandbox"] });
const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const found = {};
for (const address of addresses) {
  const scores = {};
  const faults = new Set();
  let bytes = 0;
  for (let time = 0; time < Number(times); time++) {
    // A browser of its own each time: nothing is cached, and the visitor's cookies are there.
    const context = await browser.createBrowserContext();
    await context.setCookie(...JSON.parse(cookies).map((one) => ({ ...one, domain: new URL(address).hostname })));
    const page = await context.newPage();
    const { lhr } = await lighthouse(address, { disableStorageReset: true, onlyCategories: CATEGORIES }, undefined, page);
    if (lhr.runtimeError) throw new Error(`${address}: ${lhr.runtimeError.message}`);
    bytes = lhr.audits["total-byte-weight"].numericValue;
    for (const [name, category] of Object.entries(lhr.categories)) {
      (scores[name] ??= []).push(Math.round(category.score * 100));
      for (const { id, weight } of category.auditRefs) {
        const { score, title } = lhr.audits[id];
        if (weight && score !== null && score < 0.9) faults.add(`${name}: ${title}`);
      }
    }
    await context.close();
  }
  found[address] = {
    scores: Object.fromEntries(Object.entries(scores).map(([name, values]) => [name, middle(values)])),
    bytes,
    faults: [...faults],
  };
}
await browser.close();
console.log(JSON.stringify(found));
