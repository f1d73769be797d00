import { describe, expect, it } from 'vitest';
import { rewireBranch } from './rewire.js';

type Node = string | readonly Node[] | { readonly [field: number]: Node };

/** A FlatBuffer of strings, vectors of offsets and tables (fields by position in the vtable), root first. */
function flatBuffer(root: Node): Uint8Array {
  const bytes: number[] = [0, 0, 0, 0];
  const u32 = (at: number, value: number): void => {
    for (let i = 0; i < 4; i++) bytes[at + i] = (value >> (8 * i)) & 0xff;
  };
  const space = (count: number): number => {
    while (bytes.length % 4 !== 0) bytes.push(0);
    const at = bytes.length;
    for (let i = 0; i < count; i++) bytes.push(0);
    return at;
  };
  const point = (slot: number, node: Node): void => u32(slot, put(node) - slot);
  const put = (node: Node): number => {
    if (typeof node === 'string') {
      const at = space(4 + node.length + 1);
      u32(at, node.length);
      for (let i = 0; i < node.length; i++) bytes[at + 4 + i] = node.charCodeAt(i);
      return at;
    }
    if (Array.isArray(node)) {
      const at = space(4 + 4 * node.length);
      u32(at, node.length);
      for (const [index, child] of node.entries()) point(at + 4 + 4 * index, child);
      return at;
    }
    const fields = Object.entries(node as { readonly [field: number]: Node });
    const vtableBytes = Math.max(4, ...fields.map(([field]) => Number(field) + 2));
    const vtable = space(vtableBytes);
    bytes[vtable] = vtableBytes;
    const table = space(4 + 4 * fields.length);
    u32(table, table - vtable);
    for (const [index, [field, child]] of fields.entries()) {
      bytes[vtable + Number(field)] = 4 + 4 * index;
      point(table + 4 + 4 * index, child);
    }
    return table;
  };
  point(0, root);
  return Uint8Array.from(bytes);
}

const branch = (name: string, outputs: readonly string[]): Node => ({ 4: name, 18: { 16: outputs } });
const model = (attributes: readonly Node[]): Uint8Array =>
  flatBuffer({
    6: {
      18: {
        8: [
          { 14: 'MatMul', 24: [] },
          { 14: 'If', 24: attributes },
        ],
      },
    },
  });
const before = [branch('else_branch', ['logits', 'present']), branch('then_branch', ['logits', 'present'])];

/** The names that a branch puts out, found by renaming each to itself. */
function hasOutput(bytes: Uint8Array, name: 'then_branch' | 'else_branch', output: string): boolean {
  try {
    rewireBranch(bytes, name, new Map([[output, output]]));
    return true;
  } catch {
    return false;
  }
}

describe('an output of a branch', () => {
  it('becomes another tensor, in that branch alone', () => {
    const rewired = rewireBranch(model(before), 'then_branch', new Map([['present', '/attention/weights']]));
    expect(hasOutput(rewired, 'then_branch', '/attention/weights')).toBe(true);
    expect(hasOutput(rewired, 'then_branch', 'present')).toBe(false);
    expect(hasOutput(rewired, 'then_branch', 'logits')).toBe(true);
    expect(hasOutput(rewired, 'else_branch', 'present')).toBe(true);
  });

  it('leaves the bytes it was given alone', () => {
    const given = model(before);
    const copy = given.slice();
    rewireBranch(given, 'then_branch', new Map([['present', 'x']]));
    expect(given).toEqual(copy);
  });

  it('must be there, as must the branch', () => {
    expect(() => rewireBranch(model(before), 'then_branch', new Map([['past', 'x']]))).toThrow(/no output past/);
    expect(() => rewireBranch(model([]), 'then_branch', new Map())).toThrow(/no then_branch/);
  });
});

it('a model that is cut off or is none gives a clear error', () => {
  const whole = model(before);
  for (let length = 0; length < whole.length; length += 7)
    expect(() => rewireBranch(whole.slice(0, length), 'then_branch', new Map([['present', 'x']]))).toThrow(
      expect.objectContaining({ code: 'models.damaged' }),
    );
  expect(() => rewireBranch(new Uint8Array(400).fill(0x7f), 'then_branch', new Map())).toThrow(/not laid out/);
});
