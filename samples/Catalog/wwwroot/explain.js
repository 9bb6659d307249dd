// Asks the cache about one key and shows its answer as it is.
const form = document.getElementById('explain-form');
const input = document.getElementById('explain-id');
const text = document.getElementById('explain-text');

export function connectExplain() {
  form.addEventListener('submit', event => {
    event.preventDefault();
    explain(input.value);
  });
}

export async function explain(id) {
  input.value = id;
  try {
    const response = await fetch(`/explain/${encodeURIComponent(id)}`);
    if (!response.ok) throw new Error(`${response.status}`);
    // One sentence a line: it is read to find one fact, not from beginning to end.
    text.textContent = (await response.json()).text.replace(/\. (?=[A-Z])/g, '.\n');
    text.dataset.state = 'asked';
  } catch {
    text.textContent = 'The server gave no explanation; is it still there?';
    text.dataset.state = 'failed';
  }
}
