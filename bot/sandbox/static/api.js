// Speaking with the rehearsal: asking, acting, and hearing what changed.

const AWAY = "The rehearsal isn't running. Start it again, and this page goes on where it was.";

async function answerTo(request) {
  try {
    const answer = await request;
    const body = await answer.json();
    return answer.ok
      ? body
      : { ok: false, refused: true, error: body.error ?? `The rehearsal answered ${answer.status}.` };
  } catch {
    return { ok: false, refused: true, away: true, error: AWAY };
  }
}

export function ask(path, query = {}) {
  return answerTo(fetch(`/rehearsal/${path}?${new URLSearchParams(query)}`));
}

export function act(path, body, method = "POST") {
  const headers = { "Content-Type": "application/json" };
  return answerTo(fetch(`/rehearsal/${path}`, { method, headers, body: body && JSON.stringify(body) }));
}

// News for one person until the returned function is called. A lost stream is opened again, ever more patiently.
export function listen(person, { heard, opened, lost }) {
  let source = null;
  let timer = null;
  let patience = 500;
  let over = false;
  const open = () => {
    source = new EventSource(`/rehearsal/events?person=${encodeURIComponent(person)}`);
    source.onopen = () => {
      patience = 500;
      opened();
    };
    source.onmessage = (event) => heard(JSON.parse(event.data));
    source.onerror = () => {
      source.close();
      if (over) return;
      lost();
      timer = setTimeout(open, patience);
      patience = Math.min(patience * 2, 8000);
    };
  };
  open();
  return () => {
    over = true;
    clearTimeout(timer);
    source.close();
  };
}
