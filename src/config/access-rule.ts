import type * as z from 'zod';
import type { AccessRule } from '../core/contract/access-settings.ts';
import type { accessRule } from './sections/access-section.ts';

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** A rule as it is written, with its defaults. */
export type WrittenRule = DeepReadonly<z.output<typeof accessRule>>;

/** A rule as the core has it. `fallback`: its name, where it has none. */
export function coreRule(written: WrittenRule, fallback: string): AccessRule {
  const { name = fallback, publish = [], subscribe = [], deny = [], rate, ...rest } = written;
  return {
    ...rest,
    name,
    publish,
    subscribe,
    deny,
    rate: rate && { messages: rate.messages, octets: rate.octets, burstSeconds: rate.burst / 1000 },
  };
}
