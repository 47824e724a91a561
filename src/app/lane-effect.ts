/** What waits in a lane (lanes.ts), and what it counts. */
import type {
  Effect,
  LoadEffect,
  StoreEffect,
  UpstreamEffect,
  UpstreamPublish,
  UpstreamSubscribe,
  UpstreamUnsubscribe,
} from '../core/contract/effect.ts';

/** What an effect without a payload counts. */
const SMALL = 64;

/** What a lane performs. */
export type LaneEffect = Exclude<Effect, StoreEffect | LoadEffect>;

export function isForBroker(effect: LaneEffect): effect is UpstreamEffect {
  return 'connection' in effect;
}

/** A publish that is out for the first time, SUBSCRIBE or UNSUBSCRIBE: the broker, or the core, has so many of them out at a time. */
export function takesPlaceOfOthers(
  effect: UpstreamEffect,
): effect is UpstreamPublish | UpstreamSubscribe | UpstreamUnsubscribe {
  const { type } = effect;
  return (
    (type === 'upstream-publish' && effect.qos > 0 && !effect.dup) ||
    type === 'upstream-subscribe' ||
    type === 'upstream-unsubscribe'
  );
}

export function octetsOf(effect: LaneEffect): number {
  if (effect.type === 'send') {
    return SMALL + effect.frame.length;
  }
  if (effect.type === 'show-message') {
    return SMALL + effect.message.payload.length;
  }
  if (effect.type === 'upstream-connect' || effect.type === 'upstream-close') {
    return SMALL + (effect.will?.message.length ?? 0);
  }
  return effect.type === 'upstream-publish' ? SMALL + effect.payload.length + effect.topic.length : SMALL;
}
