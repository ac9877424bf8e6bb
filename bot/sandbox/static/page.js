// What the page knows: who you are, where you look, and the names of everybody. Kept in the address.

export const page = { person: "T0HOME:U0ADA", place: "home", thread: null, state: null, names: null };

export function readAddress() {
  const [person, place, thread] = decodeURIComponent(location.hash.slice(1)).split("/");
  if (/^\w+:\w+$/.test(person ?? "")) page.person = person;
  page.place = place || "home";
  page.thread = thread || null;
}

export function address({ person, place, thread } = page) {
  return `#${[person, place, ...(thread ? [thread] : [])].join("/")}`;
}

// Writes where you are into the address; a step is one the Back button undoes.
export function writeAddress({ isStep }) {
  if (location.hash === address()) return;
  if (isStep) history.pushState(null, "", address());
  else history.replaceState(null, "", address());
}

export function learn(state) {
  page.state = state;
  const people = new Map(state.people.map((one) => [one.id, one.name]));
  const channels = new Map(state.channels.filter((one) => one.kind !== "dm").map((one) => [one.id, one.name]));
  page.names = {
    me: state.me.id,
    mark: JSON.stringify([[...people], [...channels]]),
    user: (id) => people.get(id),
    channel: (id) => channels.get(id),
    hasChannel: (name) => [...channels.values()].includes(name),
    now: () => new Date(page.state.now * 1000),
  };
}

export const workspaceName = () =>
  page.state.workspaces.find((one) => one.id === page.state.me.team)?.name ?? "Rehearsal workspace";
export const appChannel = () => page.state.channels.find((one) => one.kind === "dm");
// Each person has a conversation of their own with the app: it goes by its tab's name, whoever you have just become.
export const placeOf = (channel) => (channel.kind === "dm" ? "messages" : channel.id);
export const channelHere = () => page.state.channels.find((one) => placeOf(one) === page.place);
