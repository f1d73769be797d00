import { ParleyError } from '../../ports/errors.js';

/**
 * Lets a branch of an `If` in an ORT-format model put out a tensor that it computes but keeps to itself: the output
 * named `from` is given `to` instead. Type and rank must be the same. The model is a FlatBuffer (ONNX Runtime's
 * `ort.fbs`, version 6), whose strings may lie anywhere behind what points to them: the new names go to the end.
 *
 * @param branch `then_branch` or `else_branch`, of the first `If` of the main graph
 * @throws ParleyError `models.damaged` when the model has no such branch or output
 */
export function rewireBranch(
  model: Uint8Array,
  branch: 'then_branch' | 'else_branch',
  renames: ReadonlyMap<string, string>,
): Uint8Array {
  const appended = [...renames].map(([from, to]) => ({ from, bytes: flatString(to) }));
  const start = Math.ceil(model.length / 4) * 4;
  const total = appended.reduce((sum, { bytes }) => sum + bytes.length, start);
  const rewired = new Uint8Array(total);
  rewired.set(model);
  const buffer = new Buffers(rewired);
  const graph = branchOf(buffer, branch);
  const outputs = new Map(
    buffer.vector(graph, fieldOf.graph.outputs).map((slot) => [buffer.string(buffer.follow(slot)), slot]),
  );
  let at = start;
  for (const { from, bytes } of appended) {
    const slot = outputs.get(from);
    if (slot === undefined) throw damaged(`${branch} has no output ${from}`);
    rewired.set(bytes, at);
    buffer.view.setUint32(slot, at - slot, true);
    at += bytes.length;
  }
  return rewired;
}

/** Positions in the vtable of each table of `ort.fbs`. */
const fieldOf = {
  session: { model: 6 },
  model: { graph: 18 },
  graph: { nodes: 8, outputs: 16 },
  node: { opType: 14, attributes: 24 },
  attribute: { name: 4, graph: 18 },
} as const;

function branchOf(buffer: Buffers, branch: string): number {
  const session = buffer.follow(0);
  const graph = buffer.table(buffer.table(session, fieldOf.session.model), fieldOf.model.graph);
  for (const nodeSlot of buffer.vector(graph, fieldOf.graph.nodes)) {
    const node = buffer.follow(nodeSlot);
    if (buffer.string(buffer.table(node, fieldOf.node.opType)) !== 'If') continue;
    for (const attributeSlot of buffer.vector(node, fieldOf.node.attributes)) {
      const attribute = buffer.follow(attributeSlot);
      if (buffer.string(buffer.table(attribute, fieldOf.attribute.name)) === branch)
        return buffer.table(attribute, fieldOf.attribute.graph);
    }
  }
  throw damaged(`there is no ${branch}`);
}

/** Just enough of FlatBuffers: tables with a vtable, vectors and strings, all by offsets to what lies behind. */
class Buffers {
  readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  follow(slot: number): number {
    return slot + this.#read(slot, () => this.view.getUint32(slot, true));
  }

  /** What a field of a table points to. */
  table(table: number, field: number): number {
    const vtable = table - this.#read(table, () => this.view.getInt32(table, true));
    const size = this.#read(vtable, () => this.view.getUint16(vtable, true));
    const offset = field < size ? this.#read(vtable + field, () => this.view.getUint16(vtable + field, true)) : 0;
    if (offset === 0) throw damaged(`a table has no field ${field}`);
    return this.follow(table + offset);
  }

  /** Positions of the elements of a field's vector of offsets. */
  vector(table: number, field: number): number[] {
    const at = this.table(table, field);
    const length = this.#read(at, () => this.view.getUint32(at, true));
    if (at + 4 + length * 4 > this.view.byteLength) throw damaged('a list goes beyond the end');
    return Array.from({ length }, (_, index) => at + 4 + index * 4);
  }

  string(at: number): string {
    const length = this.#read(at, () => this.view.getUint32(at, true));
    if (at + 4 + length > this.view.byteLength) throw damaged('a name goes beyond the end');
    return Buffer.from(this.view.buffer, this.view.byteOffset + at + 4, length).toString('utf8');
  }

  #read(at: number, get: () => number): number {
    if (at < 0 || at + 4 > this.view.byteLength) throw damaged('an offset goes beyond the end');
    return get();
  }
}

/** Length, bytes, a zero, and padding to four bytes. */
function flatString(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  const whole = new Uint8Array(Math.ceil((4 + bytes.length + 1) / 4) * 4);
  new DataView(whole.buffer).setUint32(0, bytes.length, true);
  whole.set(bytes, 4);
  return whole;
}

function damaged(detail: string): ParleyError {
  return new ParleyError(`The model is not laid out as expected (${detail}); fetch it again.`, {
    code: 'models.damaged',
  });
}
