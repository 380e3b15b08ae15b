// <nz-stream data-address="/live/p/.../stream">: one stream for a browser, however many pages of it are open. The pages
// choose one among them, by a lock; it passes on what it hears. All is told on `document`: nz:message, nz:typing, nz:here,
// nz:gone, nz:unread, nz:changed; and nz:open, nz:deaf when the stream begins and fails.
const KINDS = ["message", "typing", "here", "gone", "unread", "changed", "beat"];
const SILENT = 50_000; // the house gives a sign of life every 20 seconds

class Stream extends HTMLElement {
  #channel; #clock; #source = null; #leave = null; #heardAt = Date.now(); #failures = 0; #here = new Set();

  connectedCallback() {
    this.#channel = new BroadcastChannel(`nz:${this.dataset.address}`);
    this.#channel.onmessage = ({ data: [kind, data] }) => (kind === "hello" ? this.#greet() : this.#hear(kind, data));
    this.#channel.postMessage(["hello", ""]);
    this.#clock = setInterval(() => this.#look(), 5000);
    addEventListener("pagehide", this.#hide); addEventListener("pageshow", this.#show);
    this.#stand();
  }

  disconnectedCallback() {
    clearInterval(this.#clock);
    removeEventListener("pagehide", this.#hide); removeEventListener("pageshow", this.#show);
    this.#hide();
    this.#channel.close();
  }

  #hide = () => { this.#close(); this.#leave?.(); }; // a page that the browser keeps in memory must not keep the lock
  #show = (event) => { if (event.persisted) this.#stand(); };
  // Whoever has the lock listens for all. To `steal` it is right when a page was put to sleep with it.
  #stand(steal = false) {
    const held = () => new Promise((leave) => { this.#leave = leave; this.#open(); });
    if (!navigator.locks) { held(); return; } // plain http from another machine: each page for itself
    navigator.locks.request(`nz:${this.dataset.address}`, steal ? { steal } : {}, held).catch(() => { this.#close(); this.#stand(); });
  }

  #open() {
    this.#close();
    this.#source = new EventSource(this.dataset.address);
    this.#source.onopen = () => { this.#failures = 0; this.#tell("open", ""); };
    this.#source.onerror = () => { if (this.#source?.readyState === EventSource.CLOSED) this.#fail(); };
    for (const kind of KINDS) this.#source.addEventListener(kind, (event) => this.#tell(kind, event.data));
  }

  #close() { this.#source?.close(); this.#source = null; this.#here.clear(); }
  // After a lost line the browser comes back by itself, but not after a refusal: that is for us, ever more slowly.
  #fail() {
    this.#close();
    this.#tell("deaf", "");
    const pause = Math.min(60_000, 1000 * 2 ** this.#failures++) * (0.5 + Math.random());
    setTimeout(() => { if (this.isConnected && this.#leave && !this.#source) this.#open(); }, pause);
  }

  #look() {
    if (Date.now() - this.#heardAt < SILENT || document.hidden) return;
    this.#hear("deaf", "");
    if (this.#source) this.#open(); else this.#stand(true);
  }

  #tell(kind, data) { this.#hear(kind, data); this.#channel.postMessage([kind, data]); }
  #greet() { if (this.#source) this.#here.forEach((person) => this.#channel.postMessage(["here", person])); }
  #hear(kind, data) {
    this.#heardAt = Date.now();
    if (kind === "unread") count(JSON.parse(data));
    if (kind === "here") this.#here.add(data);
    if (kind === "gone") this.#here.delete(data);
    if (kind === "here" || kind === "gone") mark(data, kind === "here");
    document.dispatchEvent(new CustomEvent(`nz:${kind}`, { detail: data }));
  }
}
function count(unread) {
  const all = Object.values(unread).reduce((sum, n) => sum + n, 0);
  for (const place of document.querySelectorAll("[data-unread]")) {
    place.textContent = place.dataset.unread ? unread[place.dataset.unread] ?? 0 : all;
    place.hidden = place.textContent === "0";
  }
}
function mark(person, here) {
  document.querySelectorAll(`[data-person="${CSS.escape(person)}"]`).forEach((place) => place.toggleAttribute("data-here", here));
}

customElements.define("nz-stream", Stream);
