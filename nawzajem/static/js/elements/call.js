// <nz-call data-talk data-address="/live/p/.../call">: a call by voice, from this browser to the other's. The house passes on who
// rings and where each can be reached; the voices never go through it. data-state says what is shown.
const RINGS = 45_000;
const GATHER = 2500; // how long to look for ways before the best found so far are told

class Call extends HTMLElement {
  #number = ""; #after = 0; #peer = null; #voice = null; #timer; #looking = Promise.resolve(); #ways = {};
  connectedCallback() {
    this.addEventListener("click", (event) => this.#does[event.target.closest("[data-do]")?.dataset.do]?.());
    document.addEventListener("nz:changed", this.#heard); document.addEventListener("nz:open", this.#look);
    addEventListener("pagehide", this.#hang);
    this.#show("idle"); this.#look();
  }
  disconnectedCallback() {
    document.removeEventListener("nz:changed", this.#heard); document.removeEventListener("nz:open", this.#look);
    removeEventListener("pagehide", this.#hang);
    this.#hang();
  }
  get state() { return this.dataset.state; }
  #show(state) { this.dataset.state = state; clearTimeout(this.#timer); }
  #heard = ({ detail }) => { if (detail === `call:${this.dataset.talk}`) this.#look(); };
  #look = () => { this.#looking = this.#looking.then(() => this.#fetch()).catch(() => this.#over("broken")); };
  async #fetch() {
    const answer = await fetch(`${this.dataset.address}?after=${this.#after}`).catch(() => null);
    if (!answer?.ok) return;
    const { signals, ways, both } = await answer.json();
    [this.#ways, this.hidden] = [ways, !both];
    for (const one of signals) { this.#after = one.id; await this.#take(one); }
  }
  async #take({ number, step, body, mine, seconds }) {
    if (step === "ring" && !mine && this.state !== "talking" && seconds * 1000 < RINGS) return this.#rung(number, RINGS - seconds * 1000);
    if (number !== this.#number) return;
    if (mine) { if (this.state === "rung") this.#show("idle"); return; } // answered at another of my devices
    if (step === "decline") this.#over("declined");
    if (step === "end") this.#over(this.state === "rung" ? "missed" : "ended");
    if (step === "accept" && this.state === "ringing") { this.#show("joining"); await this.#meet(); await this.#tell("offer", await this.#described("createOffer")); }
    if (step === "offer" && this.#peer) { await this.#peer.setRemoteDescription(JSON.parse(body)); await this.#tell("answer", await this.#described("createAnswer")); }
    if (step === "answer" && this.#peer) await this.#peer.setRemoteDescription(JSON.parse(body));
  }
  #rung(number, left) { this.#number = number; this.#show("rung"); this.#timer = setTimeout(() => this.#show("missed"), left); }
  #does = {
    ring: async () => {
      if (!await this.#listen()) return;
      this.#number = [...crypto.getRandomValues(new Uint8Array(9))].map((n) => n.toString(16).padStart(2, "0")).join("");
      this.#show("ringing");
      this.#timer = setTimeout(() => { this.#tell("end"); this.#over("unanswered"); }, RINGS);
      await this.#tell("ring");
    },
    accept: async () => { if (await this.#listen()) { this.#show("joining"); await this.#meet(); await this.#tell("accept"); } },
    decline: () => { this.#tell("decline"); this.#over("idle"); }, end: () => { this.#hang(); this.#over("ended"); }, close: () => this.#show("idle"),
    mute: () => { const [track] = this.#voice.getTracks(); track.enabled = !track.enabled; this.toggleAttribute("data-muted", !track.enabled); },
  };
  async #listen() { // the browser asks for the microphone, once somebody has pressed
    this.#voice = await navigator.mediaDevices?.getUserMedia({ audio: true }).catch(() => null);
    if (!this.#voice) this.#show("deaf");
    return this.#voice;
  }
  async #meet() {
    this.#peer = new RTCPeerConnection(this.#ways);
    this.#voice.getTracks().forEach((track) => this.#peer.addTrack(track, this.#voice));
    this.#peer.ontrack = ({ streams: [theirs] }) => { this.querySelector("audio").srcObject = theirs; };
    this.#peer.onconnectionstatechange = () => { const now = this.#peer?.connectionState; if (now === "connected") this.#show("talking"); if (now === "failed") { this.#tell("end"); this.#over("broken"); } };
  }
  async #described(how) {
    await this.#peer.setLocalDescription(await this.#peer[how]());
    const peer = this.#peer, found = new Promise((done) => { peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done(); setTimeout(done, GATHER); });
    if (peer.iceGatheringState !== "complete") await found;
    return JSON.stringify(peer.localDescription);
  }
  async #tell(step, body = "") {
    const sent = { method: "POST", keepalive: step === "end", headers: { "X-Nawzajem": "call" }, body: new URLSearchParams({ number: this.#number, step, body }) };
    const answer = await fetch(this.dataset.address, sent).catch(() => null);
    if (!answer?.ok && step !== "end") { this.querySelector("[data-said]").textContent = (await answer?.json().catch(() => null))?.sentence ?? ""; this.#over("refused"); }
  }
  #hang = () => { if (["ringing", "joining", "talking"].includes(this.state)) this.#tell("end"); this.#stop(); };
  #stop() { this.#peer?.close(); this.#voice?.getTracks().forEach((track) => track.stop()); this.#peer = this.#voice = null; this.removeAttribute("data-muted"); }
  #over(state) { this.#stop(); this.#show(state); this.#number = ""; }
}
customElements.define("nz-call", Call);
