import { expect, test } from "bun:test";
import { ansiToHtml } from "./ansi.ts";

test.each<[string, string, string]>([
  ["plain text", "a < b & c > \"d\" 'e'", "a &lt; b &amp; c &gt; &quot;d&quot; &#x27;e&#x27;"],
  ["a colour", "\x1b[31mred\x1b[0m plain", '<span class="fg-red">red</span> plain'],
  ["a bright colour on another", "\x1b[96;41mx", '<span class="fg-bright-cyan bg-red">x</span>'],
  [
    "bold, italic, underlined, and each of it off",
    "\x1b[1;3;4ma\x1b[22;23;24mb",
    '<span class="bold italic underline">a</span>b',
  ],
  ["an empty reset", "\x1b[32ma\x1b[mb", '<span class="fg-green">a</span>b'],
  ["a colour of the 256", "\x1b[38;5;196mx", '<span class="fg-bright-red">x</span>'],
  ["a true colour with attributes after it", "\x1b[38;2;0;100;0;1mx", '<span class="fg-green bold">x</span>'],
  ["what does not end", "\x1b[1mx", '<span class="bold">x</span>'],
  ["other sequences", "a\x1b[2Kb\x1b]0;title\x07c\x1b[10;5Hd", "abcd"],
  ["markup in colour", "\x1b[31m<script>\x1b[0m", '<span class="fg-red">&lt;script&gt;</span>'],
  ["a broken sequence", "a\x1b[31", "a\u241b[31"],
  ["an unknown code", "\x1b[99999mx", "x"],
])("%s", (_, line, html) => {
  expect(ansiToHtml(line)).toBe(html);
});
