/** What is asked of a page, inside the page: these functions see nothing of this file but themselves. */

/** A chart as it is shown. */
export interface Chart {
  readonly name: string;
  readonly description: string;
  readonly texts: number;
  /** Letters of its smallest text, in pixels of the screen's own measure. */
  readonly smallest: number;
  /** Texts that leave the chart, and pairs of texts that lie on each other. */
  readonly faults: readonly string[];
}

/** Every chart that is visible. */
export function chartsOf(): Chart[] {
  const shown = [...document.querySelectorAll<SVGSVGElement>("figure svg")].filter((svg) =>
    svg.getClientRects().length > 0
  );
  return shown.map((svg) => {
    const frame = svg.getBoundingClientRect(), scale = frame.width / svg.viewBox.baseVal.width;
    const texts = [...svg.querySelectorAll("text")].map((text) => ({
      content: text.textContent!,
      box: text.getBoundingClientRect(),
      size: parseFloat(getComputedStyle(text).fontSize) * scale,
    }));
    const outside = texts.filter(({ box }) =>
      box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 ||
      box.bottom > frame.bottom + 1
    );
    const overlaps = texts.flatMap((a, i) =>
      texts.slice(i + 1).filter((b) =>
        Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 1 &&
        Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 4
      ).map((b) => `"${a.content}" lies on "${b.content}"`)
    );
    return {
      name: svg.querySelector(":scope > title")!.textContent!,
      description: svg.querySelector(":scope > desc")!.textContent!,
      texts: texts.length,
      smallest: Math.min(...texts.map(({ size }) => size)),
      faults: [...outside.map(({ content }) => `"${content}" leaves the chart`), ...overlaps],
    };
  });
}

/** Contrast of texts and marks with what they stand on, the least of each (W3C, WCAG 2.2: 4.5 and 3 are asked for). */
export function contrasts(): { text: number; marks: number } {
  const parse = (colour: string) => colour.match(/[\d.]+/g)!.map(Number) as [number, number, number, number?];
  const luminance = (colour: string) => {
    const [r, g, b] = parse(colour).map((value) => value! / 255).map((value) =>
      value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    ) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element: Element | null): string => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if ((parse(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const contrast = (colour: string, element: Element) => {
    const [high, low] = [luminance(colour), luminance(ground(element))].sort((a, b) => b - a) as [
      number,
      number,
    ];
    return (high + 0.05) / (low + 0.05);
  };
  const least = (selector: string, colourOf: (style: CSSStyleDeclaration) => string) =>
    Math.min(
      ...[...document.querySelectorAll(selector)].map((element) =>
        contrast(colourOf(getComputedStyle(element)), element)
      ),
    );
  return {
    text: Math.min(
      least("p, h1, h2, h3, dt, dd, small, th, td, figcaption, summary, pre", ({ color }) => color),
      least("svg text", ({ fill }) => fill),
    ),
    marks: least("svg [class^=series-]", ({ color }) => color),
  };
}

/** How wide the page is, and how wide the window. */
export const widths = (): { page: number; window: number } => ({
  page: document.documentElement.scrollWidth,
  window: innerWidth,
});

/** Texts that came from outside, as the page shows them, and elements that it never writes. */
export const foreign = (): { title: string; prompt: string; samples: string[]; elements: number } => ({
  title: document.title,
  prompt: document.querySelector(".prompt")!.textContent!,
  samples: [...document.querySelectorAll(".text")].map((text) => text.textContent!),
  elements: document.querySelectorAll("script, img, link, iframe, a, body style").length,
});

/** Whether what is folded up on a screen is there on paper. */
export const unfolded = (): boolean => document.querySelector("pre")!.getBoundingClientRect().height > 100;
