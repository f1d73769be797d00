type Json = Readonly<Record<string, unknown>>;
type Operation = {
  readonly tags?: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly description?: string }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Json; readonly example: Json }>>;
  };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Json }>>;
};

/** A page that shows an OpenAPI document, and can send its requests. */
export function docsPage(document: Json): string {
  const { info, paths, tags } = document as {
    readonly info: { readonly title: string; readonly description: string };
    readonly tags: readonly { readonly name: string }[];
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const sections = tags.flatMap(({ name }) => [
    `<h2>${escaped(name)}</h2>`,
    ...Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, operation]) => operation.tags?.includes(name))
        .map(([method, operation]) => section(path, method.toUpperCase(), operation)),
    ),
  ]);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(info.title)} API</title>
<link rel="stylesheet" href="/docs/docs.css">
<script src="/docs/docs.js" defer></script>
</head>
<body>
<main>
<h1>${escaped(info.title)} API</h1>
<p>${escaped(info.description)}</p>
<p>The same as a document: <a href="/openapi.json">openapi.json</a></p>
<p><label>Key, where this server asks for one <input id="key" type="password" autocomplete="off"></label></p>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function section(path: string, method: string, operation: Operation): string {
  const [[, body] = []] = Object.entries(operation.requestBody?.content ?? {});
  const [[status, answer] = []] = Object.entries(operation.responses);
  const socket = status === '101';
  const answers = socket ? answer?.description : `Answers with ${Object.keys(answer?.content ?? {}).join(', ')}.`;
  return `<details>
<summary><code>${method} ${escaped(path)}</code> ${escaped(operation.summary)}</summary>
<p>${escaped(`${operation.description ?? ''} ${answers ?? ''}`)}</p>
${body ? fieldTable(body.schema) : ''}
${socket ? parameterList(operation) : tryBox(path, method, operation)}
</details>`;
}

function parameterList({ parameters = [] }: Operation): string {
  const rows = parameters.map(
    ({ name, description = '' }) => `<li><code>${escaped(name)}</code> ${escaped(description)}</li>`,
  );
  return `<ul>${rows.join('')}</ul>`;
}

function tryBox(path: string, method: string, { requestBody, parameters = [] }: Operation): string {
  const [[type, body] = []] = Object.entries(requestBody?.content ?? {});
  const file = type === 'multipart/form-data' ? '<p><label>file <input type="file" name="file"></label></p>' : '';
  const inputs = parameters.map(
    ({ name, in: where, description = '' }) =>
      `<p><label>${escaped(name)} <input name="${escaped(name)}" data-in="${where}"></label> ${escaped(description)}</p>`,
  );
  return `<div class="try" data-method="${method}" data-path="${escaped(path)}" data-type="${escaped(type ?? '')}">
${inputs.join('')}${file}
${body ? `<p><label>Fields<textarea rows="10" spellcheck="false">${escaped(JSON.stringify(body.example, null, 2))}</textarea></label></p>` : ''}
<button type="button">Send</button>
<pre aria-live="polite"></pre>
</div>`;
}

function fieldTable(schema: Json): string {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, Json>>;
  const required = (schema.required ?? []) as readonly string[];
  const rows = Object.entries(properties).map(
    ([name, field]) =>
      `<tr><td><code>${escaped(name)}</code>${required.includes(name) ? ' *' : ''}</td><td>${escaped(typeOf(field))}</td><td>${escaped(String(field.description ?? ''))}${field.default === undefined ? '' : ` Default: <code>${escaped(JSON.stringify(field.default))}</code>`}</td></tr>`,
  );
  return `<table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function typeOf(field: Json): string {
  if (Array.isArray(field.enum)) return field.enum.map((value) => JSON.stringify(value)).join(' | ');
  const several = (field.anyOf ?? field.oneOf) as readonly Json[] | undefined;
  if (several) return several.map(typeOf).join(' | ');
  if (field.type === 'array') return `list of ${typeOf((field.items ?? {}) as Json)}`;
  return String(field.const === undefined ? (field.type ?? 'anything') : JSON.stringify(field.const));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
