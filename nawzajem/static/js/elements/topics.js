// <nz-topics>: finds topics by the beginnings of words, in any of the languages, with or without diacritics.
const PLAIN = { ł: "l", ß: "ss", ø: "o", đ: "d" };

function fold(text) {
  const plain = text.toLowerCase().replace(/[łßøđ]/g, (letter) => PLAIN[letter]);
  return plain.normalize("NFKD").replace(/\p{M}/gu, "").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

class Topics extends HTMLElement {
  #opened = new Map(); // how the groups stood before the search began
  #choices;

  connectedCallback() {
    this.field = this.querySelector("input[type=search]");
    this.status = this.querySelector("[role=status]");
    this.field.closest("[hidden]").hidden = false;
    this.field.addEventListener("focus", () => this.#learn());
    this.field.addEventListener("input", async () => {
      const choices = await this.#learn();
      this.#find(fold(this.field.value), choices);
    });
    // Enter looks; it does not send the form around it.
    this.field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  }

  // Other words for the topics come when somebody begins to search; should they not come, their names are searched.
  #learn() {
    this.#choices ??= fetch(this.dataset.words).then((answer) => answer.json()).catch(() => ({})).then((words) =>
      [...this.querySelectorAll(".choice")].map((label) => {
        const known = words[label.querySelector("input").value];
        return { label, words: fold(known ?? label.textContent) };
      }));
    return this.#choices;
  }

  #find(wanted, choices) {
    const groups = [...this.querySelectorAll("details")];
    if (wanted.length && !this.#opened.size) groups.forEach((group) => this.#opened.set(group, group.open));
    for (const { label, words } of choices) label.hidden = !fits(wanted, words);
    for (const group of groups) {
      const some = Boolean(group.querySelector(".choice:not([hidden])"));
      group.hidden = !some;
      group.open = wanted.length ? some : this.#opened.get(group) ?? group.open;
    }
    if (!wanted.length) this.#opened.clear();
    this.status.textContent = "";
    if (!groups.every((group) => group.hidden)) return;
    this.#find([], choices); // the whole list is a better answer than an empty page
    this.status.textContent = this.status.dataset.none;
  }
}

// Every word that was typed begins one of the words; for longer ones the stem is enough, for Polish endings change.
function fits(wanted, words) {
  return wanted.every((one) => words.some((word) => word.startsWith(one) || (one.length > 4 && word.startsWith(one.slice(0, Math.max(4, one.length - 3))))));
}

customElements.define("nz-topics", Topics);
