// A message of one's own gets other words, or is taken back, where it stands. What was decided goes into the box behind the
// messages that wait there (nz:change), so it needs no network now. And all that waits there is shown and marked (nz:waits)
// until the house has it, or refuses it (nz:refused). No element: it belongs to the lines, which come and go.
const was = new Map(); // by key, lines as the house told them
let form;

document.addEventListener("click", (event) => {
  const pen = event.target.closest("nz-talk a[data-change]"), ways = document.querySelector("#change");
  if (!pen || !ways) return;
  event.preventDefault();
  open(pen.closest("[data-key]"), ways);
});

function open(line, ways) {
  form?.remove();
  form = ways.content.firstElementChild.cloneNode(true);
  const [field, said] = [form.elements.text, line.querySelector("time")?.dateTime];
  const before = field.value = line.querySelector(".words")?.textContent ?? "";
  const isOld = Boolean(said) && Date.now() - Date.parse(said) > ways.dataset.fresh * 1000;
  form.querySelectorAll("[data-young]").forEach((part) => { part.hidden = isOld; });
  form.querySelector("[data-old]").hidden = !isOld;
  const here = form, { key } = line.dataset;
  const done = (words) => {
    here.remove();
    if (words !== undefined && words !== before) tell("change", { key, words, after: lineOf(key)?.dataset.latest ?? "" });
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); done(field.value.trim() || undefined); });
  form.addEventListener("keydown", (event) => { if (event.key === "Escape") done(); });
  form.addEventListener("click", ({ target: { dataset: { say } } }) => { if (say) done(say === "back" ? "" : undefined); });
  line.after(form); // beside it: one that waits is exchanged for the one that is kept
  form.scrollIntoView({ block: "center" }); // not behind the field for new words
  (isOld ? form.querySelector("[data-say=leave]") : field).focus({ preventScroll: true });
}

// How it will be: behind all others, or where the message stands. Of a message that waits itself the mark is there already.
document.addEventListener("nz:waits", ({ target, detail: { key, words, isNew } }) => {
  const like = target.querySelector("template").content.firstElementChild, line = isNew ? put(like, key) : lineOf(key);
  if (!line?.querySelector(".words")) return;
  if (!line.matches("[data-pending], [data-changing]")) {
    was.set(key, line.cloneNode(true));
    line.querySelector(".message-about").prepend(...[...like.querySelectorAll("[data-when]")].map((mark) => mark.cloneNode(true)));
    line.toggleAttribute("data-changing", true);
  }
  line.querySelector(".words").textContent = words || document.querySelector("#change").dataset.gone;
  if (!words) line.querySelector("[data-change]")?.remove();
});

// The next change is made upon this one, whether or not the stream has brought it.
document.addEventListener("nz:kept", ({ detail: { key, seq } }) => {
  const line = lineOf(key);
  if (line && seq) line.dataset.latest = Math.max(seq, line.dataset.latest ?? 0);
});

// A message is here no more; a changed one is as it was, unless the house has told it anew since.
document.addEventListener("nz:refused", ({ detail: { key, isNew } }) => {
  const line = lineOf(key);
  if (isNew) line?.remove(); else if (line?.matches("[data-changing]")) line.replaceWith(was.get(key));
});

function put(like, key) {
  const line = like.cloneNode(true);
  line.dataset.key = key;
  document.querySelector(".talk-lines #last").before(line);
  line.closest("nz-talk").scrollIntoView({ block: "end" });
  return line;
}
function lineOf(key) { return document.querySelector(`.talk-lines [data-key="${CSS.escape(key)}"]`); }
function tell(kind, detail) { document.dispatchEvent(new CustomEvent(`nz:${kind}`, { detail })); }
