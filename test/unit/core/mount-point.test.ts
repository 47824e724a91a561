import { describe, expect, it } from '@jest/globals';
import {
  isTooLongMounted,
  mountedFilter,
  mountedTopic,
  mountPoint,
  unmountedTopic,
} from '../../../src/core/topics/mount-point.ts';

describe('the prefix of a client', () => {
  it.each([
    ['', 's1', ''],
    ['site/', 's1', 'site/'],
    ['site/%c/', 's1', 'site/s1/'],
    ['%c/%c/', 's1', 's1/s1/'],
    ['%c/', 'a/b+c#d', 'a%2Fb%2Bc%23d/'],
    ['%c/', 'a%2Fb', 'a%252Fb/'],
    ['site/%c/', undefined, 'site//'],
    ['%c/', '$share', '%24share/'],
    ['%c/', '$SYS', '%24SYS/'],
    ['%c/', '%24SYS', '%2524SYS/'],
    ['%c/%c/', '$a$', '%24a$/$a$/'],
    ['site/%c/', '$SYS', 'site/$SYS/'],
    ['$own/%c/', '$SYS', '$own/$SYS/'],
  ])('%j of %j is %j', (topicPrefix, clientId, mount) => {
    expect(mountPoint(topicPrefix, clientId)).toBe(mount);
  });
});

describe('names and filters with the prefix', () => {
  it.each([
    ['', 'a/b', 'a/b'],
    ['site/', 'a/b', 'site/a/b'],
    ['site/', '#', 'site/#'],
    ['site/', '$SYS/x', 'site/$SYS/x'],
    ['site/', '$share/group/a/+', '$share/group/site/a/+'],
    ['', '$share/group/a', '$share/group/a'],
  ])('%j and %j are %j', (mount, filter, mounted) => {
    expect(mountedFilter(mount, filter)).toBe(mounted);
  });

  it('come back without it', () => {
    expect(unmountedTopic('site/', mountedTopic('site/', 'a/b'))).toBe('a/b');
    expect(unmountedTopic('', 'a/b')).toBe('a/b');
  });

  it.each(['other/a', 'site', 'site/'])('%j is none below site/', (topic) => {
    expect(unmountedTopic('site/', topic)).toBeUndefined();
  });

  it('may be too long with it, in octets of UTF-8', () => {
    expect(isTooLongMounted('é/', 'x'.repeat(65_532))).toBe(false);
    expect(isTooLongMounted('é/', 'x'.repeat(65_533))).toBe(true);
    expect(isTooLongMounted('', 'x'.repeat(65_536))).toBe(false);
  });
});
