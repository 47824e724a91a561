/** Whether a topic name fits a topic filter (MQTT 4.7): what begins with `$` fits no filter that begins with a wildcard. */
export function topicMatches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  if (topic.startsWith('$') && /^[+#]/.test(filter)) {
    return false;
  }
  for (const [index, level] of wanted.entries()) {
    if (level === '#') {
      return true;
    }
    if (index >= levels.length || (level !== '+' && level !== levels[index])) {
      return false;
    }
  }
  return wanted.length === levels.length;
}

/** What is wrong with a topic name to publish to; undefined: nothing. */
export function topicProblem(topic: string): string | undefined {
  if (topic === '') {
    return 'A topic is missing.';
  }
  if (/[+#]/.test(topic)) {
    return 'A topic to publish to has no + and no #.';
  }
  return topic.includes('\0') ? 'A topic has no U+0000.' : undefined;
}
