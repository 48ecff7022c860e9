// Comforts only: every page does its work without this file.
"use strict";
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
// Browsers without ::details-content print a closed section closed.
const opened = new Set();
window.addEventListener("beforeprint", () => {
  for (const section of document.querySelectorAll("details:not([open])")) { opened.add(section); section.open = true; }
});
window.addEventListener("afterprint", () => { for (const section of opened) section.open = false; opened.clear(); });
const drop = document.querySelector("[data-drop]");
if (drop) {
  const form = drop.closest("form"), input = drop.querySelector("input[type=file]"), name = drop.querySelector("output");
  const chosen = () => { name.textContent = input.files.length ? input.files[0].name : ""; };
  input.addEventListener("change", chosen);
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    chosen();
    form.requestSubmit();
  });
  drop.classList.add("ready");
}
