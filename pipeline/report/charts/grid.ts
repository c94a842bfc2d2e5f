import { element } from "../../svg/mod.ts";

const GUTTER = 32, GAP = 8;

/** Panels drawn in columns of one width, each row as high as its highest panel. */
export function gridOf<Panel>(
  width: number,
  columns: number,
  panels: readonly Panel[],
  draw: (panel: Panel, width: number) => { readonly height: number; readonly content: string },
): { height: number; parts: string[] } {
  const column = (width - GUTTER * (columns - 1)) / columns,
    drawn = panels.map((panel) => draw(panel, column));
  let y = 0;
  const parts = drawn.map(({ content }, i) => {
    const place = i % columns, top = y;
    if (place === columns - 1) {
      y += GAP + Math.max(...drawn.slice(i - place, i + 1).map(({ height }) => height));
    }
    return element(
      "g",
      { transform: `translate(${(place * (column + GUTTER)).toFixed(1)} ${top})` },
      content,
    );
  });
  const last = drawn.slice(drawn.length - drawn.length % columns).map(({ height }) => height);
  return { height: Math.max(y, ...last.map((height) => y + height)), parts };
}

/** Columns that a width has room for where a panel needs so much. */
export const columnsIn = (width: number, panel: number): number =>
  Math.max(1, Math.floor((width + GUTTER) / (panel + GUTTER)));
