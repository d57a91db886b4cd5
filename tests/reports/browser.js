// Opens pages in a real browser, in both widths and colour schemes, and prints as JSON what is wrong with each.
// node browser.js CHROMIUM FOLDER PAGE...: a screenshot of each lands in FOLDER.
const fs = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

async function looked(browser, file, width, scheme, folder) {
  // axe itself is a script, which the page's own policy forbids
  const context = await browser.newContext({
    viewport: { width, height: 900 }, colorScheme: scheme, reducedMotion: "reduce", bypassCSP: true });
  context.setDefaultTimeout(180_000); // a busy machine is no fault of the page
  const page = await context.newPage();
  const requests = [], messages = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  const address = pathToFileURL(file).href;
  await page.goto(address);
  await page.screenshot({ path: path.join(folder, `${path.parse(file).name}-${width}-${scheme}.png`) });
  const folded = await page.evaluate(() => document.querySelectorAll("details:not([open])").length);
  await page.emulateMedia({ media: "print", colorScheme: scheme });
  const unprinted = await page.evaluate(() =>
    [...document.querySelectorAll("details > :not(summary)")].filter((one) => !one.checkVisibility()).length);
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ media: "screen", colorScheme: scheme });
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const focused = [];
  for (let at = 0; at < 3; at++) {
    await page.keyboard.press("Tab");
    focused.push(await page.evaluate(() => document.activeElement.textContent.trim()));
  }
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run());
  await context.close();
  return {
    page: path.basename(file), width, scheme, ground, paper, folded, unprinted, wider, messages, focused,
    requests: requests.filter((one) => one !== address),
    rules: found.passes.length,
    violations: found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`),
  };
}

(async () => {
  const [executablePath, folder, ...files] = process.argv.slice(2);
  const browser = await chromium.launch({ executablePath, args: quiet });
  const found = [];
  for (const file of files)
    for (const width of [1280, 390])
      for (const scheme of ["light", "dark"]) found.push(await looked(browser, file, width, scheme, folder));
  await browser.close();
  console.log(JSON.stringify(found));
})();
