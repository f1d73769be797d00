/** What the page does in a browser: sends the request of a section, and shows or plays what comes back. */
export const docsScript = `'use strict';
async function send(box) {
  const out = box.querySelector('pre');
  out.textContent = 'Sending';
  const { method, type } = box.dataset;
  let { path } = box.dataset;
  const query = new URLSearchParams();
  for (const input of box.querySelectorAll('input:not([type=file])'))
    if (input.dataset.in === 'query') input.value && query.set(input.name, input.value);
    else path = path.replace('{' + input.name + '}', encodeURIComponent(input.value));
  if (query.size > 0) path += '?' + query;
  const key = document.getElementById('key').value;
  const headers = key ? { authorization: 'Bearer ' + key } : {};
  const fields = box.querySelector('textarea');
  let body;
  if (fields) {
    const given = JSON.parse(fields.value);
    if (type === 'multipart/form-data') {
      body = new FormData();
      for (const [name, value] of Object.entries(given))
        for (const each of [value].flat()) body.append(name, String(each));
      const file = box.querySelector('input[type=file]').files[0];
      if (file) body.append('file', file, file.name);
    } else {
      headers['content-type'] = type;
      body = JSON.stringify(given);
    }
  }
  const answer = await fetch(path, { method, headers, body });
  const kind = answer.headers.get('content-type') || '';
  const ignored = answer.headers.get('x-parley-ignored');
  out.textContent = answer.status + ' ' + kind + (ignored ? '\\nwithout effect: ' + ignored : '') + '\\n\\n';
  if (kind.startsWith('audio/')) {
    const player = document.createElement('audio');
    player.controls = true;
    player.src = URL.createObjectURL(await answer.blob());
    out.append(player);
    return;
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) out.append(next.value);
}
for (const box of document.querySelectorAll('.try'))
  box.querySelector('button').addEventListener('click', () => {
    send(box).catch((error) => {
      box.querySelector('pre').textContent = String(error);
    });
  });
`;

export const docsStyle = `:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
details { border-top: 1px solid #8886; padding: 0.75rem 0; }
summary { cursor: pointer; }
table { border-collapse: collapse; width: 100%; font-size: 0.9em; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.5rem; border-top: 1px solid #8883; }
textarea { width: 100%; font: 0.9em/1.4 ui-monospace, monospace; display: block; }
pre { overflow-x: auto; white-space: pre-wrap; }
`;
