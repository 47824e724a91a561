/** The one file that names preact and htm. `html` makes what a component shows; whatever is put into it is text, never markup. */
import htm from 'htm';
import { type ComponentChildren, h, type VNode } from 'preact';

export { render } from 'preact';
export { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

/** What can stand in a template. */
export type Shown = ComponentChildren;

export const html = htm.bind(h) as (strings: TemplateStringsArray, ...values: readonly unknown[]) => VNode;
