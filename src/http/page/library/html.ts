/**
 * The one file that names preact and htm. `html` makes what a component shows; whatever is put into it is text, never markup, and what nobody would see
 * of it is written out.
 */
import htm from 'htm';
import { type ComponentChildren, h, type VNode } from 'preact';
import { visibleText } from '../model/visible-text.ts';

export { render } from 'preact';
export { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

/** What can stand in a template. */
export type Shown = ComponentChildren;

const element = (type: Parameters<typeof h>[0], props: Parameters<typeof h>[1], ...children: ComponentChildren[]) =>
  h(type, props, ...children.map((child) => (typeof child === 'string' ? visibleText(child) : child)));

export const html = htm.bind(element) as (strings: TemplateStringsArray, ...values: readonly unknown[]) => VNode;
