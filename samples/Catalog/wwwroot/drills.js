// The buttons. The server decides what is on; a button shows what the last sample said of it.
const said = document.getElementById('drill-said');
const buttons = [...document.querySelectorAll('[data-drill]')];
const descriptions = new Map(buttons.map(button => [button, button.querySelector('span').textContent]));

export function connectDrills() {
  for (const button of buttons) {
    button.addEventListener('click', () => run(button.dataset.drill));
    if ('timed' in button.dataset) button.setAttribute('aria-pressed', 'false');
  }
}

async function run(name) {
  try {
    const response = await fetch(`/drills/${name}`, { method: 'POST' });
    const answer = await response.json();
    said.textContent = answer.text ?? answer.detail ?? `The drill was refused (${response.status}).`;
  } catch {
    said.textContent = 'The server does not answer, so the drill did not begin.';
  }
}

let running = false;

export function showDrills(drills) {
  const were = running;
  running = Object.keys(drills).length > 0;
  if (were && !running) said.textContent = 'Nothing is running.';
  for (const button of buttons.filter(candidate => 'timed' in candidate.dataset)) {
    const left = drills[button.dataset.drill];
    button.setAttribute('aria-pressed', left === undefined ? 'false' : 'true');
    const text = left === undefined ? descriptions.get(button) : `on for ${Math.ceil(left)} s more; press to end`;
    const line = button.querySelector('span');
    if (line.textContent !== text) line.textContent = text;
  }
}
