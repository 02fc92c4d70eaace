// Builds static/dist: one stylesheet, one module with lazily loaded chunks, fonts and images.
// `node static/build.mjs` once, `--watch` to rebuild on every change of a template, style or module.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [src, dist] = [join(here, "src"), join(here, "dist")];
const require = createRequire(import.meta.url);
const watch = process.argv.includes("--watch");

// Emptied, not removed: Django's finder may be looking at the folder.
mkdirSync(dist, { recursive: true });
for (const name of readdirSync(dist)) rmSync(join(dist, name), { recursive: true, force: true });

cpSync(join(src, "img"), join(dist, "img"), { recursive: true });
const fonts = dirname(require.resolve("@fontsource-variable/inter/package.json")) + "/files";
for (const subset of ["latin", "latin-ext"]) {
  cpSync(join(fonts, `inter-${subset}-wght-normal.woff2`), join(dist, "fonts", `inter-${subset}.woff2`));
}

// Chunks carry their own hash in the name, so that they stay right under any name the storage gives to app.js.
const shared = { bundle: true, target: "es2022", minify: !watch, legalComments: "none", outdir: join(dist, "js"), logLevel: "warning" };
const scripts = [
  await esbuild.context({ ...shared, entryPoints: [join(src, "js/app.js")], format: "esm", splitting: true, chunkNames: "chunks/[name]-[hash]" }),
  // In the head and blocking, so that a page never flashes in the other scheme.
  await esbuild.context({ ...shared, entryPoints: [join(src, "js/theme.js")], format: "iife" }),
];
for (const script of scripts) await script.rebuild();

const tailwind = join(dirname(require.resolve("@tailwindcss/cli/package.json")), "dist/index.mjs");
const args = [tailwind, "-i", join(src, "css/app.css"), "-o", join(dist, "css/app.css")];
const styles = spawn(process.execPath, [...args, watch ? "--watch=always" : "--minify"], { stdio: ["ignore", "ignore", watch ? "inherit" : "pipe"] });

if (watch) for (const script of scripts) await script.watch();
else {
  for (const script of scripts) await script.dispose();
  let told = "";
  styles.stderr.on("data", (part) => (told += part));
  const code = await new Promise((done) => styles.on("exit", done));
  if (code) console.error(told);
  process.exit(code ?? 1);
}
