// Writes the icons the templates may name into one JSON file that the `icon` tag reads.
// Add a name of https://lucide.dev to static/src/icons.txt, then `npm run icons`.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = dirname(createRequire(import.meta.url).resolve("lucide-static/package.json")) + "/icons";
const names = readFileSync(join(here, "src/icons.txt"), "utf8").split(/\s+/).filter(Boolean).sort();
const body = (name) =>
  readFileSync(join(folder, `${name}.svg`), "utf8")
    .replace(/[\s\S]*?<svg[\s\S]*?>/, "")
    .replace("</svg>", "")
    .replace(/\s*\n\s*/g, "")
    .replaceAll(" />", "/>");
const icons = Object.fromEntries(names.map((name) => [name, body(name)]));
writeFileSync(join(here, "../platform/groundswell/web/icons.json"), JSON.stringify(icons, null, 1) + "\n");
console.log(`${names.length} icons`);
