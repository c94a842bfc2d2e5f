/** A point that wants a name beside it. */
export interface Label {
  readonly content: string;
  readonly x: number;
  readonly y: number;
}

/** A name with its place. */
export interface Placed extends Label {
  readonly anchor: "start" | "middle" | "end";
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const HEIGHT = 10;

/** Width of a text, rather more than less: fonts differ. */
export const textWidth = (content: string, size = 12): number => 0.6 * size * [...content].length;

/** Names beside their points, right, left, above or below; one that would touch another name or point is left out. */
export function placeLabels(
  labels: readonly Label[],
  points: readonly { readonly x: number; readonly y: number }[],
  { radius, left, right }: { readonly radius: number; readonly left: number; readonly right: number },
): Placed[] {
  const taken: Box[] = points.map(({ x, y }) => ({
    left: x - radius,
    right: x + radius,
    top: y - radius,
    bottom: y + radius,
  }));
  return labels.flatMap(({ content, x, y }) => {
    const reach = radius + 3,
      candidates: Placed[] = [
        { content, x: x + reach, y: y + 3, anchor: "start" },
        { content, x: x - reach, y: y + 3, anchor: "end" },
        { content, x, y: y - reach, anchor: "middle" },
        { content, x, y: y + reach + 7, anchor: "middle" },
      ];
    for (const candidate of candidates) {
      const box = boxOf(candidate);
      if (box.left < left || box.right > right || taken.some((other) => meet(box, other))) continue;
      taken.push(box);
      return [candidate];
    }
    return [];
  });
}

function boxOf({ content, x, y, anchor }: Placed): Box {
  const width = textWidth(content, HEIGHT);
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { left, right: left + width, top: y - HEIGHT + 1, bottom: y + 2 };
}

const meet = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
