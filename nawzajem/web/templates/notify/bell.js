// Woken by the push service of the browser. What came carries no word; the house is asked what to say, and if it does not
// answer, or nobody is signed in here any more, one plain sentence stands for it.
const PLAIN = { title: "Nawzajem", body: "{{ plain|escapejs }}", address: "/", language: "{{ language }}" };

async function say() {
  const answer = await fetch("{% url 'rang' %}", { credentials: "same-origin" }).catch(() => null);
  const told = answer?.ok && !answer.redirected ? await answer.json().catch(() => ({})) : {};
  const { title, body, address, language } = { ...PLAIN, ...told };
  await registration.showNotification(title, { body, lang: language, tag: address, data: address });
}

async function open(address) {
  const [here] = await clients.matchAll({ type: "window" });
  return here ? here.navigate(address).then((page) => page?.focus()) : clients.openWindow(address);
}

addEventListener("push", (event) => event.waitUntil(say()));
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});
