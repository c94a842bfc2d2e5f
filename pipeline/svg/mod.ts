/** Drawing as SVG text: elements, scales, labels and the page of a file; benchmarks and reports draw with it. */
export { type Attributes, element, escape, text, title } from "./element.ts";
export { type Label, type Placed, placeLabels, textWidth } from "./labels.ts";
export { COLOURS, type Drawing, fileOf, HEAD, inline, MARGIN, page, STYLE } from "./page.ts";
export { linear, logarithmic, proportional, type Scale, tickTexts } from "./scale.ts";
