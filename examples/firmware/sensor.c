/*
 * A sensor in plain C, over UDP sockets of POSIX: connects, registers a topic, publishes with QoS 1, sleeps, wakes, and shows what came.
 * All that a microcontroller needs of MQTT-SN v1.2 for that is below; in place of the sockets use those of your network stack.
 *
 *   cc -Wall -o sensor sensor.c && ./sensor 127.0.0.1 1884 sensor-1
 *
 * Ends with 0 where everything was acknowledged.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNACK = 0x05, REGISTER = 0x0a, REGACK = 0x0b, PUBLISH = 0x0c, PUBACK = 0x0d, SUBACK = 0x13, PINGRESP = 0x17, DISCONNECT = 0x18 };

/* T_retry is 10 to 15 s in the specification; on a local network less is enough. N_retry is 3 to 5. */
#define T_RETRY_SECONDS 2
#define N_RETRY 4

static int radio;
static uint8_t in[256];

/* One frame, or 0 where none came in time. Frames of up to 255 octets have their length in the first one. */
static int receive_frame(int seconds) {
  struct timeval wait = {seconds, 0};
  fd_set set;
  FD_ZERO(&set);
  FD_SET(radio, &set);
  if (select(radio + 1, &set, NULL, NULL, &wait) <= 0) return 0;
  ssize_t got = recv(radio, in, sizeof in, 0);
  return got >= 2 && in[0] == got ? (int)got : 0;
}

static void send_frame(const uint8_t *frame) { send(radio, frame, frame[0], 0); }

/* A message of the broker, or the topic id for it: each is acknowledged, or it comes again. */
static void take(void) {
  if (in[1] == REGISTER) {
    const uint8_t regack[] = {7, REGACK, in[2], in[3], in[4], in[5], 0};
    printf("topic id %d is %.*s\n", in[2] << 8 | in[3], in[0] - 6, (const char *)in + 6);
    send_frame(regack);
  } else if (in[1] == PUBLISH) {
    const uint8_t puback[] = {7, PUBACK, in[3], in[4], in[5], in[6], 0};
    printf("message on topic id %d: %.*s\n", in[3] << 8 | in[4], in[0] - 7, (const char *)in + 7);
    if ((in[2] >> 5 & 3) == 1) send_frame(puback); /* QoS 1 */
  }
}

/* Sends a frame until the answer of this type is there; what comes in between is taken. 0: none. */
static int exchange(uint8_t *frame, int type, int flags_at) {
  for (int tries = 0; tries <= N_RETRY; tries++) {
    send_frame(frame);
    while (receive_frame(T_RETRY_SECONDS)) {
      if (in[1] == type) return 1;
      take();
    }
    if (flags_at > 0) frame[flags_at] |= 0x80; /* DUP */
  }
  return 0;
}

/* Puts a text behind the head of a frame and sets its length. */
static uint8_t *with_text(uint8_t *frame, int head, const char *text) {
  memcpy(frame + head, text, strlen(text));
  frame[0] = (uint8_t)(head + strlen(text));
  return frame;
}

int main(int count, char **words) {
  if (count != 4) return fprintf(stderr, "sensor HOST PORT CLIENT-ID\n"), 2;
  const char *id = words[3];
  struct sockaddr_in gateway = {.sin_family = AF_INET};
  int port = 0;
  if (strlen(id) > 23 || sscanf(words[2], "%d", &port) != 1 || inet_pton(AF_INET, words[1], &gateway.sin_addr) != 1) return 2;
  gateway.sin_port = htons((uint16_t)port);
  radio = socket(AF_INET, SOCK_DGRAM, 0);
  if (connect(radio, (struct sockaddr *)&gateway, sizeof gateway) != 0) return perror("connect"), 2;

  uint8_t frame[256];
  /* CleanSession 0 (the session stays), ProtocolId 1, keep-alive 60 s. */
  memcpy(frame, (uint8_t[]){0, 0x04, 0x00, 0x01, 0, 60}, 6);
  if (!exchange(with_text(frame, 6, id), CONNACK, 0) || in[2] != 0) return puts("not connected"), 1;

  memcpy(frame, (uint8_t[]){0, 0x12, 0x20, 0, 1}, 5); /* SUBSCRIBE, QoS 1, MsgId 1 */
  char topic[64];
  snprintf(topic, sizeof topic, "cmd/%s", id);
  if (!exchange(with_text(frame, 5, topic), SUBACK, 0) || in[7] != 0) return puts("not subscribed"), 1;

  memcpy(frame, (uint8_t[]){0, REGISTER, 0, 0, 0, 2}, 6); /* MsgId 2 */
  snprintf(topic, sizeof topic, "sensors/%s/temperature", id);
  if (!exchange(with_text(frame, 6, topic), REGACK, 0) || in[6] != 0) return puts("no topic id"), 1;
  uint8_t high = in[2], low = in[3];

  memcpy(frame, (uint8_t[]){0, PUBLISH, 0x20, high, low, 0, 3}, 7); /* QoS 1, MsgId 3 */
  if (!exchange(with_text(frame, 7, "21.5"), PUBACK, 2) || in[6] != 0) return puts("not published"), 1;
  puts("published");

  uint8_t sleep_for[] = {4, DISCONNECT, 0, 60};
  if (!exchange(sleep_for, DISCONNECT, 0)) return puts("may not sleep"), 1;
  puts("asleep");
  fflush(stdout);
  sleep(1); /* a real one switches its radio off, for most of the 60 s */

  memcpy(frame, (uint8_t[]){0, 0x16}, 2); /* PINGREQ with the client id: awake until PINGRESP */
  if (!exchange(with_text(frame, 2, id), PINGRESP, 0)) return puts("no PINGRESP"), 1;
  puts("awake, and that was all");
  uint8_t goodbye[] = {2, DISCONNECT};
  return exchange(goodbye, DISCONNECT, 0) ? 0 : 1;
}
