// Saves screenshots of rendered pages: node shoot.mjs FOLDER OUT NAME[.lang] ...
import { launch, serve, VIEWPORTS } from "./support.mjs";

const [folder, out, ...names] = process.argv.slice(2);
const { origin, close } = await serve(folder);
const browser = await launch();
for (const name of names) {
  for (const [size, viewport] of Object.entries(VIEWPORTS)) {
    const page = await browser.newPage({ viewport, deviceScaleFactor: 1 });
    await page.goto(`${origin}/${name}.html`);
    await page.screenshot({ path: `${out}/${name}.${size}.png`, fullPage: true });
    if (size === "desktop") await page.pdf({ path: `${out}/${name}.pdf`, preferCSSPageSize: true, printBackground: false });
    await page.close();
  }
}
await browser.close();
close();
