// <nz-talk>: the messages of a talk, live. Each has a place, and so has each change of one; what is newer by one is put in,
// and wherever one is missing all that is newer is fetched. So it does not matter what the stream said, said twice, or could not say.
const [NEAR, PAGE] = [120, 50]; // pixels from the end within which somebody reads the end; messages fetched at once

class Talk extends HTMLElement {
  last = 0; #read = 0; #fetching = Promise.resolve(); #deaf = false; #clock; #quiet; #heard;
  connectedCallback() {
    [this.lines, this.end, this.below] = [".talk-lines", "#last", ".talk-below"].map((one) => this.querySelector(one));
    this.#read = this.last = Math.max(0, ...[...this.lines.querySelectorAll("[data-latest]")].map(latest));
    this.#heard = { "nz:message": this.#message, "nz:typing": this.#typing, "nz:open": this.#open, "nz:changed": this.#open, "nz:deaf": () => { this.#deaf = true; }, visibilitychange: this.#seen, scroll: this.#seen };
    for (const [kind, hear] of Object.entries(this.#heard)) document.addEventListener(kind, hear, { passive: true });
    this.addEventListener("nz:kept", ({ detail: { seq, key } }) => this.#kept(seq, key));
    this.addEventListener("input", () => { if (this.#atEnd) this.#toEnd(); }); // a field that grows covers nothing
    this.below.addEventListener("click", (event) => { event.preventDefault(); this.#toEnd(); });
    this.#clock = setInterval(() => { if (this.#deaf && !document.hidden) this.#catchUp(); }, 10_000);
    if (!location.hash || location.hash === "#last") this.#toEnd();
    const unread = this.querySelector("#new");
    if (unread?.getBoundingClientRect().top < 0) unread.scrollIntoView();
    this.#catchUp(); // what came between the making of this page and now
  }

  disconnectedCallback() { clearInterval(this.#clock); for (const [kind, hear] of Object.entries(this.#heard)) document.removeEventListener(kind, hear); }
  #toEnd() { this.scrollIntoView({ block: "end" }); }
  get #atEnd() { return this.getBoundingClientRect().bottom < innerHeight + NEAR; }
  #open = () => { this.#deaf = false; this.#catchUp(); };
  #message = (event) => {
    const [line] = parse(event.detail);
    if (line?.dataset.talk !== this.dataset.talk) return;
    if (latest(line) > this.last + 1) this.#catchUp(); else this.#add([line]);
  };
  #catchUp() { // one after the other; a second one finds nothing, which is cheap
    this.#fetching = this.#fetching.then(async () => {
      for (let lines = { length: PAGE }; lines.length === PAGE;) {
        const answer = await fetch(`${this.dataset.address}messages?after=${this.last}`).catch(() => null);
        this.#add(lines = answer?.ok ? parse(await answer.text().catch(() => "")) : [], answer?.headers.get("X-Nawzajem-First"));
      }
    });
  }
  // The stream brings it; if not, it is fetched. Sent again because an answer was lost, it may be here already.
  #kept(seq, key) { if (seq <= this.last) this.#arrived(key); else setTimeout(this.#open, 1500); }
  #arrived(key) { this.querySelector(`[data-pending][data-key="${CSS.escape(key)}"]`)?.remove(); }
  #add(lines, first = 0) { // what stood before the first is there no more
    const follow = this.#atEnd;
    this.lines.querySelectorAll("[data-seq]").forEach((line) => { if (Number(line.dataset.seq) < first) line.remove(); });
    const newer = lines.filter((line) => latest(line) > this.last);
    const said = newer.filter((line) => this.#put(line));
    this.last = Math.max(this.last, ...newer.map(latest));
    if (said.some((line) => !line.hasAttribute("data-mine"))) { this.#typing(null); this.below.hidden = follow; }
    if (follow) this.#toEnd();
    this.#seen();
  }
  // A changed message stands where it stood; one from before this page began is not shown here. True for one that is new.
  #put(line) {
    const lines = [...this.lines.querySelectorAll("[data-seq]")], next = lines.find((one) => Number(one.dataset.seq) >= Number(line.dataset.seq));
    const there = next?.dataset.seq === line.dataset.seq;
    this.#arrived(line.dataset.key);
    if (next === lines[0] && next && !there) return false;
    if (there) next.replaceWith(line); else (next ?? this.lines.querySelector("[data-pending]") ?? this.end).before(line);
    if (line.previousElementSibling?.dataset.day === line.dataset.day) line.querySelector(".message-day")?.remove();
    this.querySelector(".talk-first")?.remove();
    return !there;
  }
  #seen = () => { // read is what stood before somebody's eyes; the others are not told
    if (document.hidden || !this.#atEnd) return;
    this.below.hidden = true;
    if (this.last <= this.#read) return;
    this.#read = this.last;
    fetch(`${this.dataset.address}read`, { method: "POST", headers: { "X-Nawzajem": "talk" }, body: new URLSearchParams({ seq: this.#read }) }).catch(() => { this.#read = 0; });
  };
  #typing = (event) => {
    if (event && event.detail.split(" ")[0] !== this.dataset.talk) return;
    clearTimeout(this.#quiet);
    this.querySelector(".talk-typing > *").hidden = !event;
    if (event) this.#quiet = setTimeout(() => this.#typing(null), 6000);
  };
}

const latest = (line) => Number(line.dataset.latest);
const parse = (words) => [...new DOMParser().parseFromString(words, "text/html").querySelectorAll("[data-seq]")];
customElements.define("nz-talk", Talk);
