// The server's events, with one promise: if they stop, the page says so and tries again until they are back.
const retryMs = 2000;

// A second without a sample is a hiccup; three are an outage.
const silenceMs = 3500;

export function listen({ about, history, sample, state }) {
  let source;
  let lastHeard = 0;
  let retry = null;

  function open() {
    retry = null;
    source = new EventSource('/live');
    source.addEventListener('about', event => { heard(); about(JSON.parse(event.data)); });
    source.addEventListener('history', event => history(JSON.parse(event.data)));
    source.addEventListener('sample', event => { heard(); sample(JSON.parse(event.data)); });
    source.onerror = again;
  }

  function heard() {
    lastHeard = performance.now();
    state('live', 'live');
  }

  function again() {
    source.close();
    if (retry === null) retry = setTimeout(open, retryMs);
    lost();
  }

  function lost() {
    if (lastHeard === 0) {
      state('gone', 'no server yet, trying again');
      return;
    }

    const seconds = Math.round((performance.now() - lastHeard) / 1000);
    state('gone', seconds < 3 ? 'server gone, trying again' : `server gone for ${seconds} s, trying again`);
  }

  setInterval(() => { if (lastHeard > 0 && performance.now() - lastHeard > silenceMs) lost(); }, 1000);
  open();
}
