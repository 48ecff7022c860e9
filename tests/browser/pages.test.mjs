// The pages in a real browser: phone and desktop, every language, with and without JavaScript, and on paper.
//
//   node --test pages.test.mjs      PAGES names the folder that the example render_pages wrote
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, serve, VIEWPORTS } from "./support.mjs";

const folder = process.env.PAGES;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const names = readdirSync(folder).filter((name) => name.endsWith(".html")).map((name) => name.slice(0, -5)).sort();
const verdicts = names.filter((name) => !/^(home|problem|directory|institution|frameworks|statistics|agreement|apply|application)/.test(name));
const scratch = mkdtempSync(join(tmpdir(), "pages-"));
let browser, server;

before(async () => {
  server = await serve(folder);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** A visitor who opens one page after another: `open` collects what goes wrong on each. */
async function visitor(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  let wrong = [];
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) wrong.push(message.text()); });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => { if (!request.url().startsWith(server.origin)) wrong.push(`asks ${request.url()}`); });
  page.on("dialog", (dialog) => { wrong.push("a dialog"); dialog.dismiss(); });
  const open = async (name) => {
    wrong = [];
    const response = await page.goto(`${server.origin}/${name}.html`);
    assert.equal(response.status(), 200);
    return wrong;
  };
  return { page, open, cookies: () => context.cookies(), close: () => context.close() };
}

async function open(name, options) {
  const one = await visitor(options);
  return { ...one, wrong: await one.open(name) };
}

for (const [size, viewport] of Object.entries(VIEWPORTS)) {
  test(`${size}: nothing overflows, nothing complains, the verdict is seen at once`, async () => {
    const { page, open, cookies, close } = await visitor({ viewport });
    for (const name of names) {
      const wrong = await open(name);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= viewport.width, `${name}: ${width} wide`);
      assert.deepEqual(wrong, [], name);
      assert.deepEqual(await cookies(), [], name);
      if (verdicts.includes(name) && !name.startsWith("hostile")) {
        const band = await page.locator("#verdict").boundingBox();
        assert.ok(band.y >= 0 && band.y + band.height < viewport.height * 0.6, `${name}: the verdict is at ${band.y}`);
        const all = await page.locator(".band").boundingBox();
        assert.ok(all.y + all.height <= viewport.height, `${name}: the band ends at ${all.y + all.height}`);
      }
    }
    await close();
  });
}

test("contrast and structure hold for people who see or hear differently (WCAG 2.2 AA)", async () => {
  const { page, open, close } = await visitor({ viewport: VIEWPORTS.phone, bypassCSP: true });
  for (const name of names) {
    await open(name);
    await page.evaluate(() => { for (const section of document.querySelectorAll("details")) section.open = true; });
    await page.evaluate(axe);
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await page.evaluate((values) => axe.run({ runOnly: { type: "tag", values } }), tags);
    assert.deepEqual(violations.map((each) => `${each.id}: ${each.nodes[0].html} ${each.nodes[0].failureSummary}`), [], name);
  }
  await close();
});

test("each of the five states has a colour, a shape and a word of its own", async () => {
  const seen = new Map();
  for (const name of ["genuine-vn", "expired", "revoked", "not-listed", "tampered"]) {
    const { page, close } = await open(`${name}.en`, { viewport: VIEWPORTS.phone });
    const colour = await page.locator(".band").evaluate((band) => getComputedStyle(band).backgroundColor);
    const shape = await page.locator(".band .shape").evaluate((mark) => mark.outerHTML);
    seen.set(name, [colour, shape, await page.locator("#verdict").innerText()]);
    await close();
  }
  for (const part of [0, 1, 2]) assert.equal(new Set([...seen.values()].map((each) => each[part])).size, 5);
  const [red, green, blue] = seen.get("not-listed")[0].match(/\d+/g).map(Number);
  assert.ok(red < green && green < blue, "could not be checked is a calm blue grey");
});

test("without JavaScript everything is there", async () => {
  for (const name of names.filter((each) => /^(home|genuine-vn|tampered)\./.test(each))) {
    const { page, wrong, close } = await open(name, { viewport: VIEWPORTS.phone, javaScriptEnabled: false });
    assert.deepEqual(wrong, [], name);
    if (name.startsWith("home")) {
      for (const part of ["input[type=file]", "textarea", "button[type=submit]"]) assert.ok(await page.locator(part).isVisible(), part);
    } else {
      assert.ok(await page.locator("#verdict").isVisible());
      assert.equal(await page.locator("button:visible").count(), 0, "no button that does nothing");
    }
    if (name.startsWith("genuine")) {
      await page.locator("summary").click();
      assert.ok(await page.locator(".groups").isVisible(), "the complete list opens");
    }
    await close();
  }
});

test("the keyboard reaches the content, the languages and the actions", async () => {
  const { page, close } = await open("genuine-vn.en", { viewport: VIEWPORTS.desktop });
  const reached = [];
  for (let step = 0; step < 20; step += 1) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.tagName));
  }
  for (const wanted of ["Skip to the content", "Tiếng Việt", "Everything else that was signed", "Check another document"]) {
    assert.ok(reached.includes(wanted), `${wanted} in ${reached}`);
  }
  await close();
});

test("a dropped file is handed to the form", async () => {
  const { page, close } = await open("home.en", { viewport: VIEWPORTS.desktop });
  await page.route("**/verify*", (route) => route.fulfill({ status: 200, contentType: "text/html", body: "<h1>seen</h1>" }));
  const asked = page.waitForRequest("**/verify*");
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['{"a":1}'], "diploma.json", { type: "application/json" }));
    document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  const request = await asked;
  assert.equal(request.method(), "POST");
  assert.match(request.headers()["content-type"], /^multipart\/form-data/);
  await close();
});

test("every credential prints on one A4 page, a diploma with everything signed and a symbol that scans", async () => {
  // Whoever sees every check at once, or a transcript of many courses, turns the page.
  const single = verdicts.filter((name) => !/^(every-check|genuine-transcript-)/.test(name));
  assert.ok(single.length >= 48);
  const { page, open, close } = await visitor({ viewport: VIEWPORTS.desktop, javaScriptEnabled: false });
  for (const name of single) {
    await open(name);
    for (const printBackground of name.endsWith(".en") ? [true, false] : [false]) {
      const file = join(scratch, `${name}.pdf`);
      await page.pdf({ path: file, preferCSSPageSize: true, printBackground });
      const info = execFileSync("pdfinfo", [file], { encoding: "utf8" });
      assert.match(info, /Pages:\s+1\n/, name);
      assert.match(info, /Page size:\s+59\d(\.\d+)? x 84\d(\.\d+)? pts \(A4\)/, name);
    }
    if (!/^(genuine-vn|genuine-la|revoked|suspended|replaced|not-yet)\.en$/.test(name)) continue;
    const file = join(scratch, `${name}.pdf`);
    const text = execFileSync("pdftotext", [file, "-"], { encoding: "utf8" });
    assert.match(text, /statusListIndex/, `${name}: the complete list is printed open`);
    execFileSync("pdftoppm", ["-r", "150", "-png", "-singlefile", file, join(scratch, name)]);
    const scanned = execFileSync("zbarimg", ["--raw", "-q", join(scratch, `${name}.png`)], { encoding: "utf8" });
    assert.match(scanned.trim(), /^HTTPS:\/\/DIPLOMAS\.VN\.EXAMPLE\/C\/[0-9A-Z]{26}$/, name);
  }
  await close();
});

test("a long transcript prints on the pages it needs, each with the head of its table", async () => {
  const { page, open, close } = await visitor({ viewport: VIEWPORTS.desktop, javaScriptEnabled: false });
  await open("genuine-transcript-whole.en");
  const file = join(scratch, "transcript.pdf");
  await page.pdf({ path: file, preferCSSPageSize: true, printBackground: false });
  assert.match(execFileSync("pdfinfo", [file], { encoding: "utf8" }), /Pages:\s+2\n/, "sixty courses");
  for (const number of ["1", "2"]) {
    const text = execFileSync("pdftotext", ["-layout", "-f", number, "-l", number, file, "-"], { encoding: "utf8" });
    assert.match(text, /Course +Credits +Result/, `page ${number}`);
  }
  const { page: brief, open: shown, close: done } = await visitor({ viewport: VIEWPORTS.phone });
  await shown("genuine-transcript-long.en");
  const everything = await brief.locator(".courses .more a").getAttribute("href");
  assert.match(everything, /^\/c\/[0-9a-z]{26}\?lang=en&all=1$/);
  await done();
  await close();
});

test("the symbol scans from the screen, as SVG", async () => {
  const { page, close } = await open("genuine-vn.en", { viewport: VIEWPORTS.desktop, deviceScaleFactor: 2 });
  const picture = join(scratch, "symbol.png");
  writeFileSync(picture, await page.locator(".qr").screenshot());
  assert.match(execFileSync("zbarimg", ["--raw", "-q", picture], { encoding: "utf8" }), /^HTTPS:\/\/DIPLOMAS/);
  await close();
});
