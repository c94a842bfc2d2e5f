/** Drawing as SVG text: elements, scales, labels and the page of a file; benchmarks and reports draw with it. */
export { type Attributes, element, escape, text, title } from "./element.ts";
export { type Label, type Placed, placeLabels } from "./labels.ts";
export { COLOURS, HEAD, MARGIN, page } from "./page.ts";
export { linear, logarithmic, type Scale } from "./scale.ts";
