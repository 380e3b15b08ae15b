// <nz-outbox data-keep="...">: what is sent, and what is changed of it, lies in a box on this device until the house says that
// it is kept. Each has a key, so asking twice is harmless; in order, again and again, by one page. Taken back unsent, it never goes.
const MAY_TRY_AGAIN = new Set([0, 408, 425, 429, 500, 502, 503, 504]);
let store; // where a browser keeps nothing, the box lasts as long as the page
try { store = localStorage; store["nz:try"] = "1"; delete store["nz:try"]; } catch { store = {}; }

class Outbox extends HTMLElement {
  #failures = 0; #timer; #sending = false; #talk; #box;
  connectedCallback() {
    this.#talk = this.closest("nz-talk");
    this.#box = `nz:box:${this.dataset.keep}:`;
    [this.text, this.error] = ["textarea", "[role=alert]"].map((one) => this.querySelector(one));
    this.addEventListener("submit", (event) => { event.preventDefault(); this.#take(this.text.value.trim()); });
    this.addEventListener("input", () => { this.error.hidden = true; });
    document.addEventListener("nz:change", this.#change);
    addEventListener("online", this.#send);
    this.#waiting.forEach((name) => this.#show(name)); this.#send();
  }
  disconnectedCallback() { removeEventListener("online", this.#send); document.removeEventListener("nz:change", this.#change); clearTimeout(this.#timer); }
  get #waiting() { return Object.keys(store).filter((name) => name.startsWith(this.#box)).sort(); }
  #take(text) { if (text) { this.#write(""); this.#keep(text, newKey()); } }
  #change = ({ detail: { key, words, after } }) => this.#keep(words, `${key}~${after}`); // no words take it back
  #keep(text, key) { // behind all that wait, whatever the clock says
    const last = Number(this.#waiting.at(-1)?.slice(this.#box.length).split(":")[0] ?? 0);
    const name = `${this.#box}${String(Math.max(Date.now(), last + 1)).padStart(15, "0")}:${key}`;
    store[name] = text;
    this.#show(name); this.#send();
  }
  #show(name) { this.#tell("waits", { key: keyOf(name), words: store[name], isNew: !isChange(name) }); }
  #showChanges() { this.#waiting.filter(isChange).forEach((name) => this.#show(name)); } // over what was told anew meanwhile, or put back
  #send = () => {
    if (this.#sending) return; this.#sending = true;
    if (navigator.locks) navigator.locks.request(this.#box, this.#empty); else this.#empty();
  };
  #empty = async () => {
    clearTimeout(this.#timer);
    for (let [name] = this.#waiting; name; [name] = this.#waiting) {
      const [client_key, after] = partsOf(name), text = store[name], mark = `nz:went:${client_key}`;
      const mayBeThere = isChange(name) || store[mark], isOff = navigator.onLine === false;
      if (!mayBeThere && this.#isTakenBack(client_key)) { this.#forget(client_key); continue; }
      if (!mayBeThere) store[mark] = "1"; // from now on
      const body = new URLSearchParams({ text, client_key, ...(after && { after }), ...(!text && { withdrawn: "yes" }) });
      const signal = AbortSignal.timeout?.(30_000); // whoever waits for ever keeps the other pages from sending
      const answer = await fetch(`${this.#talk.dataset.address}${isChange(name) ? "changes" : "messages"}`, { method: "POST", headers: { "X-Nawzajem": "talk" }, body, signal }).catch(() => null);
      const said = (await answer?.json().catch(() => null)) ?? {};
      if (!answer && isOff && !mayBeThere) delete store[mark]; // it never left
      if (!answer || MAY_TRY_AGAIN.has(answer.status) || said.code === "signed_out") { this.#later(said.code); break; }
      this.#failures = 0; delete store[name]; delete store[mark];
      if (answer.ok) this.#kept(client_key, said); else this.#back(name, text, said);
      this.#showChanges();
    }
    this.#sending = false; // in one breath with having found the box empty
  };
  #of(key) { return this.#waiting.filter((name) => keyOf(name) === key); }
  #isTakenBack(key) { return this.#of(key).some((name) => isChange(name) && !store[name]); }
  #forget(key) { this.#of(key).forEach((name) => { delete store[name]; }); this.#tell("refused", { key, isNew: true }); }
  // What waits of the same message is made upon what it is now.
  #kept(key, said) {
    for (const name of this.#of(key)) { const words = store[name]; delete store[name]; store[name.replace(/~.*/, `~${said.seq ?? ""}`)] = words; }
    this.#tell("kept", said);
  }
  // It stays in the box, and is marked so that nobody thinks it has arrived.
  #later(code) {
    const why = code === "signed_out" ? code : "waiting"; this.#showChanges();
    this.#talk.querySelectorAll("[data-when]").forEach((word) => { word.hidden = word.dataset.when !== why; });
    this.#timer = setTimeout(this.#send, Math.min(60_000, 1000 * 2 ** this.#failures++) * (0.5 + Math.random()));
  }
  // Refused for good: the words go back to where they were written, with the reason.
  #back(name, text, said) {
    this.#tell("refused", { key: keyOf(name), isNew: !isChange(name) });
    this.#write([text, this.text.value].filter(Boolean).join("\n\n"));
    this.error.textContent = [said.sentence, ...Object.values(said.fields ?? {}).flat()].join(" "); this.error.hidden = false;
  }
  #tell(kind, detail) { this.dispatchEvent(new CustomEvent(`nz:${kind}`, { bubbles: true, detail })); }
  #write(text) { this.text.value = text; this.text.dispatchEvent(new Event("input", { bubbles: true })); }
}
const newKey = () => crypto.randomUUID?.() ?? `k-${Date.now()}-${Math.random().toString(36).slice(2)}`;
// The name of each ends in its key; of a change, in `~` and the place of the message that it was made upon, where it has one.
const partsOf = (name) => name.slice(name.lastIndexOf(":") + 1).split("~"), keyOf = (name) => partsOf(name)[0], isChange = (name) => name.includes("~");
customElements.define("nz-outbox", Outbox);
