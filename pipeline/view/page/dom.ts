/** Elements of the page, made by functions: text is always text. */

/** What may stand inside an element. */
export type Child = Node | string | number | undefined | false | readonly Child[];

/** Values of attributes; false and undefined leave them out, functions listen to the event of their name. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | undefined | ((event: never) => void)>
>;

/** An HTML element: `h("button", { class: "quiet", click: () => ... }, "Run")`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** Puts other children in place of those that are there. */
export function replace(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...nodes(children));
}

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value as (event: Event) => void);
    else if (value !== false && value !== undefined) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...nodes(children));
  return element;
}

function nodes(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child): (Node | string)[] => {
    if (child === undefined || child === false) return [];
    if (Array.isArray(child)) return nodes(child);
    return [typeof child === "number" ? String(child) : child as Node | string];
  });
}
