import { renderJson } from './render';
import type { AnyValue } from './schema';

const PATH_SEGMENTS_MAX = 16;

/** OpenInference repeats what a list holds in each element's name: `0.message.role` is said as `0.role`. */
const elementNames = new Set([
  'message',
  'message_content',
  'tool_call',
  'tool',
  'document',
  'embedding',
  'prompt',
  'completion',
]);

type Tree = Map<string, Tree | { value: AnyValue }>;

/**
 * The JSON of a flattened list, from pairs of path below its name (`0.message.role`) and value.
 * `refused` holds the positions that contradict an earlier one or go too deep: they stay attributes.
 */
export function nestList(pairs: readonly (readonly [path: string, value: AnyValue])[]): {
  text: string;
  refused: number[];
} {
  const root: Tree = new Map();
  const refused: number[] = [];
  pairs.forEach(([path, value], at) => {
    if (!plant(root, segmentsOf(path), value)) refused.push(at);
  });
  return { text: renderTree(root), refused };
}

function segmentsOf(path: string): string[] {
  const segments = path.split('.', PATH_SEGMENTS_MAX + 1);
  return segments.filter((segment, at) => {
    const isInside = at > 0 && at < segments.length - 1;
    return !(isInside && elementNames.has(segment) && isIndex(segments[at - 1] ?? ''));
  });
}

function plant(root: Tree, segments: string[], value: AnyValue): boolean {
  if (segments.length > PATH_SEGMENTS_MAX) return false;
  let tree = root;
  for (const segment of segments.slice(0, -1)) {
    const below = tree.get(segment);
    if (below !== undefined && !(below instanceof Map)) return false;
    if (below === undefined) {
      const grown: Tree = new Map();
      tree.set(segment, grown);
      tree = grown;
    } else tree = below;
  }
  const last = segments.at(-1) ?? '';
  if (tree.has(last)) return false;
  tree.set(last, { value });
  return true;
}

/** A list when its keys are exactly 0 to n-1, so that a sender's index never sizes anything. */
function renderTree(tree: Tree): string {
  const isList = [...tree.keys()].every((key) => isIndex(key) && Number(key) < tree.size);
  if (isList) {
    const elements = Array.from(tree.keys(), Number).sort((a, b) => a - b);
    return `[${elements.map((index) => renderNode(tree, String(index))).join(',')}]`;
  }
  return `{${Array.from(tree.keys(), (key) => `${JSON.stringify(key)}:${renderNode(tree, key)}`).join(',')}}`;
}

function renderNode(tree: Tree, key: string): string {
  const node = tree.get(key);
  if (node === undefined) return 'null';
  return node instanceof Map ? renderTree(node) : renderJson(node.value);
}

const isIndex = (segment: string) => /^(?:0|[1-9]\d{0,8})$/.test(segment);
