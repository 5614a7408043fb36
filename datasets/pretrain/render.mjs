// Renders icon and emoji sets to PNG folders with captions, in the ImageFolder convention
// (pictures plus metadata.jsonl with file_name, text, source).
//
// usage: node render.mjs MODULES OUTPUT (iconify [SET,SET...] | clipart DIR | heldout)
//   MODULES  folder with node_modules (resvg-js, emojibase-data, the @iconify-json packages of icon-sets.txt)
//   OUTPUT   folder that gets one sub-folder for each set and parts/SET.jsonl
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const [modules, output, mode, extra, bad] = process.argv.slice(2);
const leftOut = new Set((bad ?? "").split(",").filter(Boolean));
const require = createRequire(path.join(path.resolve(modules), "x.js"));
const { Resvg } = require("@resvg/resvg-js");
const here = path.dirname(new URL(import.meta.url).pathname);
const SIDE = 48;

// ---- pixels and PNG --------------------------------------------------------------------------

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(zlib.crc32(body), body.length + 4);
  return out;
}

/** PNG of side x side pixels with `channels` (3 or 4) bytes a pixel, rows unfiltered except Sub. */
function png(pixels, side, channels) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head[8] = 8;
  head[9] = channels === 4 ? 6 : 2;
  const stride = side * channels;
  const rows = Buffer.alloc((stride + 1) * side);
  for (let y = 0; y < side; y++) {
    rows[y * (stride + 1)] = 2; // filter Up
    for (let i = 0; i < stride; i++) {
      const above = y === 0 ? 0 : pixels[(y - 1) * stride + i];
      rows[y * (stride + 1) + 1 + i] = pixels[y * stride + i] - above;
    }
  }
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", head),
    chunk("IDAT", zlib.deflateSync(rows, { level: 7 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Straight-alpha RGBA of an SVG, longest side SIDE, centred in a SIDE x SIDE square; null when it draws (almost) nothing. */
function raster(svg, crop, side) {
  const fit = (mode) => new Resvg(svg, { fitTo: { mode, value: side }, font: { loadSystemFonts: false }, shapeRendering: 2 });
  let drawing = fit("width");
  let box = null;
  if (crop) {
    box = drawing.getBBox();
    if (!box || !(box.width > 0) || !(box.height > 0)) return null;
    if (box.height > box.width) drawing = fit("height");
    drawing.cropByBBox(box);
  } else if (drawing.height > drawing.width) {
    drawing = fit("height");
  }
  const image = drawing.render();
  const { width, height } = image;
  if (Math.min(width, height) < 3) return null;
  const source = image.pixels;
  const scale = Math.max(width, height) / side;
  if (scale > 1.01) return null;
  const out = Buffer.alloc(side * side * 4);
  const left = (side - width) >> 1;
  const top = (side - height) >> 1;
  let covered = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const s = (y * width + x) * 4;
      const d = ((y + top) * side + x + left) * 4;
      const a = source[s + 3];
      covered += a;
      for (let c = 0; c < 3; c++) out[d + c] = a === 0 ? 0 : Math.min(255, source[s + c]);
      out[d + 3] = a;
    }
  }
  covered /= 255 * side * side;
  return covered < 0.02 ? null : out;
}

// ---- captions --------------------------------------------------------------------------------

const STYLE = new Set(("outline outlined filled fill bold duotone light thin solid sharp rounded round twotone linear broken line regular alt "
  + "two tone tone bulk stroke icon remix").split(" "));

/** "tshirt-crew-outline-24" -> "tshirt crew": words of the name without style words, sizes and counters. */
function caption(name) {
  let words = name.toLowerCase().replace(/([a-z])([0-9])/g, "$1 $2").split(/[^a-z0-9]+/).filter(Boolean);
  while (words.length > 1 && (STYLE.has(words.at(-1)) || /^[0-9]+$/.test(words.at(-1)))) words.pop();
  while (words.length > 1 && STYLE.has(words[0])) words.shift();
  const text = words.slice(0, 8).join(" ").replace(/^t shirt/, "t-shirt").replace(/\bt shirt/, "t-shirt").replace(/^tshirt\b/, "t-shirt");
  return /[a-z]{2}/.test(text) ? text : null;
}

const labels = new Map();
for (const e of require("emojibase-data/en/data.json")) {
  for (const v of [e, ...(e.skins ?? [])]) labels.set(v.hexcode.toLowerCase().replace(/-fe0f/g, ""), v);
}
const cleanLabel = (text) => text.toLowerCase().replace(/[“”‘’"]/g, "").replace(/[:,.!&()]/g, " ").replace(/\s+/g, " ").trim();

// ---- sets ------------------------------------------------------------------------------------

function hash(text) {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  h ^= h >>> 15; h = Math.imul(h, 0x2c1b3c6d); h ^= h >>> 12; h = Math.imul(h, 0x297a2d39); h ^= h >>> 15;
  return h >>> 0;
}

/** Monochrome icons: half stay black, the others get one colour that depends on the name only. */
function ink(key) {
  const h = hash(key);
  if (h % 2 === 0) return "#000000";
  const part = (shift) => Math.round(((h >>> shift) & 15) * 13).toString(16).padStart(2, "0");
  return "#" + part(4) + part(8) + part(12);
}

function* iconsOf(prefix) {
  const set = require(`@iconify-json/${prefix}/icons.json`);
  const keys = Object.entries(set.icons).filter(([, icon]) => !/<animate|<set /.test(icon.body)).map(([name]) => name);
  for (const name of keys) {
    const icon = set.icons[name];
    const w = icon.width ?? set.width ?? 16, h = icon.height ?? set.height ?? 16;
    const side = Math.max(w, h);
    const x = (icon.left ?? 0) - (side - w) / 2, y = (icon.top ?? 0) - (side - h) / 2;
    yield { name, svg: (color) => `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${side}" height="${side}" `
      + `viewBox="${x} ${y} ${side} ${side}" color="${color}">${icon.body.replaceAll("currentColor", color)}</svg>` };
  }
}

/** code point sequence of each icon name of an emoji set, where the package tells it */
function codesOf(prefix) {
  const codes = new Map();
  for (const [code, name] of Object.entries(require(`@iconify-json/${prefix}/chars.json`))) {
    const key = code.toLowerCase().replace(/-fe0f/g, "");
    if (!codes.has(name) || labels.has(key)) codes.set(name, key);
  }
  return codes;
}

const TONE = /skin-tone|(^|-)(light|medium|dark|medium-light|medium-dark)(-(light|medium|dark))*$|-(tone)?-?[1-6]$|(1f3fb|1f3fc|1f3fd|1f3fe|1f3ff)/;
// weights that differ from a kept one by a hairline only, and turned copies
const SKIP = { ph: /-(thin|light)$/, "material-symbols": /-(sharp|rounded)$/, ic: /-(sharp|round)$/, solar: /-(broken|outline)$/ };

function writeSet(name, rows) {
  const folder = path.join(output, name);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const lines = [];
  const seen = new Set();
  let failed = 0;
  let index = 0;
  const at = path.join(output, "parts", name + ".at");
  fs.mkdirSync(path.join(output, "parts"), { recursive: true });
  for (const row of rows) {
    let pixels = null;
    if (leftOut.has(String(index))) { index++; failed++; continue; }
    fs.writeFileSync(at, String(index++));
    try { pixels = raster(row.svg, row.crop ?? false, SIDE); } catch { failed++; continue; }
    if (pixels === null) { failed++; continue; }
    const data = png(pixels, SIDE, 4);
    const key = data.toString("latin1");
    if (seen.has(key)) continue;
    seen.add(key);
    const file = `${name}/${String(lines.length).padStart(5, "0")}.png`;
    fs.writeFileSync(path.join(output, file), data);
    lines.push(JSON.stringify({ file_name: file, text: row.text, source: name }));
  }
  fs.rmSync(at);
  fs.writeFileSync(path.join(output, "parts", name + ".jsonl"), lines.map((l) => l + "\n").join(""));
  console.log(`${name}\t${lines.length}\t${failed} not drawn`);
}

function iconify() {
  const sets = fs.readFileSync(path.join(here, "icon-sets.txt"), "utf8").split("\n").filter((l) => l && !l.startsWith("#")).map((l) => l.split(" "));
  const only = extra ? new Set(extra.split(",")) : null;
  for (const [prefix, , kind] of sets) {
    if (only ? !only.has(prefix) : false) continue;
    if (!only || only.size > 1) {
      isolated(prefix);
      continue;
    }
    const codes = kind === "emoji" ? codesOf(prefix) : null;
    writeSet(prefix, (function* () {
      for (const icon of iconsOf(prefix)) {
        if (SKIP[prefix]?.test(icon.name)) continue;
        let text;
        if (codes) {
          const code = codes.get(icon.name);
          if (TONE.test(icon.name) || (code && TONE.test(code))) continue;
          const label = code ? labels.get(code)?.label : undefined;
          text = label ? cleanLabel(label) : caption(icon.name);
        } else {
          text = caption(icon.name);
        }
        if (text) yield { text, svg: icon.svg(ink(prefix + icon.name)) };
      }
    })());
  }
}

/** Draws one set in a process of its own, because a few drawings abort the renderer: each such drawing is left out, and the set drawn again. */
function isolated(prefix) {
  const bad = [];
  for (;;) {
    const run = spawnSync(process.execPath, [process.argv[1], modules, output, "iconify", prefix, bad.join(",")], { stdio: ["ignore", "inherit", "ignore"] });
    if (run.status === 0) return;
    const at = fs.readFileSync(path.join(output, "parts", prefix + ".at"), "utf8");
    if (bad.includes(at)) throw new Error(`${prefix}: cannot draw even without ${bad}`);
    bad.push(at);
    console.log(`${prefix}\tleaves out drawing ${at}: the renderer aborts on it`);
  }
}

function clipart(folder) {
  const files = fs.readdirSync(folder, { recursive: true }).filter((f) => f.endsWith(".svg")).sort();
  const times = new Map();
  writeSet("openclipart", (function* () {
    for (const file of files) {
      const full = path.join(folder, file);
      if (fs.statSync(full).size > 400_000) continue;
      let svg = fs.readFileSync(full, "utf8");
      if (!/<svg[^>]*xmlns=/.test(svg)) svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
      let title = /<dc:title>([^<]*)</.exec(svg)?.[1] || "";
      // titles that name a collection or the author say nothing about the picture: take the file's name
      if (!title || /collection|theme|nicu|gramastar/i.test(title)) title = path.basename(file, ".svg").replace(/_.{0,3}\d*$/, "");
      const keywords = [...svg.matchAll(/<rdf:li>([^<]*)</g)].map((m) => m[1]).filter((w) => w !== "unsorted").slice(0, 3);
      const words = [title, ...keywords].join(" ").toLowerCase().replace(/&[a-z#0-9]+;/g, " ").split(/[^a-z]+/).filter((w) => w.length > 1);
      const text = [...new Set(words)].slice(0, 6).join(" ");
      times.set(text, (times.get(text) ?? 0) + 1);
      if (text && times.get(text) <= 40) yield { text, svg, crop: true };
    }
  })());
}

/** Held-out style: Fluent emoji, flat, 32x32 RGB on white; whole emoji only (no skin tones, flags, gendered copies). */
function heldout() {
  const codes = codesOf("fluent-emoji-flat");
  const rows = [];
  const taken = new Set();
  fs.rmSync(output, { recursive: true, force: true });
  fs.mkdirSync(output, { recursive: true });
  for (const icon of iconsOf("fluent-emoji-flat")) {
    const code = codes.get(icon.name);
    const entry = code ? labels.get(code) : undefined;
    if (!entry || entry.group === undefined || [2, 8, 9].includes(entry.group)) continue; // component, symbols, flags
    if (code.includes("200d") || TONE.test(code) || TONE.test(icon.name)) continue;
    const text = cleanLabel(entry.label);
    if (taken.has(text)) continue;
    taken.add(text);
    const rgba = raster(icon.svg("#000000"), false, 32);
    if (rgba === null) continue;
    const rgb = Buffer.alloc(32 * 32 * 3);
    for (let p = 0; p < 32 * 32; p++) {
      const a = rgba[p * 4 + 3] / 255;
      for (let c = 0; c < 3; c++) rgb[p * 3 + c] = Math.round(rgba[p * 4 + c] * a + 255 * (1 - a));
    }
    rows.push({ code, text, data: png(rgb, 32, 3) });
  }
  rows.sort((a, b) => (a.code < b.code ? -1 : 1));
  const lines = rows.map((row) => {
    const file = row.code + ".png";
    fs.writeFileSync(path.join(output, file), row.data);
    return JSON.stringify({ file_name: file, text: row.text, source: "fluent-emoji-flat" }) + "\n";
  });
  fs.writeFileSync(path.join(output, "metadata.jsonl"), lines.join(""));
  console.log(`heldout\t${rows.length}`);
}

if (mode === "iconify") iconify();
else if (mode === "clipart") clipart(extra);
else if (mode === "heldout") heldout();
else throw new Error(`unknown mode ${mode}`);
